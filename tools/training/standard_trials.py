"""Artist-grouped cross-validation of the standard head's candidates, all on the same folds."""

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from genre_app.genres import GENRES
from tools.training import recipes as tag_recipes
from tools.training.gtzan import TagClips, artist_folds
from tools.training.standard_data import StandardClips
from tools.training.standard_recipes import N_TAGS, Networks, StandardRecipe, train

RELEASED: Final = "released head's recipe, refitted"
SUM: Final = "sum of tags' and embedding's scores"

Logits = NDArray[np.float64]


def run_trials(
    candidates: Mapping[str, StandardRecipe],
    data: StandardClips,
    released: TagClips,
    networks: Networks,
    seeds: Sequence[int],
) -> tuple[dict[str, Logits], Logits]:
    """Score every clip with models that were trained on no clip of its artist.

    Parameters
    ----------
    candidates : mapping of str to StandardRecipe
    data : StandardClips
    released : TagClips
        What the released head was trained on, refitted in each fold without the held-out artists.
    networks : Networks
    seeds : sequence of int
        One split into folds for each.

    Returns
    -------
    logits : dict of str to ndarray, shape (n_seeds, n_audio, 10)
        Of the clips with audio, for each candidate, for `RELEASED` and `SUM`.
    limited : ndarray, shape (n_seeds, n_audio, 10)
        The last candidate's, for the clips as they might be at 8 kHz.
    """
    n = len(data.clips)
    shape = (len(seeds), n, len(GENRES))
    logits = {name: np.zeros(shape) for name in (RELEASED, *candidates)}
    limited = np.zeros(shape)
    for repeat, seed in enumerate(tqdm(seeds, desc="splits", disable=None)):
        for held_out in artist_folds(data.genre, data.group, seed=seed):
            train_on = np.setdiff1d(np.arange(n), held_out)
            embedding = data.complete(train_on)
            features = np.hstack([data.tags, embedding])[held_out]
            logits[RELEASED][repeat, held_out] = _released(data, released, held_out)
            for name, recipe in candidates.items():
                model = train(recipe, data, embedding, train_on, networks)
                logits[name][repeat, held_out] = model.logits(features)
            limited[repeat, held_out] = model.logits(_limited(features, networks, seed))
    audio = data.has_audio
    found = {name: one[:, audio] for name, one in logits.items()}
    if {"tags", "embedding"} <= set(found):
        found[SUM] = found["tags"] + found["embedding"]
    return found, limited[:, audio]


def _released(data: StandardClips, released: TagClips, held_out: NDArray[np.int64]) -> Logits:
    """Refit the released head's recipe on unlevelled tags, and score levelled ones, as the app did."""
    names = {data.clips[index] for index in held_out}
    seen = np.flatnonzero([clip not in names for clip in released.clips])
    return tag_recipes.train(tag_recipes.CANDIDATES["prior 2"], released, seen).logits(data.tags[held_out])


def _limited(features: Logits, networks: Networks, seed: int) -> Logits:
    """Return tags and embeddings as they might be at 8 kHz; the residuals are other ones than in training."""
    random = np.random.default_rng([1, seed])
    seen = np.hstack([features[:, :N_TAGS], features[:, N_TAGS:] @ networks.genre_rows])
    change = networks.band_limit.apply(seen, random) - seen
    limited: Logits = features + np.hstack(
        [change[:, :N_TAGS], change[:, N_TAGS:] @ np.linalg.pinv(networks.genre_rows)]
    )
    return limited

"""The recipes for the standard head that are compared, and how one is trained."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from genre_app.genres import GENRES
from tools.training.band_limit import BandLimit
from tools.training.class_prior import class_weights
from tools.training.regression import LinearModel, fit_regression
from tools.training.standard_data import StandardClips
from tools.training.tag_prior import prior_weights

N_TAGS: Final = 50
#: Copies of the clips at 8 kHz, each with other residuals.
_LIMITED_COPIES: Final = 2
#: An artist with k clips weighs as much as sqrt(k) clips.
_ARTIST_POWER: Final = 0.5
_LEAST_DEVIATION: Final = 0.02

Matrix = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class StandardRecipe:
    """How to train the linear head on tags and embedding.

    Attributes
    ----------
    tags : bool
        Whether it reads the tags.
    embedding : {"genres", "whole", "none"}
        What it reads of the embedding: its projections on YAMNet's rows for AudioSet's genres of music (relative to
        their mean), all of it, or nothing.
    tag_penalty, embedding_penalty : float
        Pull of the weights, on standardised features, towards the prior.
    tag_prior, embedding_prior : float
        Factors on what the names say; 0 is none.
    audio_only : bool
        Whether clips are left out of which only a spectrogram and unlevelled tags are to be had.
    limited_share : float
        Weight of the clips as they would be at 8 kHz.
    """

    tags: bool = True
    embedding: str = "genres"
    tag_penalty: float = 0.05
    embedding_penalty: float = 0.2
    tag_prior: float = 2.5
    embedding_prior: float = 1.0
    audio_only: bool = False
    limited_share: float = 0.0


CHOSEN: Final = "both, 8 kHz too"
CANDIDATES: Final[Mapping[str, StandardRecipe]] = {
    "tags, clips with audio": StandardRecipe(embedding="none", audio_only=True),
    "tags": StandardRecipe(embedding="none"),
    "embedding, clips with audio": StandardRecipe(tags=False, audio_only=True),
    "embedding": StandardRecipe(tags=False),
    "both, clips with audio": StandardRecipe(audio_only=True),
    "both, no prior": StandardRecipe(tag_prior=0.0, embedding_prior=0.0),
    "both, half the penalties": StandardRecipe(tag_penalty=0.025, embedding_penalty=0.1),
    "both, twice the penalties": StandardRecipe(tag_penalty=0.1, embedding_penalty=0.4),
    "both, whole embedding": StandardRecipe(embedding="whole", tag_penalty=0.1, embedding_penalty=0.3),
    "both": StandardRecipe(),
    CHOSEN: StandardRecipe(limited_share=0.15),
}


@dataclass(frozen=True, slots=True)
class Networks:
    """What training needs to know of the networks.

    Attributes
    ----------
    genre_rows : ndarray, shape (1024, n_genre_classes)
        YAMNet's last layer, for AudioSet's genres.
    band_limit : BandLimit
    """

    genre_rows: Matrix
    band_limit: BandLimit


def train(
    recipe: StandardRecipe, data: StandardClips, embedding: Matrix, train_on: NDArray[np.int64], networks: Networks
) -> LinearModel:
    """Train on some of the clips.

    Parameters
    ----------
    recipe : StandardRecipe
    data : StandardClips
    embedding : ndarray, shape (n, 1024)
        Of all clips (`StandardClips.complete`).
    train_on : ndarray
        Indices of the clips to train on.
    networks : Networks

    Returns
    -------
    LinearModel
        Takes tag logits and embedding side by side, shape (n, 1074).
    """
    used = train_on[data.has_audio[train_on]] if recipe.audio_only else train_on
    projection = _projection(recipe, networks)
    features = np.hstack([data.tags, embedding])[used] @ projection
    mean = features.mean(axis=0)
    penalty, centre = _penalties(recipe, projection, networks, features)
    scale = (features.std(axis=0) + (_LEAST_DEVIATION if recipe.embedding == "whole" else 0.0)) * np.sqrt(
        penalty / recipe.tag_penalty
    )
    classes, weight = data.genre[used], weigh(data, used)
    if recipe.limited_share:
        features, classes, weight = _with_limited(recipe, data, embedding, used, networks)
        features = features @ projection
    model = fit_regression(
        (features - mean) / scale,
        classes,
        weight,
        penalty=recipe.tag_penalty,
        centre=centre * np.sqrt(penalty / recipe.tag_penalty)[:, None],
    ).on_raw_features(mean, scale)
    return LinearModel(projection @ model.weights, model.bias)


def weigh(data: StandardClips, used: NDArray[np.int64]) -> Matrix:
    """Return the weights of clips: every genre weighs the same, an artist by the root of the number of clips."""
    of_artist = np.bincount(data.group[used], minlength=int(data.group.max()) + 1)
    weight = of_artist[data.group[used]] ** (_ARTIST_POWER - 1.0)
    of_genre = np.bincount(data.genre[used], weights=weight, minlength=len(GENRES))
    balanced = weight / of_genre[data.genre[used]]
    shares: Matrix = balanced / balanced.sum()
    return shares


def _projection(recipe: StandardRecipe, networks: Networks) -> Matrix:
    """Return the matrix from tags and embedding to what the recipe reads of them."""
    rows = networks.genre_rows
    blocks = []
    if recipe.tags:
        blocks.append(np.eye(N_TAGS + len(rows))[:, :N_TAGS])
    if recipe.embedding == "genres":
        relative = rows - rows.mean(axis=1, keepdims=True)
        blocks.append(np.vstack([np.zeros((N_TAGS, rows.shape[1])), relative]))
    elif recipe.embedding == "whole":
        blocks.append(np.eye(N_TAGS + len(rows))[:, N_TAGS:])
    return np.hstack(blocks)


def _penalties(
    recipe: StandardRecipe, projection: Matrix, networks: Networks, features: Matrix
) -> tuple[Matrix, Matrix]:
    """Return the penalty of each feature, and where the weights of standardised features are pulled to."""
    n_tags = N_TAGS if recipe.tags else 0
    n_rest = projection.shape[1] - n_tags
    penalty = np.r_[np.full(n_tags, recipe.tag_penalty), np.full(n_rest, recipe.embedding_penalty)]
    centre = np.zeros((n_tags + n_rest, len(GENRES)))
    if recipe.tags:
        centre[:n_tags] = recipe.tag_prior * prior_weights()
    if recipe.embedding == "genres":
        centre[n_tags:] = recipe.embedding_prior * class_weights()
    elif recipe.embedding == "whole":
        rows = (networks.genre_rows - networks.genre_rows.mean(axis=1, keepdims=True)) @ class_weights()
        deviation = features[:, n_tags:].std(axis=0) + _LEAST_DEVIATION
        spread = (features[:, n_tags:] @ rows).std(axis=0)
        centre[n_tags:] = recipe.embedding_prior * rows * deviation[:, None] / spread
    return penalty, centre


def _with_limited(
    recipe: StandardRecipe, data: StandardClips, embedding: Matrix, used: NDArray[np.int64], networks: Networks
) -> tuple[Matrix, NDArray[np.int64], Matrix]:
    """Return tags and embedding of the clips and of their copies at 8 kHz, with classes and weights."""
    random = np.random.default_rng(0)
    rows = networks.genre_rows
    back = np.linalg.pinv(rows)  # the change of the genre logits, as a change of the embedding
    clips = np.hstack([data.tags, embedding])[used]
    seen = np.hstack([clips[:, :N_TAGS], clips[:, N_TAGS:] @ rows])
    weight = weigh(data, used)
    features, weights = [clips], [weight * (1.0 - recipe.limited_share)]
    for _ in range(_LIMITED_COPIES):
        change = networks.band_limit.apply(seen, random) - seen
        features.append(clips + np.hstack([change[:, :N_TAGS], change[:, N_TAGS:] @ back]))
        weights.append(weight * recipe.limited_share / _LIMITED_COPIES)
    return np.vstack(features), np.tile(data.genre[used], 1 + _LIMITED_COPIES), np.concatenate(weights)

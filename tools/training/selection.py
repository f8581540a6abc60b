"""Nested cross-validation: the accuracy of the whole procedure, including the choice of the recipe."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from tools.training.evaluation import Fold, held_out_logits, hits
from tools.training.gtzan import TagClips, artist_folds
from tools.training.recipes import Recipe, train

_INNER_FOLDS = 4


def nested_hits(
    candidates: Mapping[str, Recipe], data: TagClips, *, seed: int
) -> tuple[NDArray[np.float64], list[str]]:
    """Evaluate on each fold the candidate that wins a cross-validation inside the other folds.

    Returns
    -------
    hits : ndarray, shape (n,)
        1 where a clip is right.
    picked : list of str
        Name of the candidate for each fold.
    """
    everyone = np.arange(len(data.clips))
    folds, picked = [], []
    for held_out in artist_folds(data.genre, data.group, seed=seed):
        clips = np.setdiff1d(everyone, held_out)
        accuracies = {name: _inner_accuracy(recipe, data, clips, seed) for name, recipe in candidates.items()}
        best = max(accuracies, key=accuracies.__getitem__)
        picked.append(best)
        folds.append(Fold(held_out, train(candidates[best], data, clips)))
    return hits(held_out_logits(folds, data), data), picked


def _inner_accuracy(recipe: Recipe, data: TagClips, clips: NDArray[np.int64], seed: int) -> float:
    """Return a recipe's accuracy in artist-grouped cross-validation on the given clips."""
    n_right = 0
    for inner in artist_folds(data.genre[clips], data.group[clips], seed=seed, n_folds=_INNER_FOLDS):
        model = train(recipe, data, np.delete(clips, inner))
        means = data.mean_by_clip(model.logits(data.tag_logits))[clips[inner]]
        n_right += int((means.argmax(axis=1) == data.genre[clips[inner]]).sum())
    return n_right / len(clips)

"""Artist-grouped cross-validation of recipes: no clip is scored by a model trained on its artist."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tools.training.gtzan import TagClips, artist_folds
from tools.training.recipes import Recipe, train
from tools.training.regression import LinearModel


@dataclass(frozen=True, slots=True)
class Fold:
    """A model and its held-out clips.

    Attributes
    ----------
    held_out : ndarray
        Indices of clips.
    model : LinearModel
        Trained on all other clips.
    """

    held_out: NDArray[np.int64]
    model: LinearModel


@dataclass(frozen=True, slots=True)
class Trial:
    """A recipe under repeated cross-validation.

    Attributes
    ----------
    recipe : Recipe
    folds : list of list of Fold
        Folds of each repeat.
    logits : ndarray, shape (n_repeats, n_patches, 10)
        Held-out logits.
    hits : ndarray, shape (n_repeats, n)
        1 if a clip's mean logits give the right genre, else 0.
    """

    recipe: Recipe
    folds: list[list[Fold]]
    logits: NDArray[np.float64]
    hits: NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Difference:
    """Mean difference between two recipes' accuracies on the same clips and folds.

    Attributes
    ----------
    mean : float
        As a share: 0.01 is one percentage point.
    error_over_repeats : float
        Standard error over repeats with different folds: the effect of the choice of folds.
    error_over_artists : float
        Standard error over artists: the effect of the choice of recordings.
    """

    mean: float
    error_over_repeats: float
    error_over_artists: float


def run_trial(recipe: Recipe, data: TagClips, seeds: Sequence[int]) -> Trial:
    """Cross-validate a recipe on an artist-grouped split for each seed."""
    folds = [cross_validate(recipe, data, seed=seed) for seed in seeds]
    logits = np.stack([held_out_logits(repeat, data) for repeat in folds])
    return Trial(recipe, folds, logits, np.stack([hits(repeat, data) for repeat in logits]))


def cross_validate(recipe: Recipe, data: TagClips, *, seed: int) -> list[Fold]:
    """Train a model for each fold of an artist-grouped split."""
    everyone = np.arange(len(data.clips))
    return [
        Fold(held_out, train(recipe, data, np.setdiff1d(everyone, held_out)))
        for held_out in artist_folds(data.genre, data.group, seed=seed)
    ]


def held_out_logits(
    folds: Sequence[Fold], data: TagClips, *, noise: NDArray[np.float64] | None = None
) -> NDArray[np.float64]:
    """Score every patch with the model whose fold holds it out.

    Parameters
    ----------
    folds : sequence of Fold
        Together they hold out each clip once.
    data : TagClips
    noise : ndarray, shape (n_patches, 50), optional
        Added to the tag logits.

    Returns
    -------
    ndarray, shape (n_patches, 10)
    """
    tag_logits = data.tag_logits if noise is None else data.tag_logits + noise
    logits = np.full((len(tag_logits), folds[0].model.bias.size), np.nan)
    for fold in folds:
        patches = np.isin(data.clip_of_patch, fold.held_out)
        logits[patches] = fold.model.logits(tag_logits[patches])
    return logits


def window_logits(
    logits: NDArray[np.float64], data: TagClips, *, window_s: float = math.inf, hop_s: int = 3
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Average the patches inside each window; windows do not overlap.

    Parameters
    ----------
    logits : ndarray, shape (n_patches, 10)
    data : TagClips
    window_s : float
        Length of a window; infinite for the whole clip.
    hop_s : int
        Distance between the patches used.

    Returns
    -------
    clip : ndarray, shape (n_windows,)
        Index of each window's clip.
    mean : ndarray, shape (n_windows, 10)
    """
    position = data.patch_position
    patch_s = 3
    inside = (position % hop_s == 0) & (position % window_s + patch_s <= window_s)
    number = np.zeros_like(position) if math.isinf(window_s) else (position // window_s).astype(np.int64)
    key = data.clip_of_patch[inside] * 1000 + number[inside]
    keys, window = np.unique(key, return_inverse=True)
    total = np.zeros((len(keys), logits.shape[1]))
    np.add.at(total, window, logits[inside])
    return keys // 1000, total / np.bincount(window)[:, None]


def hits(logits: NDArray[np.float64], data: TagClips) -> NDArray[np.float64]:
    """Return 1 for each clip whose mean logits give the right genre, else 0; shape (n,)."""
    right: NDArray[np.float64] = data.mean_by_clip(logits).argmax(axis=1) == data.genre
    return right.astype(np.float64)


def compare(ours: NDArray[np.float64], theirs: NDArray[np.float64], group: NDArray[np.int64]) -> Difference:
    """Compare two recipes' hits.

    Parameters
    ----------
    ours, theirs : ndarray, shape (n_repeats, n)
        1 where a clip is right.
    group : ndarray, shape (n,)
        Artists of the clips.
    """
    by_repeat = (ours - theirs).mean(axis=1)
    by_clip = (ours - theirs).mean(axis=0)
    mean = float(by_clip.mean())
    by_artist = np.bincount(group, weights=by_clip - mean)
    return Difference(mean, standard_error(by_repeat), float(np.sqrt((by_artist**2).sum()) / len(group)))


def standard_error(values: NDArray[np.float64]) -> float:
    """Return the standard error of the mean; 0 for a single value."""
    return float(values.std(ddof=1) / math.sqrt(len(values))) if len(values) > 1 else 0.0

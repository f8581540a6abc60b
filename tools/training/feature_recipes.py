"""Recipes for the feature model, and training by a recipe."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from genre_app.genres import GENRES
from genre_app.models.features.linear_model import USED_NAMES, FeatureModel, level_invariant
from genre_app.results.model_info import DecisionRule
from tools.training.feature_table import FeatureClips
from tools.training.gtzan import artist_folds
from tools.training.regression import fit_regression


@dataclass(frozen=True, slots=True)
class FeatureRecipe:
    """Hyperparameters of a linear model on level-invariant features.

    Attributes
    ----------
    penalty : float
        L2 penalty of the weights, relative to the mean cross-entropy.
    artist_power : float
        An artist with k clips has the weight ``k ** artist_power``; 1 gives clips equal weights.
    with_separation : bool
        Whether to use the shares of harmonic and percussive sound, which take most of the time to compute.
    """

    penalty: float
    artist_power: float = 1.0
    with_separation: bool = True


_PENALTIES: Final = (0.003, 0.01, 0.03, 0.1)
CANDIDATES: Final[Mapping[str, FeatureRecipe]] = {
    **{f"penalty {penalty}": FeatureRecipe(penalty) for penalty in _PENALTIES},
    **{f"penalty {penalty}, artists evened": FeatureRecipe(penalty, artist_power=0.5) for penalty in _PENALTIES},
    "penalty 0.01, without separation": FeatureRecipe(0.01, with_separation=False),
}

_SEPARATION: Final = frozenset({"harmony_var", "perceptr_var"})


def train(recipe: FeatureRecipe, data: FeatureClips, clips: NDArray[np.int64]) -> FeatureModel:
    """Train on the given clips with equal weights for all genres; the temperature is 1.

    Parameters
    ----------
    recipe : FeatureRecipe
    data : FeatureClips
    clips : ndarray
        Indices of the clips to train on.
    """
    features = level_invariant(data.features[clips])
    mean, scale = features.mean(axis=0), features.std(axis=0)
    used = np.array([recipe.with_separation or name not in _SEPARATION for name in USED_NAMES])
    fitted = fit_regression(
        (features - mean)[:, used] / scale[used],
        data.genre[clips],
        _clip_weights(recipe, data, clips),
        penalty=recipe.penalty,
        centre=np.zeros((int(used.sum()), len(GENRES))),
    )
    weights = np.zeros((len(USED_NAMES), len(GENRES)))
    weights[used] = fitted.weights
    return FeatureModel(weights, fitted.bias, mean, scale, GENRES, DecisionRule())


def _clip_weights(recipe: FeatureRecipe, data: FeatureClips, clips: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return the weights of the given clips; shape (len(clips),)."""
    group, genre = data.group[clips], data.genre[clips]
    weight = np.bincount(group)[group] ** (recipe.artist_power - 1.0)
    total = np.bincount(genre, weights=weight, minlength=len(GENRES))
    evened: NDArray[np.float64] = weight / total[genre]
    return evened


def held_out_logits(recipe: FeatureRecipe, data: FeatureClips, seeds: Sequence[int]) -> NDArray[np.float64]:
    """Score every clip with a model that was not trained on its artist.

    Parameters
    ----------
    recipe : FeatureRecipe
    data : FeatureClips
    seeds : sequence of int
        Each gives an artist-grouped split into five folds.

    Returns
    -------
    ndarray, shape (len(seeds), n, 10)
    """
    logits = np.zeros((len(seeds), len(data.clips), len(GENRES)))
    everyone = np.arange(len(data.clips))
    for repeat, seed in enumerate(seeds):
        for held_out in artist_folds(data.genre, data.group, seed=seed):
            model = train(recipe, data, np.setdiff1d(everyone, held_out))
            logits[repeat, held_out] = model.logits(data.features[held_out])
    return logits

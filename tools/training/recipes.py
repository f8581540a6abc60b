"""Recipes for the head, and training by a recipe."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from tools.training.gtzan import TagClips
from tools.training.regression import LinearModel, fit_regression
from tools.training.tag_prior import prior_weights


@dataclass(frozen=True, slots=True)
class Recipe:
    """Hyperparameters of a linear head on patches.

    Attributes
    ----------
    penalty : float
        L2 penalty of the weights' distance from the prior, relative to the mean cross-entropy (0.01 on 10,000 patches
        is C = 0.01).
    standardised : bool
        Whether tag logits are divided by their standard deviation over the training patches.
    balanced : bool
        Whether genres have equal weights.
    artist_power : float
        An artist with k clips has the weight ``k ** artist_power``; 1 gives clips equal weights.
    prior : float
        Factor on the prior weights (`tools.training.tag_prior`); 0 for none.
    patch_step : int
        Train on every ``patch_step``-th patch; at 3 they do not overlap.
    """

    penalty: float
    standardised: bool = True
    balanced: bool = True
    artist_power: float = 1.0
    prior: float = 0.0
    patch_step: int = 1


#: Logistic regression on unscaled tag logits, per patch, C = 0.01; from a first, quick trial.
BASELINE: Final = "baseline"

CANDIDATES: Final[Mapping[str, Recipe]] = {
    BASELINE: Recipe(penalty=0.01, standardised=False, balanced=False),
    "balanced": Recipe(penalty=0.01, patch_step=3),
    "prior 1": Recipe(penalty=0.03, artist_power=0.5, prior=1.0, patch_step=3),
    "prior 2": Recipe(penalty=0.03, artist_power=0.5, prior=2.0, patch_step=3),
}


def train(recipe: Recipe, data: TagClips, clips: NDArray[np.int64]) -> LinearModel:
    """Train on the given clips.

    Parameters
    ----------
    recipe : Recipe
    data : TagClips
    clips : ndarray
        Indices of the clips to train on.

    Returns
    -------
    LinearModel
        A model on unscaled tag logits of shape (n, 50).
    """
    used = np.isin(data.clip_of_patch, clips) & (data.patch_position % recipe.patch_step == 0)
    features = data.tag_logits[used]
    mean = features.mean(axis=0)
    scale = features.std(axis=0) if recipe.standardised else np.ones_like(mean)
    clip_weight = weigh_clips(recipe, data, clips)
    patch_clip = data.clip_of_patch[used]
    patches_of_clip = np.bincount(patch_clip, minlength=len(data.clips))
    model = fit_regression(
        (features - mean) / scale,
        data.genre[patch_clip],
        clip_weight[patch_clip] / patches_of_clip[patch_clip],
        penalty=recipe.penalty,
        centre=recipe.prior * prior_weights(),
    )
    return model.on_raw_features(mean, scale)


def weigh_clips(recipe: Recipe, data: TagClips, clips: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return the weight of every clip, 0 for clips not trained on; shape (n,)."""
    weight = np.zeros(len(data.clips))
    clips_of_artist = np.bincount(data.group[clips], minlength=int(data.group.max()) + 1)
    weight[clips] = clips_of_artist[data.group[clips]] ** (recipe.artist_power - 1.0)
    if recipe.balanced:
        total = np.bincount(data.genre, weights=weight)
        weight[clips] /= total[data.genre[clips]]
    return weight

"""What a telephone's bandwidth does to the features, so that training clips can be made to sound like that.

``band_limit.npz`` holds features of excerpts of freely licensed game music, as it is and resampled to 8 kHz and back;
it was made by `tools.training.measure_band_limit`, which names the sources. No test recording is among them.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

FILE: Final = Path(__file__).with_name("band_limit.npz")
#: Strength of the ridge regression on standardised features; 0.03 to 1 explain the same share.
_RIDGE: Final = 0.1

Matrix = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class BandLimit:
    """A linear map from features to those of the same music at 8 kHz, and what it leaves unexplained.

    Attributes
    ----------
    weights : ndarray, shape (n_features, n_features)
    shift : ndarray, shape (n_features,)
        ``limited = features + features @ weights + shift``.
    residual : ndarray, shape (n_excerpts, n_features)
    """

    weights: Matrix
    shift: Matrix
    residual: Matrix

    def apply(self, features: Matrix, random: np.random.Generator) -> Matrix:
        """Return features of shape (n, n_features) as they might be at 8 kHz, each with a residual drawn at random."""
        drawn = self.residual[random.integers(0, len(self.residual), len(features))]
        limited: Matrix = features + features @ self.weights + self.shift + drawn
        return limited


def fit_band_limit(full: Matrix, limited: Matrix) -> BandLimit:
    """Learn the map from pairs of excerpts; shapes (n_excerpts, n_features)."""
    mean, scale = full.mean(axis=0), full.std(axis=0)
    features = (full - mean) / scale
    change = limited - full
    covariance = features.T @ features / len(features)
    slope = np.linalg.solve(covariance + _RIDGE * np.eye(len(covariance)), features.T @ change / len(features))
    weights = slope / scale[:, None]
    shift = change.mean(axis=0) - mean @ weights
    return BandLimit(weights, shift, change - full @ weights - shift)


def read_band_limit(path: Path = FILE) -> BandLimit:
    """Read the excerpts and learn the map: features are 50 tag logits and the logits of AudioSet's genres."""
    with np.load(path, allow_pickle=False) as stored:
        return fit_band_limit(stored["full"].astype(np.float64), stored["limited"].astype(np.float64))

"""Temperature scaling."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar

from genre_app.evaluate.metrics import negative_log_likelihood
from genre_app.results.moments import softmax

_BOUNDS = (-3.0, 3.0)  # of the logarithm of the temperature


def fit_temperature(logits: NDArray[np.float64], truth: NDArray[np.int64]) -> float:
    """Return the temperature that maximises the likelihood of the truth under ``softmax(logits / temperature)``.

    Parameters
    ----------
    logits : ndarray, shape (n, n_classes)
        Logits of held-out clips.
    truth : ndarray, shape (n,)
    """

    def loss(log_temperature: float) -> float:
        return negative_log_likelihood(softmax(logits / np.exp(log_temperature)), truth)

    return float(np.exp(minimize_scalar(loss, bounds=_BOUNDS, method="bounded").x))


def cross_fitted_temperatures(
    logits: NDArray[np.float64], truth: NDArray[np.int64], folds: Sequence[NDArray[np.int64]]
) -> NDArray[np.float64]:
    """Return a temperature for each clip, fitted on the other folds; shape (n,).

    Parameters
    ----------
    logits : ndarray, shape (n, n_classes)
    truth : ndarray, shape (n,)
    folds : sequence of ndarray
        Indices of the clips of each fold.
    """
    temperatures = np.ones(len(truth))
    for fold in folds:
        others = np.setdiff1d(np.arange(len(truth)), fold)
        temperatures[fold] = fit_temperature(logits[others], truth[others])
    return temperatures

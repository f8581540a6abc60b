"""Multinomial logistic regression with an L2 penalty around a given matrix instead of zero."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.special import logsumexp

_MAX_ITERATIONS = 300


@dataclass(frozen=True, slots=True)
class LinearModel:
    """A linear classifier: ``logits = features @ weights + bias``.

    Attributes
    ----------
    weights : ndarray, shape (n_features, n_classes)
    bias : ndarray, shape (n_classes,)
    """

    weights: NDArray[np.float64]
    bias: NDArray[np.float64]

    def logits(self, features: NDArray[np.float64]) -> NDArray[np.float64]:
        """Turn features of shape (n, n_features) into logits of shape (n, n_classes)."""
        logits: NDArray[np.float64] = features @ self.weights + self.bias
        return logits

    def on_raw_features(self, mean: NDArray[np.float64], scale: NDArray[np.float64]) -> "LinearModel":
        """Return the equivalent model for features before ``(features - mean) / scale``."""
        weights = self.weights / scale[:, None]
        return LinearModel(weights, self.bias - mean @ weights)


def fit_regression(
    features: NDArray[np.float64],
    classes: NDArray[np.int64],
    sample_weight: NDArray[np.float64],
    *,
    penalty: float,
    centre: NDArray[np.float64],
) -> LinearModel:
    """Minimise the mean cross-entropy plus half of ``penalty * |weights - centre|²``, with a free bias.

    With ``centre`` zero and equal sample weights this is scikit-learn's
    ``LogisticRegression(C=1 / (penalty * n))``.

    Parameters
    ----------
    features : ndarray, shape (n, n_features)
    classes : ndarray, shape (n,)
        Indices below ``centre.shape[1]``.
    sample_weight : ndarray, shape (n,)
        Normalised here to a sum of 1.
    penalty : float
        Strength of the penalty.
    centre : ndarray, shape (n_features, n_classes)
        Weights without a penalty.
    """
    weight = sample_weight / sample_weight.sum()
    rows = np.arange(len(classes))
    target = np.zeros((len(classes), centre.shape[1]))
    target[rows, classes] = 1.0
    offset = features @ centre

    def loss_and_gradient(flat: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        step = flat[: centre.size].reshape(centre.shape)
        logits = offset + features @ step + flat[centre.size :]
        normaliser = logsumexp(logits, axis=1)
        loss = weight @ (normaliser - logits[rows, classes]) + 0.5 * penalty * (step**2).sum()
        error = (np.exp(logits - normaliser[:, None]) - target) * weight[:, None]
        gradient = features.T @ error + penalty * step
        return float(loss), np.concatenate([gradient.ravel(), error.sum(axis=0)])

    start = np.zeros(centre.size + centre.shape[1])
    options = {"maxiter": _MAX_ITERATIONS}
    found = minimize(loss_and_gradient, start, jac=True, method="L-BFGS-B", options=options).x
    return LinearModel(centre + found[: centre.size].reshape(centre.shape), found[centre.size :])

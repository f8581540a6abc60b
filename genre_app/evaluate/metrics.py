"""Metrics of a classifier: pure functions on arrays, shared with the training.

``truth`` is an integer array of shape (n,) with the index of the true class, ``probabilities`` a float array of shape
(n, n_classes) whose rows sum to 1.
"""

import math
from dataclasses import asdict, dataclass
from statistics import NormalDist
from typing import Any

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Proportion:
    """A share with its confidence interval; all three are NaN for n = 0.

    Attributes
    ----------
    value : float
        ``n_hits / n``, between 0 and 1.
    low, high : float
        Ends of the Wilson score interval.
    n : int
        Sample size.
    """

    value: float
    low: float
    high: float
    n: int

    def as_dict(self) -> dict[str, float | int | None]:
        """Return the fields for JSON, with None in place of NaN."""
        return {key: None if math.isnan(value) else value for key, value in asdict(self).items()}


@dataclass(frozen=True, slots=True)
class Selective:
    """Accuracy of a classifier that abstains below a confidence threshold.

    Attributes
    ----------
    threshold : float
        Minimum confidence (top probability) of an answer.
    share : Proportion
        Share of answers among all.
    accuracy : Proportion
        Share of right ones among the answers.
    """

    threshold: float
    share: Proportion
    accuracy: Proportion

    def as_dict(self) -> dict[str, Any]:
        """Return the fields for JSON."""
        return {
            "threshold": self.threshold,
            "share": self.share.as_dict(),
            "accuracy": self.accuracy.as_dict(),
        }


def proportion(n_hits: float, n: int, *, level: float = 0.95) -> Proportion:
    """Return a share with its Wilson score interval, which stays within 0 to 1 for small or extreme counts.

    Parameters
    ----------
    n_hits : float
        Hits; may be a mean over repeats.
    n : int
        Sample size.
    level : float
        Coverage of the interval.
    """
    if not 0 <= n_hits <= n:
        raise ValueError(f"{n_hits} hits out of {n} is no share")
    if n == 0:
        return Proportion(math.nan, math.nan, math.nan, 0)
    z = NormalDist().inv_cdf(0.5 + level / 2)
    share = n_hits / n
    centre = (share + z * z / (2 * n)) / (1 + z * z / n)
    half = z / (1 + z * z / n) * math.sqrt(share * (1 - share) / n + z * z / (4 * n * n))
    return Proportion(share, max(0.0, centre - half), min(1.0, centre + half), n)


def accuracy(predicted: NDArray[np.integer], truth: NDArray[np.integer]) -> Proportion:
    """Return the share of right answers; ``predicted`` holds class indices, shape (n,)."""
    return proportion(int(np.count_nonzero(predicted == truth)), len(truth))


def recall_by_class(predicted: NDArray[np.integer], truth: NDArray[np.integer], n_classes: int) -> list[Proportion]:
    """Return the recall of each class: the share of its members that were predicted as it."""
    return [accuracy(predicted[truth == index], truth[truth == index]) for index in range(n_classes)]


def confusion_matrix(predicted: NDArray[np.integer], truth: NDArray[np.integer], n_classes: int) -> NDArray[np.int64]:
    """Count answers by true class (rows) and predicted class (columns); shape (n_classes, n_classes)."""
    counts = np.zeros((n_classes, n_classes), dtype=np.int64)
    np.add.at(counts, (truth, predicted), 1)
    return counts


def negative_log_likelihood(probabilities: NDArray[np.floating], truth: NDArray[np.integer]) -> float:
    """Return the mean of ``-log p(true class)`` in nats."""
    right = probabilities[np.arange(len(truth)), truth]
    return float(-np.log(np.clip(right, 1e-12, None)).mean())


def expected_calibration_error(
    probabilities: NDArray[np.floating], truth: NDArray[np.integer], *, n_bins: int = 15
) -> float:
    """Return the expected calibration error of the top label: the mean gap between confidence and accuracy.

    Parameters
    ----------
    probabilities : ndarray, shape (n, n_classes)
    truth : ndarray, shape (n,)
    n_bins : int
        Bins of equal width over confidence 0 to 1, closed on the right, weighted by their share of the answers.

    Returns
    -------
    float
        Between 0 (perfectly calibrated) and 1.
    """
    confidence = probabilities.max(axis=1)
    right = probabilities.argmax(axis=1) == truth
    bins = np.clip(np.ceil(confidence * n_bins).astype(int) - 1, 0, n_bins - 1)
    gaps = np.bincount(bins, weights=right - confidence, minlength=n_bins)
    return float(np.abs(gaps).sum() / len(truth))


def above_confidence(probabilities: NDArray[np.floating], truth: NDArray[np.integer], threshold: float) -> Selective:
    """Return the share of answers that reach a confidence threshold, and their accuracy."""
    answered = probabilities.max(axis=1) >= threshold
    predicted = probabilities.argmax(axis=1)
    share = proportion(int(np.count_nonzero(answered)), len(truth))
    return Selective(threshold, share, accuracy(predicted[answered], truth[answered]))

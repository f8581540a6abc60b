"""How good a classifier is: pure functions on arrays, shared by the training and by ``python -m genre_app.evaluate``.

Everywhere ``truth`` is an integer array of shape (n,) with the index of the right class, and ``probabilities`` a float
array of shape (n, n_classes) whose rows sum to 1.
"""

import math
from dataclasses import asdict, dataclass
from statistics import NormalDist
from typing import Any

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Proportion:
    """A share with its confidence interval; all three are NaN where nothing was counted.

    Attributes
    ----------
    value : float
        ``n_hits / n``, between 0 and 1.
    low, high : float
        Ends of the Wilson score interval.
    n : int
        How many were counted.
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
    """What an answer is worth when the unsure ones are left out.

    Attributes
    ----------
    threshold : float
        The least confidence (top probability) that counts as an answer.
    share : Proportion
        Answered, of all.
    accuracy : Proportion
        Right, of the answered.
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
    """Return a share with its Wilson score interval, which stays inside 0 to 1 also for few or extreme counts.

    Parameters
    ----------
    n_hits : float
        Hits; a mean over repeats need not be whole.
    n : int
        How many were counted.
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
    """Return for each class the share of its members that were found."""
    return [accuracy(predicted[truth == index], truth[truth == index]) for index in range(n_classes)]


def confusion_matrix(predicted: NDArray[np.integer], truth: NDArray[np.integer], n_classes: int) -> NDArray[np.int64]:
    """Count answers: rows are the right class, columns the answer; shape (n_classes, n_classes)."""
    counts = np.zeros((n_classes, n_classes), dtype=np.int64)
    np.add.at(counts, (truth, predicted), 1)
    return counts


def negative_log_likelihood(probabilities: NDArray[np.floating], truth: NDArray[np.integer]) -> float:
    """Return the mean of ``-log p(right class)`` in nats."""
    right = probabilities[np.arange(len(truth)), truth]
    return float(-np.log(np.clip(right, 1e-12, None)).mean())


def expected_calibration_error(
    probabilities: NDArray[np.floating], truth: NDArray[np.integer], *, n_bins: int = 15
) -> float:
    """Return the mean distance between confidence and accuracy (top-label ECE).

    Parameters
    ----------
    probabilities : ndarray, shape (n, n_classes)
    truth : ndarray, shape (n,)
    n_bins : int
        Bins of equal width over confidence 0 to 1, closed on the right; each counts by its share of the answers.

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
    """Return how many answers reach a confidence, and how many of those are right."""
    answered = probabilities.max(axis=1) >= threshold
    predicted = probabilities.argmax(axis=1)
    share = proportion(int(np.count_nonzero(answered)), len(truth))
    return Selective(threshold, share, accuracy(predicted[answered], truth[answered]))

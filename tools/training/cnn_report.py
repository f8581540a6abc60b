"""Metrics of the trained CNN, alone and fused with the MusiCNN head, for JSON."""

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from genre_app.evaluate.metrics import (
    above_confidence,
    accuracy,
    confusion_matrix,
    expected_calibration_error,
    negative_log_likelihood,
    recall_by_class,
)
from genre_app.genres import GENRES
from genre_app.results.model_info import DecisionRule
from genre_app.results.moments import softmax
from tools.training.calibration import cross_fitted_temperatures, fit_temperature
from tools.training.evaluation import compare

#: Required accuracy of confident answers on held-out music.
_CONFIDENT_ACCURACY: Final = 0.9
_THRESHOLDS: Final = (0.3, 0.5, 0.7, 0.9)
_CNN_SHARES: Final = (0.1, 0.2, 0.3, 0.4, 0.5)
N_BINS: Final = 15
_N_DRAWS: Final = 200


@dataclass(frozen=True, slots=True)
class HeldOut:
    """Clips scored by models that were not trained on their artists.

    Attributes
    ----------
    logits : ndarray, shape (n, 10)
        Uncalibrated.
    genre : ndarray, shape (n,)
        Index into `genre_app.genres.GENRES`.
    """

    logits: NDArray[np.float64]
    genre: NDArray[np.int64]


def calibrate(held_out: HeldOut) -> tuple[float, DecisionRule]:
    """Choose the temperature, and the lowest score at which answers reach `_CONFIDENT_ACCURACY`."""
    temperature = fit_temperature(held_out.logits, held_out.genre)
    scores = softmax(held_out.logits / temperature)
    right, top = scores.argmax(axis=1) == held_out.genre, scores.max(axis=1)
    thresholds = [float(value) for value in np.arange(0.3, 1.0, 0.01) if (top >= value).any()]
    good = [value for value in thresholds if right[top >= value].mean() >= _CONFIDENT_ACCURACY]
    return temperature, DecisionRule(confident_from=round(min(good, default=0.99), 2))


def describe(held_out: HeldOut, temperature: float, rule: DecisionRule) -> dict[str, Any]:
    """Return accuracy, recall, confusion, calibration and the accuracy of confident answers."""
    before, after = softmax(held_out.logits), softmax(held_out.logits / temperature)
    predicted, truth, n_genres = held_out.logits.argmax(axis=1), held_out.genre, len(GENRES)
    recalls = recall_by_class(predicted, truth, n_genres)
    return {
        "n_clips": len(truth),
        "accuracy": accuracy(predicted, truth).as_dict(),
        "recall": {genre: one.as_dict() for genre, one in zip(GENRES, recalls, strict=True)},
        "confusion": confusion_matrix(predicted, truth, n_genres).tolist(),
        "calibration": {
            "n_bins": N_BINS,
            "ece_before": expected_calibration_error(before, truth, n_bins=N_BINS),
            "ece_after": expected_calibration_error(after, truth, n_bins=N_BINS),
            "nll_before": negative_log_likelihood(before, truth),
            "nll_after": negative_log_likelihood(after, truth),
            "mean_confidence_after": float(after.max(axis=1).mean()),
        },
        "confident": above_confidence(after, truth, rule.confident_from).as_dict(),
        "above_confidence": [above_confidence(after, truth, one).as_dict() for one in _THRESHOLDS],
    }


def ece_by_chance(logits: NDArray[np.float64], *, seed: int = 0) -> float:
    """Return the expected calibration error of perfectly calibrated scores on so few clips.

    Parameters
    ----------
    logits : ndarray, shape (n, 10)
        Calibrated; true genres are drawn from their scores.
    seed : int
        Seed of the draws.
    """
    scores, random = softmax(logits), np.random.default_rng(seed)
    reached = scores.cumsum(axis=1)
    draws = [(random.random(len(scores))[:, None] < reached).argmax(axis=1) for _ in range(_N_DRAWS)]
    return float(np.mean([expected_calibration_error(scores, truth, n_bins=N_BINS) for truth in draws]))


def describe_fusion(
    cnn: HeldOut, head: HeldOut, group: NDArray[np.int64], folds: list[NDArray[np.int64]]
) -> dict[str, Any]:
    """Compare the mean of both models' calibrated logits with the head alone, on the same clips and folds.

    Parameters
    ----------
    cnn, head : HeldOut
        The same clips; each model's temperature is fitted on the other folds.
    group : ndarray, shape (n,)
        Artists of the clips.
    folds : list of ndarray
        Indices of the clips in each fold.
    """
    truth = head.genre
    ours = cnn.logits / cross_fitted_temperatures(cnn.logits, truth, folds)[:, None]
    theirs = head.logits / cross_fitted_temperatures(head.logits, truth, folds)[:, None]
    rows = [_fused(share * ours + (1 - share) * theirs, theirs, truth, group) for share in _CNN_SHARES]
    return {
        "n_clips": len(truth),
        "head_accuracy": float((theirs.argmax(axis=1) == truth).mean()),
        "head_nll": negative_log_likelihood(softmax(theirs), truth),
        "cnn_accuracy": float((ours.argmax(axis=1) == truth).mean()),
        "means_of_logits": [{"cnn_share": share, **row} for share, row in zip(_CNN_SHARES, rows, strict=True)],
    }


def _fused(
    mixed: NDArray[np.float64], alone: NDArray[np.float64], truth: NDArray[np.int64], group: NDArray[np.int64]
) -> dict[str, Any]:
    """Compare mixed logits of shape (n, 10) with those of one model alone."""
    right = (mixed.argmax(axis=1) == truth).astype(np.float64)
    right_alone = (alone.argmax(axis=1) == truth).astype(np.float64)
    difference = compare(right[None], right_alone[None], group)
    return {
        "accuracy": float(right.mean()),
        "nll": negative_log_likelihood(softmax(mixed / fit_temperature(mixed, truth)), truth),
        "difference_to_head": {
            "mean": difference.mean,
            "error_over_clips": float((right - right_alone).std(ddof=1) / np.sqrt(len(truth))),
            "error_over_artists": difference.error_over_artists,
        },
    }

"""What the standard head and its rivals are worth, as numbers for JSON."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from genre_app.evaluate.metrics import (
    confusion_matrix,
    expected_calibration_error,
    negative_log_likelihood,
    proportion,
)
from genre_app.genres import GENRES
from genre_app.results.moments import softmax
from tools.training.calibration import cross_fitted_temperatures, fit_temperature
from tools.training.evaluation import compare, standard_error
from tools.training.gtzan import artist_folds
from tools.training.standard_data import StandardClips
from tools.training.standard_trials import RELEASED

SPLIT: Final = "artist-grouped 5-fold cross-validation; scored are the clips with real audio"
_N_BINS: Final = 10
_DRAWS: Final = 2000
#: What confident answers must reach where the threshold is chosen, with a small margin over the promised 93 %.
_CONFIDENT_ACCURACY: Final = 0.932

Logits = NDArray[np.float64]


def describe(logits: Mapping[str, Logits], data: StandardClips, seeds: Sequence[int]) -> dict[str, Any]:
    """Return the figures of every candidate, with the difference to the released recipe on the same folds.

    Parameters
    ----------
    logits : mapping of str to ndarray, shape (n_seeds, n_audio, 10)
        As `tools.training.standard_trials.run_trials` returns them.
    data : StandardClips
    seeds : sequence of int
    """
    truth, group = data.genre[data.has_audio], data.group[data.has_audio]
    hits = {name: (one.argmax(axis=2) == truth).astype(np.float64) for name, one in logits.items()}
    return {
        name: {
            **_accuracy(one, truth, group),
            "difference_to_released": asdict(compare(hits[name], hits[RELEASED], group)),
            "calibration": _calibration(one, data, seeds),
            "coverage_at_93_percent": _coverage(one, truth),
        }
        for name, one in logits.items()
    }


def _accuracy(logits: Logits, truth: NDArray[np.int64], group: NDArray[np.int64]) -> dict[str, Any]:
    """Return accuracy, recalls and confusion, averaged over the repeats, with intervals."""
    predicted = logits.argmax(axis=2)
    confusion = np.mean([confusion_matrix(row, truth, len(GENRES)) for row in predicted], axis=0)
    right = (predicted == truth).mean(axis=0)
    recall = [right[truth == genre].mean() for genre in range(len(GENRES))]
    accuracy, balanced = _by_artist(right, truth, group)
    return {
        "accuracy": {"value": float(right.mean()), **accuracy, "n": len(truth)},
        "balanced_accuracy": {"value": float(np.mean(recall)), **balanced},
        "error_over_repeats": standard_error((predicted == truth).mean(axis=1)),
        "recall": {
            name: {
                **proportion(float(confusion[genre, genre]), int((truth == genre).sum())).as_dict(),
                "n_artists": len(np.unique(group[truth == genre])),
            }
            for genre, name in enumerate(GENRES)
        },
        "confusion": confusion.round(2).tolist(),
    }


def _by_artist(
    right: NDArray[np.float64], truth: NDArray[np.int64], group: NDArray[np.int64]
) -> tuple[dict[str, float], dict[str, float]]:
    """Return 95 % intervals of accuracy and balanced accuracy, from artists drawn again with replacement."""
    random = np.random.default_rng(0)
    artists = np.unique(group)
    table = np.zeros((len(artists), len(GENRES), 2))
    for row, artist in enumerate(artists):
        of_artist = group == artist
        np.add.at(table[row], truth[of_artist], np.stack([right[of_artist], np.ones(of_artist.sum())], axis=1))
    drawn = table[random.integers(0, len(artists), (_DRAWS, len(artists)))].sum(axis=1)
    plain = drawn[:, :, 0].sum(axis=1) / drawn[:, :, 1].sum(axis=1)
    with np.errstate(invalid="ignore"):
        balanced = np.nanmean(drawn[:, :, 0] / drawn[:, :, 1], axis=1)
    return _interval(plain), _interval(balanced)


def _interval(values: NDArray[np.float64]) -> dict[str, float]:
    low, high = np.quantile(values, [0.025, 0.975])
    return {"low": float(low), "high": float(high)}


def _calibration(logits: Logits, data: StandardClips, seeds: Sequence[int]) -> dict[str, float]:
    """Return the calibration under temperatures that were fitted on the other folds."""
    truth = data.genre[data.has_audio]
    place = np.cumsum(data.has_audio) - 1
    rows = []
    for seed, repeat in zip(seeds, logits, strict=True):
        folds = [place[fold[data.has_audio[fold]]] for fold in artist_folds(data.genre, data.group, seed=seed)]
        scores = softmax(repeat / cross_fitted_temperatures(repeat, truth, folds)[:, None])
        rows.append(
            [
                expected_calibration_error(scores, truth, n_bins=_N_BINS),
                negative_log_likelihood(scores, truth),
                scores.max(axis=1).mean(),
            ]
        )
    ece, likelihood, confidence = np.mean(rows, axis=0)
    temperature = fit_temperature(np.concatenate(logits), np.tile(truth, len(seeds)))
    pooled = expected_calibration_error(
        softmax(np.concatenate(logits) / temperature), np.tile(truth, len(seeds)), n_bins=_N_BINS
    )
    return {
        "temperature": temperature,
        "ece": float(ece),
        "ece_over_all_repeats": pooled,
        "nll": float(likelihood),
        "mean_confidence": float(confidence),
    }


def _coverage(logits: Logits, truth: NDArray[np.int64]) -> float:
    """Return the largest share of the clips that can be answered with 93 % of the answers right."""
    scores = softmax(np.concatenate(logits) / fit_temperature(np.concatenate(logits), np.tile(truth, len(logits))))
    right = scores.argmax(axis=1) == np.tile(truth, len(logits))
    order = np.argsort(-scores.max(axis=1), kind="stable")
    accuracy = np.cumsum(right[order]) / np.arange(1, len(order) + 1)
    return float((np.flatnonzero(accuracy >= 0.93)[-1] + 1) / len(order)) if (accuracy >= 0.93).any() else 0.0


def confident_from(scores: NDArray[np.float64], truth: NDArray[np.int64]) -> float:
    """Return the least score of a confident answer, in hundredths, with which enough of them are right.

    Parameters
    ----------
    scores : ndarray, shape (n, 10)
    truth : ndarray, shape (n,)
    """
    top, right = scores.max(axis=1), scores.argmax(axis=1) == truth
    for threshold in np.arange(0.3, 1.0, 0.01):
        answered = top >= threshold
        if answered.any() and right[answered].mean() >= _CONFIDENT_ACCURACY:
            return round(float(threshold), 2)
    raise ValueError("no threshold makes the answers right often enough")


def describe_confidence(scores: NDArray[np.float64], data: StandardClips) -> dict[str, Any]:
    """Return the threshold for all clips, and how thresholds chosen on half of the artists do on the other half.

    Parameters
    ----------
    scores : ndarray, shape (n_seeds, n_audio, 10)
    data : StandardClips
    """
    truth, group = data.genre[data.has_audio], data.group[data.has_audio]
    answered, right, thresholds = [], [], []
    for repeat, one in enumerate(scores):
        side = np.random.default_rng(repeat).permutation(int(group.max()) + 1)[group] % 2
        for chosen_on in (0, 1):
            threshold = confident_from(one[side == chosen_on], truth[side == chosen_on])
            other = one[side != chosen_on]
            sure = other.max(axis=1) >= threshold
            answered.append(sure.mean())
            right.append((other.argmax(axis=1) == truth[side != chosen_on])[sure].mean())
            thresholds.append(threshold)
    flat, repeated = scores.reshape(-1, scores.shape[2]), np.tile(truth, len(scores))
    final = confident_from(flat, repeated)
    sure = flat.max(axis=1) >= final
    return {
        "confident_from": final,
        "share": float(sure.mean()),
        "accuracy": float((flat.argmax(axis=1) == repeated)[sure].mean()),
        "on_the_other_half": {
            "thresholds": [float(min(thresholds)), float(max(thresholds))],
            "share": float(np.mean(answered)),
            "accuracy": float(np.mean(right)),
        },
    }

"""Metrics of the trained head, for JSON."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from genre_app.evaluate.metrics import (
    above_confidence,
    confusion_matrix,
    expected_calibration_error,
    negative_log_likelihood,
    proportion,
)
from genre_app.genres import GENRES
from genre_app.results.moments import softmax
from tools.training.calibration import cross_fitted_temperatures, fit_temperature
from tools.training.evaluation import Trial, compare, held_out_logits, hits, standard_error, window_logits
from tools.training.gtzan import TagClips, artist_folds
from tools.training.recipes import BASELINE

SPLIT: Final = "artist-grouped 5-fold cross-validation inside the fault-filtered GTZAN train part"
N_BINS: Final = 15
_WINDOWS_S: Final = {"3 s": 3.0, "10 s": 10.0, "clip": float("inf")}
_NOISE_SIGMAS: Final = (0.02, 0.06)
_THRESHOLDS: Final = (0.3, 0.5, 0.7, 0.9)


def build_report(
    trials: Mapping[str, Trial],
    nested: Sequence[tuple[NDArray[np.float64], list[str]]],
    data: TagClips,
    digests: Mapping[str, str],
    seeds: Sequence[int],
) -> dict[str, Any]:
    """Choose the best recipe and collect its metrics.

    Parameters
    ----------
    trials : mapping of str to Trial
        By name, including the baseline.
    nested : sequence of (hits, picked)
        Results of `tools.training.selection.nested_hits` for the first seeds.
    data : TagClips
    digests : mapping of str to str
        SHA-256 of the input files.
    seeds : sequence of int
        Seeds of the repeats.
    """
    best = max(trials, key=lambda name: trials[name].hits.mean())
    trial = trials[best]
    clip_logits = np.stack([data.mean_by_clip(logits) for logits in trial.logits])
    temperature = fit_temperature(np.concatenate(clip_logits), np.tile(data.genre, len(seeds)))
    return {
        "model": "musicnn_head",
        "split": SPLIT,
        "n_clips": len(data.clips),
        "n_artists": int(data.group.max()) + 1,
        "seeds": list(seeds),
        "labels": list(GENRES),
        "recipe": {"name": best, **asdict(trial.recipe)},
        "temperature": temperature,
        **_accuracy(clip_logits, data),
        "baseline": _candidate(trials[BASELINE], trials[BASELINE], data),
        "candidates": {name: _candidate(other, trials[BASELINE], data) for name, other in trials.items()},
        "choice_inside_the_folds": _nested(nested, trials[BASELINE], data),
        "calibration": _calibration(trial, data, seeds),
        "above_confidence": _above_confidence(clip_logits / temperature, data),
        "windows": {f"hop {hop} s": _windows(trial, data, hop_s=hop) for hop in (1, 3)},
        "noise_on_tag_logits": {f"{sigma}": _noise(trial, data, sigma) for sigma in _NOISE_SIGMAS},
        "accuracy_by_fold": [_by_fold(trial, repeat) for repeat in range(len(seeds))],
        "data_sha256": dict(digests),
    }


def _accuracy(clip_logits: NDArray[np.float64], data: TagClips) -> dict[str, Any]:
    """Return accuracy, recall and confusion, averaged over the repeats; ``clip_logits`` is (n_repeats, n, 10)."""
    predicted = clip_logits.argmax(axis=2)
    n_genres = len(GENRES)
    confusion = np.mean([confusion_matrix(row, data.genre, n_genres) for row in predicted], axis=0)
    by_repeat = (predicted == data.genre).mean(axis=1)
    overall = proportion(float(np.trace(confusion)), len(data.genre)).as_dict()
    return {
        "accuracy": {**overall, "error_over_repeats": standard_error(by_repeat)},
        "recall": {
            genre: proportion(float(confusion[index, index]), int(confusion[index].sum().round())).as_dict()
            for index, genre in enumerate(GENRES)
        },
        "confusion": confusion.round(2).tolist(),
    }


def _candidate(trial: Trial, baseline: Trial, data: TagClips) -> dict[str, Any]:
    """Return a recipe's accuracy, and its difference to the baseline on the same folds."""
    return {
        "recipe": asdict(trial.recipe),
        "accuracy": float(trial.hits.mean()),
        "error_over_repeats": standard_error(trial.hits.mean(axis=1)),
        "accuracy_if_probabilities_are_averaged": float(np.mean([hits(softmax(one), data) for one in trial.logits])),
        "difference_to_baseline": asdict(compare(trial.hits, baseline.hits, data.group)),
    }


def _nested(
    nested: Sequence[tuple[NDArray[np.float64], list[str]]], baseline: Trial, data: TagClips
) -> dict[str, Any] | None:
    """Return the accuracy with the recipe chosen on the other folds; None if that was not run."""
    if not nested:
        return None
    found = np.stack([right for right, _ in nested])
    return {
        "accuracy": float(found.mean()),
        "difference_to_baseline": asdict(compare(found, baseline.hits[: len(found)], data.group)),
        "picked": [picked for _, picked in nested],
    }


def _calibration(trial: Trial, data: TagClips, seeds: Sequence[int]) -> dict[str, Any]:
    """Return the calibration of clips and patches, before and after a temperature fitted on the other folds."""
    rows: dict[str, list[dict[str, float]]] = {"clip": [], "patch of 3 s": []}
    for seed, logits in zip(seeds, trial.logits, strict=True):
        clip_logits = data.mean_by_clip(logits)
        folds = artist_folds(data.genre, data.group, seed=seed)
        temperature = cross_fitted_temperatures(clip_logits, data.genre, folds)
        rows["clip"].append(_before_and_after(clip_logits, data.genre, temperature))
        of_patch = data.clip_of_patch
        rows["patch of 3 s"].append(_before_and_after(logits, data.genre[of_patch], temperature[of_patch]))
    means = {name: {key: float(np.mean([row[key] for row in some])) for key in some[0]} for name, some in rows.items()}
    return {"n_bins": N_BINS, **means}


def _before_and_after(
    logits: NDArray[np.float64], truth: NDArray[np.int64], temperature: NDArray[np.float64]
) -> dict[str, float]:
    """Return calibration error and likelihood before and after the temperature; ``logits`` is (n, 10)."""
    before, after = softmax(logits), softmax(logits / temperature[:, None])
    return {
        "ece_before": expected_calibration_error(before, truth, n_bins=N_BINS),
        "ece_after": expected_calibration_error(after, truth, n_bins=N_BINS),
        "nll_before": negative_log_likelihood(before, truth),
        "nll_after": negative_log_likelihood(after, truth),
        "mean_confidence_after": float(after.max(axis=1).mean()),
        "accuracy": float((logits.argmax(axis=1) == truth).mean()),
    }


def _above_confidence(clip_logits: NDArray[np.float64], data: TagClips) -> list[dict[str, float]]:
    """Return share and accuracy of answers above each threshold; ``clip_logits`` is (n_repeats, n, 10)."""
    probabilities = softmax(clip_logits).reshape(-1, len(GENRES))
    truth = np.tile(data.genre, len(clip_logits))
    found = [above_confidence(probabilities, truth, threshold) for threshold in _THRESHOLDS]
    return [{"threshold": one.threshold, "share": one.share.value, "accuracy": one.accuracy.value} for one in found]


def _windows(trial: Trial, data: TagClips, *, hop_s: int) -> dict[str, float]:
    """Return the accuracy for each length of windows, averaged over the repeats."""
    accuracies = {}
    for name, window_s in _WINDOWS_S.items():
        right = []
        for logits in trial.logits:
            clip, mean = window_logits(logits, data, window_s=window_s, hop_s=hop_s)
            right.append((mean.argmax(axis=1) == data.genre[clip]).mean())
        accuracies[name] = float(np.mean(right))
    return accuracies


def _noise(trial: Trial, data: TagClips, sigma: float) -> dict[str, float]:
    """Return the accuracy, and the share of changed answers, with Gaussian noise on the tag logits."""
    noise = np.random.default_rng(0).normal(scale=sigma, size=data.tag_logits.shape)
    noisy = [held_out_logits(folds, data, noise=noise) for folds in trial.folds]
    changed = [
        (data.mean_by_clip(one).argmax(axis=1) != data.mean_by_clip(other).argmax(axis=1)).mean()
        for one, other in zip(noisy, trial.logits, strict=True)
    ]
    return {
        "accuracy": float(np.mean([hits(one, data).mean() for one in noisy])),
        "changed_answers": float(np.mean(changed)),
    }


def _by_fold(trial: Trial, repeat: int) -> list[dict[str, float]]:
    """Return size and accuracy of each fold of a repeat."""
    return [
        {"n": len(fold.held_out), "accuracy": float(trial.hits[repeat, fold.held_out].mean())}
        for fold in trial.folds[repeat]
    ]

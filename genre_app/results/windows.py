"""A track's logits summed up by windows: pure arithmetic, no model and no audio."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from genre_app.errors import InvalidOptionError
from genre_app.results.schema import SliceOptions
from genre_app.results.track_logits import TrackLogits
from genre_app.results.window_plan import WindowPlan, fits, plan_windows


@dataclass(frozen=True, slots=True)
class WindowScores:
    """Logits and scores of a track and of its windows.

    Attributes
    ----------
    plan : WindowPlan
        The windows, n_windows of them.
    window_logits, window_scores : ndarray of float64, shape (n_windows, n_labels)
        Each row of scores sums to 1, unless each label stands alone.
    track_logits, track_scores : ndarray of float64, shape (n_labels,)
        Of the whole track, however many windows the plan keeps; for window models, of these windows.
    labels : tuple of str
        The classes, in the order of the columns.
    tag_scores : ndarray of float64, shape (n_tags,)
        What the model says of the whole track beside the labels, 0 to 1 each.
    is_exclusive : bool
        Whether the labels exclude each other, so that their scores sum to 1.
    """

    plan: WindowPlan
    window_logits: NDArray[np.float64]
    window_scores: NDArray[np.float64]
    track_logits: NDArray[np.float64]
    track_scores: NDArray[np.float64]
    labels: tuple[str, ...]
    tag_scores: NDArray[np.float64]
    is_exclusive: bool = True


def slice_track(track: TrackLogits, options: SliceOptions) -> WindowScores:
    """Slice a track into windows.

    A window's logits are the mean of its patches' weighted by how long each lies inside it; a track's are the mean of
    all patches, untouched by smoothing. For window models, a window's logits are its own, and a
    track's are the mean of the windows weighted by their length.

    Parameters
    ----------
    track : TrackLogits
        Logits of patches or of windows.
    options : SliceOptions
        Window, overlap, smoothing and limit.

    Returns
    -------
    WindowScores
        Logits and scores.

    Raises
    ------
    InvalidOptionError
        A window model scored other windows.
    """
    if not fits(track, options):
        raise InvalidOptionError("The model has not heard these windows yet; please analyse the track again.")
    plan = plan_windows(track.duration_s, options.window_seconds, options.overlap, options.max_chunks)
    smoothed = smooth(track, options.smoothing_seconds)
    window_logits = smoothed if track.layout else _overlap_weighted_mean(track, smoothed, plan)
    weights = plan.ends_s - plan.starts_s if track.layout else None
    track_logits = np.average(track.logits.astype(np.float64), axis=0, weights=weights)
    to_scores = softmax if track.activation == "softmax" else sigmoid
    return WindowScores(
        plan=plan,
        window_logits=window_logits,
        window_scores=to_scores(window_logits),
        track_logits=track_logits,
        track_scores=to_scores(track_logits),
        labels=track.labels,
        tag_scores=_tag_scores(track, weights),
        is_exclusive=track.activation == "softmax",
    )


def _tag_scores(track: TrackLogits, weights: NDArray[np.float64] | None) -> NDArray[np.float64]:
    if track.tag_logits is None:
        return np.zeros(0)
    return sigmoid(np.average(track.tag_logits.astype(np.float64), axis=0, weights=weights))


def smooth(track: TrackLogits, smoothing_seconds: float) -> NDArray[np.float64]:
    """Smooth logits over time with a Gaussian, normalised at the track's ends.

    Parameters
    ----------
    track : TrackLogits
        Scored patches.
    smoothing_seconds : float
        Standard deviation in seconds; 0 leaves the logits as they are.

    Returns
    -------
    ndarray, shape (n_patches, n_labels)
        Smoothed logits.
    """
    logits = track.logits.astype(np.float64)
    if smoothing_seconds <= 0 or len(logits) == 1:
        return logits
    hop_s = track.starts_s[1] - track.starts_s[0]
    reach = min(len(logits) - 1, math.ceil(4 * smoothing_seconds / hop_s))
    kernel = np.exp(-0.5 * (np.arange(-reach, reach + 1) * hop_s / smoothing_seconds) ** 2)
    padded = np.pad(np.column_stack([logits, np.ones(len(logits))]), ((reach, reach), (0, 0)))
    neighbours = np.lib.stride_tricks.sliding_window_view(padded, len(kernel), axis=0)
    weighted = neighbours @ kernel
    smoothed: NDArray[np.float64] = weighted[:, :-1] / weighted[:, -1:]
    return smoothed


def _overlap_weighted_mean(track: TrackLogits, logits: NDArray[np.float64], plan: WindowPlan) -> NDArray[np.float64]:
    """Average the patches under each window, in time linear in the number of patches and windows.

    Each patch is a box over time. The integral of the sum of boxes, each as high as its logit, is a piecewise linear
    function with bends where patches start and end; a window's sum is the difference of its values at the window's
    bounds. The same with boxes of height 1 gives the weights.
    """
    starts = track.starts_s
    bends = np.concatenate([starts, starts + track.patch_seconds])
    heights = np.column_stack([logits, np.ones(len(logits))])
    order = np.argsort(bends, kind="stable")
    slopes = np.cumsum(np.concatenate([heights, -heights])[order], axis=0)
    bends = bends[order]
    steps = slopes[:-1] * np.diff(bends)[:, None]
    integral = np.concatenate([np.zeros((1, heights.shape[1])), np.cumsum(steps, axis=0)])
    sums = np.column_stack(
        [np.interp(plan.ends_s, bends, column) - np.interp(plan.starts_s, bends, column) for column in integral.T]
    )
    mean: NDArray[np.float64] = sums[:, :-1] / np.maximum(sums[:, -1:], 1e-12)
    return mean


def softmax(logits: NDArray[np.float64]) -> NDArray[np.float64]:
    """Turn logits into probabilities along the last axis."""
    shifted = np.exp(logits - logits.max(axis=-1, keepdims=True))
    scores: NDArray[np.float64] = shifted / shifted.sum(axis=-1, keepdims=True)
    return scores


def sigmoid(logits: NDArray[np.float64]) -> NDArray[np.float64]:
    """Turn logits into probabilities that stand alone; no overflow, however large a logit is."""
    scores: NDArray[np.float64] = 0.5 * (1.0 + np.tanh(0.5 * logits))
    return scores

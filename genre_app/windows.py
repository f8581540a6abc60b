"""Windows over a score track: pure arithmetic, no model and no audio."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from genre_app.schema import SliceOptions
from genre_app.score_track import ScoreTrack

_TIME_EPSILON_S = 1e-6


@dataclass(frozen=True, slots=True)
class WindowPlan:
    """Where windows lie on a track.

    Attributes
    ----------
    starts_s, ends_s : ndarray of float64, shape (n_windows,)
        Bounds of the windows that are kept.
    n_total : int
        Windows before a limit left some out.
    """

    starts_s: NDArray[np.float64]
    ends_s: NDArray[np.float64]
    n_total: int


@dataclass(frozen=True, slots=True)
class WindowScores:
    """Logits and scores of a track and of its windows.

    Attributes
    ----------
    plan : WindowPlan
        The windows, n_windows of them.
    window_logits, window_scores : ndarray of float64, shape (n_windows, n_labels)
        Each row of scores sums to 1.
    track_logits, track_scores : ndarray of float64, shape (n_labels,)
        Of the whole track, however many windows the plan keeps.
    labels : tuple of str
        The classes, in the order of the columns.
    """

    plan: WindowPlan
    window_logits: NDArray[np.float64]
    window_scores: NDArray[np.float64]
    track_logits: NDArray[np.float64]
    track_scores: NDArray[np.float64]
    labels: tuple[str, ...]


def plan_windows(duration_s: float, window_seconds: float, overlap: float, max_chunks: int | None = None) -> WindowPlan:
    """Lay windows over a track, up to the first that reaches its end; that one may be shorter.

    Parameters
    ----------
    duration_s : float
        Length of the track, above 0.
    window_seconds : float
        Length of a window, above 0. A track that is no longer is one window.
    overlap : float
        Share of a window that the next one repeats, 0 <= overlap < 1.
    max_chunks : int, optional
        Keep at most this many, spread evenly.

    Returns
    -------
    WindowPlan
        At least one window.
    """
    hop_s = window_seconds * (1.0 - overlap)
    n_total = 1 + max(0, math.ceil((duration_s - window_seconds - _TIME_EPSILON_S) / hop_s))
    indices = _spread(n_total, max_chunks)
    starts_s = indices.astype(np.float64) * hop_s
    return WindowPlan(starts_s, np.minimum(starts_s + window_seconds, duration_s), n_total)


def _spread(n_total: int, limit: int | None) -> NDArray[np.int64]:
    """Choose at most `limit` of `n_total` places, each in the middle of an equal share of the whole."""
    if limit is None or limit >= n_total:
        return np.arange(n_total)
    return ((np.arange(limit) + 0.5) * n_total / limit).astype(np.int64)


def slice_track(track: ScoreTrack, options: SliceOptions) -> WindowScores:
    """Cut a score track into windows.

    A window's logits are the mean of its patches' weighted by how long each lies inside it; a track's are the mean of
    all patches, untouched by smoothing.

    Parameters
    ----------
    track : ScoreTrack
        Scored patches.
    options : SliceOptions
        Window, overlap, smoothing and limit.

    Returns
    -------
    WindowScores
        Logits and probabilities.
    """
    plan = plan_windows(track.duration_s, options.window_seconds, options.overlap, options.max_chunks)
    window_logits = _overlap_weighted_mean(track, smooth(track, options.smoothing_seconds), plan)
    track_logits = track.logits.mean(axis=0, dtype=np.float64)
    return WindowScores(
        plan=plan,
        window_logits=window_logits,
        window_scores=softmax(window_logits),
        track_logits=track_logits,
        track_scores=softmax(track_logits),
        labels=track.labels,
    )


def smooth(track: ScoreTrack, smoothing_seconds: float) -> NDArray[np.float64]:
    """Smooth logits over time with a Gaussian, normalised at the track's ends.

    Parameters
    ----------
    track : ScoreTrack
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


def _overlap_weighted_mean(track: ScoreTrack, logits: NDArray[np.float64], plan: WindowPlan) -> NDArray[np.float64]:
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

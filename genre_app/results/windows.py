"""A track's logits summed up by windows: pure arithmetic, no model and no audio."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from genre_app.errors import InvalidOptionError
from genre_app.results.schema import SliceOptions
from genre_app.results.track_logits import TrackLogits
from genre_app.results.window_plan import WindowPlan, fits, plan_windows

#: A window with less sound than this share of its time is silent.
_LEAST_SOUND = 0.05
#: Neighbours beyond so many standard deviations count for nothing.
_REACH = 4.0


@dataclass(frozen=True, slots=True)
class WindowScores:
    """Logits and scores of a track and of its windows. Silent parts have no vote in any of them.

    Attributes
    ----------
    plan : WindowPlan
        The windows, n_windows of them.
    window_logits, window_scores : ndarray of float64, shape (n_windows, n_labels)
        Each row of scores sums to 1, unless each label stands alone. Those of a silent window mean nothing.
    track_logits, track_scores : ndarray of float64, shape (n_labels,)
        Of the whole track, however many windows the plan keeps; for window models, of these windows. Without any sound
        all scores are 0.
    labels : tuple of str
        The classes, in the order of the columns.
    tag_scores : ndarray of float64, shape (n_tags,)
        What the model says of the whole track beside the labels, 0 to 1 each.
    is_exclusive : bool
        Whether the labels exclude each other, so that their scores sum to 1.
    has_sound : ndarray of bool, shape (n_windows,), or None
        Which windows hold sound; None counts as all.
    styles : tuple of str
        What the columns of the style scores stand for.
    style_log_odds : ndarray of float64, shape (n_styles,)
        Of the whole track; above 0 a style is named.
    window_style_scores : ndarray of float64, shape (n_windows, n_styles)
        Styles of each window.
    """

    plan: WindowPlan
    window_logits: NDArray[np.float64]
    window_scores: NDArray[np.float64]
    track_logits: NDArray[np.float64]
    track_scores: NDArray[np.float64]
    labels: tuple[str, ...]
    tag_scores: NDArray[np.float64]
    is_exclusive: bool = True
    has_sound: NDArray[np.bool_] | None = None
    styles: tuple[str, ...] = ()
    style_log_odds: NDArray[np.float64] = field(default_factory=lambda: np.zeros(0))
    window_style_scores: NDArray[np.float64] = field(default_factory=lambda: np.zeros((0, 0)))

    @property
    def is_silent(self) -> NDArray[np.bool_]:
        """Which windows hold no sound, shape (n_windows,)."""
        n_windows = len(self.plan.starts_s)
        return np.zeros(n_windows, dtype=np.bool_) if self.has_sound is None else ~self.has_sound


def slice_track(track: TrackLogits, options: SliceOptions) -> WindowScores:
    """Slice a track into windows.

    A window's logits are the mean of its patches' weighted by how long each lies inside it; a track's are the mean of
    all patches, untouched by smoothing. For window models, a window's logits are its own, and a track's are the mean
    of the windows weighted by their length. Silent patches count for nothing.

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
    n_labels = len(track.labels)
    columns = _columns(track)
    smoothed = smooth(track, columns, options.smoothing_seconds)
    if track.layout:
        means, has_sound = smoothed, track.has_sound
    else:
        means, sound_share = _overlap_weighted_mean(track, smoothed, plan)
        has_sound = sound_share >= _LEAST_SOUND
    weights = track.votes * (plan.ends_s - plan.starts_s if track.layout else 1.0)
    means_of_track = np.average(columns, axis=0, weights=weights)
    to_scores = softmax if track.activation == "softmax" else sigmoid
    return WindowScores(
        plan=plan,
        window_logits=means[:, :n_labels],
        window_scores=to_scores(means[:, :n_labels]),
        track_logits=means_of_track[:n_labels],
        track_scores=to_scores(means_of_track[:n_labels]) * bool(track.has_sound.any()),
        labels=track.labels,
        tag_scores=_track_scores(track.tag_logits, weights),
        is_exclusive=track.activation == "softmax",
        has_sound=has_sound,
        styles=track.styles,
        style_log_odds=means_of_track[n_labels:],
        window_style_scores=sigmoid(means[:, n_labels:]),
    )


def _columns(track: TrackLogits) -> NDArray[np.float64]:
    """Put the logits that windows need side by side, shape (n_patches, n_labels + n_styles)."""
    parts = [track.logits] if track.style_logits is None else [track.logits, track.style_logits]
    return np.concatenate(parts, axis=1).astype(np.float64)


def _track_scores(logits: NDArray[np.float32] | None, weights: NDArray[np.float64]) -> NDArray[np.float64]:
    if logits is None:
        return np.zeros(0)
    return sigmoid(np.average(logits.astype(np.float64), axis=0, weights=weights))


def smooth(track: TrackLogits, columns: NDArray[np.float64], smoothing_seconds: float) -> NDArray[np.float64]:
    """Smooth logits over time with a Gaussian, normalised at the track's ends and beside silence.

    Parameters
    ----------
    track : TrackLogits
        Says when the patches are, and which of them vote.
    columns : ndarray, shape (n_patches, n_columns)
        Logits of the patches.
    smoothing_seconds : float
        Standard deviation in seconds; 0 leaves the logits as they are.

    Returns
    -------
    ndarray, shape (n_patches, n_columns)
        Smoothed logits; those of silent patches are left alone.
    """
    if smoothing_seconds <= 0 or len(columns) == 1:
        return columns
    votes = track.votes[:, None]
    weighted = np.concatenate([columns * votes, votes], axis=1)
    smoothed = weighted.copy()
    # By their distances in time: windows that were sampled lie unevenly, and the last patch ends with the track.
    for steps in range(1, len(columns)):
        distances_s = track.starts_s[steps:] - track.starts_s[:-steps]
        if distances_s.min() > _REACH * smoothing_seconds:
            break
        weights = np.exp(-0.5 * (distances_s / smoothing_seconds) ** 2)[:, None]
        smoothed[steps:] += weights * weighted[:-steps]
        smoothed[:-steps] += weights * weighted[steps:]
    means = smoothed[:, :-1] / np.maximum(smoothed[:, -1:], 1e-12)
    return np.where(votes > 0, means, columns)


def _overlap_weighted_mean(
    track: TrackLogits, columns: NDArray[np.float64], plan: WindowPlan
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Average the patches under each window, in time linear in the number of patches and windows.

    Each patch is a box over time, as high as its logit. The integral of the sum of boxes is piecewise linear with
    bends where patches start and end; a window's sum is the difference of its values at the window's bounds. The same
    with boxes as high as the patches' votes gives the weights.

    Returns
    -------
    ndarray, shape (n_windows, n_columns)
        Means; where nothing sounds, those of all patches under the window.
    ndarray, shape (n_windows,)
        Share of each window's patches that holds sound.
    """
    has_sound = track.has_sound[:, None].astype(np.float64)
    ones = np.ones_like(has_sound)
    # A silent window still needs some numbers: silent patches weigh next to nothing instead of nothing.
    weights = np.maximum(has_sound, 1e-9)
    heights = np.concatenate([columns * weights, weights, has_sound, ones], axis=1)
    sums = _sums_under(track.starts_s, track.patch_seconds, heights, plan)
    means: NDArray[np.float64] = sums[:, :-3] / np.maximum(sums[:, -3:-2], 1e-21)
    return means, sums[:, -2] / np.maximum(sums[:, -1], 1e-12)


def _sums_under(
    starts_s: NDArray[np.float64], patch_seconds: float, heights: NDArray[np.float64], plan: WindowPlan
) -> NDArray[np.float64]:
    """Integrate boxes of shape (n_patches, n_columns) over the windows; shape (n_windows, n_columns)."""
    bends = np.concatenate([starts_s, starts_s + patch_seconds])
    order = np.argsort(bends, kind="stable")
    slopes = np.cumsum(np.concatenate([heights, -heights])[order], axis=0)
    bends = bends[order]
    steps = slopes[:-1] * np.diff(bends)[:, None]
    integral = np.concatenate([np.zeros((1, heights.shape[1])), np.cumsum(steps, axis=0)])
    return np.column_stack(
        [np.interp(plan.ends_s, bends, column) - np.interp(plan.starts_s, bends, column) for column in integral.T]
    )


def softmax(logits: NDArray[np.float64]) -> NDArray[np.float64]:
    """Turn logits into probabilities along the last axis."""
    shifted = np.exp(logits - logits.max(axis=-1, keepdims=True))
    scores: NDArray[np.float64] = shifted / shifted.sum(axis=-1, keepdims=True)
    return scores


def sigmoid(logits: NDArray[np.float64]) -> NDArray[np.float64]:
    """Turn logits into probabilities that stand alone; no overflow, however large a logit is."""
    scores: NDArray[np.float64] = 0.5 * (1.0 + np.tanh(0.5 * logits))
    return scores

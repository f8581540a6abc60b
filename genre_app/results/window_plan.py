"""Where windows lie on a track."""

import math
from dataclasses import asdict, dataclass

import numpy as np
from numpy.typing import NDArray

from genre_app.results.schema import SliceOptions
from genre_app.results.track_logits import TrackLogits, WindowLayout

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


def layout_of(options: SliceOptions) -> WindowLayout:
    """Return which windows the options lay over a track."""
    return WindowLayout(options.window_seconds, options.overlap, options.max_chunks)


def fits(track: TrackLogits, options: SliceOptions) -> bool:
    """Return whether a track's logits can be sliced by the options; otherwise it has to be scored again."""
    return track.layout is None or track.layout == layout_of(options)


def options_scored(track: TrackLogits) -> SliceOptions:
    """Return options by which a track's logits can be sliced; for window models, those that they were scored by."""
    return SliceOptions() if track.layout is None else SliceOptions.model_validate(asdict(track.layout))

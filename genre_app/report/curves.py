"""What the timeline draws, on page and picture: curves that pause where there is no genre, and who leads when."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from genre_app.genres import NEUTRAL_COLOUR, colour_of
from genre_app.results.bands import Band
from genre_app.results.leaders import leading_labels
from genre_app.results.windows import WindowScores

#: Windows that are drawn at most: about the pixels of a screen.
_MAX_POINTS: Final = 1200
#: A curve falls and rises within this time at the edges of a band.
_EDGE_S: Final = 1e-3


@dataclass(frozen=True, slots=True)
class Curves:
    """Scores over time.

    Attributes
    ----------
    times_s : ndarray of float64, shape (n_points,)
        From 0 to the end of the track.
    scores : ndarray of float64, shape (n_points, n_labels)
        Of every label; 0 where there is no genre.
    is_pause : ndarray of bool, shape (n_points,)
        Where there is no genre.
    """

    times_s: NDArray[np.float64]
    scores: NDArray[np.float64]
    is_pause: NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class LeaderPieces:
    """Who leads, piece by piece.

    Attributes
    ----------
    starts_s, ends_s : ndarray of float64, shape (n_pieces,)
        Pieces that do not overlap.
    names : list of str
        The leading label of each, or the name of the band that it lies in.
    scores : list of float
        The leader's score; 0 in a band, and without sound.
    windows : ndarray of int64, shape (n_pieces,)
        The window that speaks for each piece; -1 in a band.
    """

    starts_s: NDArray[np.float64]
    ends_s: NDArray[np.float64]
    names: list[str]
    scores: list[float]
    windows: NDArray[np.int64]

    @property
    def colours(self) -> list[str]:
        """The leaders' colours; neutral where nothing leads."""
        return [
            colour_of(name) if score else NEUTRAL_COLOUR for name, score in zip(self.names, self.scores, strict=True)
        ]


def score_curves(windows: WindowScores, duration_s: float, bands: Sequence[Band] = ()) -> Curves:
    """Lay curves through the scores of the windows, each at its middle.

    Parameters
    ----------
    windows : WindowScores
        Scores of the windows; silent ones have no point.
    duration_s : float
        Length of the track.
    bands : sequence of Band
        Where the curves pause, in the order of time.

    Returns
    -------
    Curves
        The first and the last scores reach to the ends of the track.
    """
    kept = _thinned(len(windows.plan.starts_s))
    kept = kept[~windows.is_silent[kept]]
    if not len(kept):
        times_s = np.array([0.0, duration_s])
        return Curves(times_s, np.zeros((2, len(windows.labels))), np.ones(2, dtype=np.bool_))
    middles_s, scores = _middles_s(windows)[kept], windows.window_scores[kept]
    if not bands:
        times_s = np.concatenate([[0.0], middles_s, [duration_s]])
        scores = np.concatenate([scores[:1], scores, scores[-1:]])
        return Curves(times_s, scores, np.zeros(len(times_s), dtype=np.bool_))
    bands = [_to_the_ends(band, duration_s) for band in bands]
    edges_s = np.array([(band.start_s, band.end_s) for band in bands])
    insides_s = edges_s + np.array([_EDGE_S, -_EDGE_S])
    times_s = np.concatenate([[0.0, duration_s], middles_s, edges_s.ravel(), insides_s.ravel()])
    times_s = np.unique(np.clip(times_s, 0.0, duration_s))
    is_pause = _band_at(times_s, bands) >= 0
    filled = np.zeros((len(times_s), len(windows.labels)))
    for start_s, end_s in zip([-1.0, *edges_s[:, 1]], [*edges_s[:, 0], duration_s + 1.0], strict=True):
        # A window whose middle lies in a band says little of the music beside it.
        beside = (middles_s >= start_s) & (middles_s <= end_s)
        beside = beside if beside.any() else np.ones_like(beside)
        inside = ~is_pause & (times_s >= start_s) & (times_s <= end_s)
        columns = [np.interp(times_s[inside], middles_s[beside], column) for column in scores[beside].T]
        filled[inside] = np.column_stack(columns)
    return Curves(times_s, filled, is_pause)


def ranked(windows: WindowScores, order: Sequence[str] = ()) -> list[int]:
    """Return the columns in the order in which they are drawn: by the track's scores, the highest first.

    Parameters
    ----------
    windows : WindowScores
        Scores of the whole track.
    order : sequence of str
        Labels that come before the others, in this order, for charts that are compared with each other; those that the
        model does not know are passed over.
    """
    by_score: list[int] = np.argsort(-windows.track_scores, kind="stable").tolist()
    first = [windows.labels.index(label) for label in order if label in windows.labels]
    return [*first, *(i for i in by_score if i not in first)]


def leader_pieces(windows: WindowScores, bands: Sequence[Band] = ()) -> LeaderPieces:
    """Find who leads in each drawn window, up to the start of the next, and cut the bands out.

    Parameters
    ----------
    windows : WindowScores
        Scores of the windows.
    bands : sequence of Band
        Stretches without a genre, in the order of time.
    """
    leading = leading_labels(windows)
    kept = _thinned(len(leading.labels))
    starts_s = leading.starts_s[kept]
    ends_s = leading.ends_s[np.append(kept[1:], len(leading.ends_s)) - 1]
    cuts_s = np.clip([time_s for band in bands for time_s in (band.start_s, band.end_s)], starts_s[0], ends_s[-1])
    bounds_s = np.unique(np.concatenate([starts_s, ends_s, cuts_s]))
    middles_s = (bounds_s[:-1] + bounds_s[1:]) / 2
    rows = np.searchsorted(starts_s, middles_s, side="right") - 1
    in_band = _band_at(middles_s, bands)
    pieces = np.flatnonzero((middles_s < ends_s[rows]) | (in_band >= 0))
    shown = _windows_beside(windows, kept, rows, middles_s, bands)[pieces]
    names, scores = [], []
    for window, band in zip(shown, in_band[pieces], strict=True):
        names.append(bands[band].name if band >= 0 else leading.labels[window])
        scores.append(0.0 if band >= 0 else float(leading.scores[window]))
    speaking = np.where(in_band[pieces] >= 0, -1, shown)
    return LeaderPieces(bounds_s[:-1][pieces], bounds_s[1:][pieces], names, scores, speaking)


def _windows_beside(
    windows: WindowScores,
    kept: NDArray[np.int64],
    rows: NDArray[np.int64],
    times_s: NDArray[np.float64],
    bands: Sequence[Band],
) -> NDArray[np.int64]:
    """Return the window that speaks for each time: the last that has begun and has its middle outside the bands."""
    window_of = kept[rows]
    outside = kept[_band_at(_middles_s(windows)[kept], bands) < 0]
    if not bands or not len(outside):
        return window_of
    before = np.searchsorted(windows.plan.starts_s[outside], times_s, side="right") - 1
    found = outside[np.maximum(before, 0)]
    reaches = (before >= 0) & (times_s < windows.plan.ends_s[found])
    return np.where(reaches, found, window_of)


def _middles_s(windows: WindowScores) -> NDArray[np.float64]:
    middles_s: NDArray[np.float64] = (windows.plan.starts_s + windows.plan.ends_s) / 2
    return middles_s


def _to_the_ends(band: Band, duration_s: float) -> Band:
    """Let a band that touches an end of the track reach beyond it."""
    return replace(
        band,
        start_s=band.start_s if band.start_s > 0 else -1.0,
        end_s=band.end_s if band.end_s < duration_s - _EDGE_S else duration_s + 1.0,
    )


def _band_at(times_s: NDArray[np.float64], bands: Sequence[Band]) -> NDArray[np.int64]:
    """Return in which band each time lies, -1 for none; a band's own edges count as outside of it."""
    if not bands:
        return np.full(len(times_s), -1)
    starts_s = np.array([band.start_s for band in bands])
    ends_s = np.array([band.end_s for band in bands])
    found = np.searchsorted(starts_s, times_s, side="left") - 1
    return np.where((found >= 0) & (times_s < ends_s[found]), found, -1)


def _thinned(n_windows: int) -> NDArray[np.int64]:
    return np.unique(np.linspace(0, n_windows - 1, min(n_windows, _MAX_POINTS)).round().astype(np.int64))

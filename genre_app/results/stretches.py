"""Stretches of a track by what the patches say, independent of the windows: silences, the clearest part."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from genre_app.results.moments import moment_scores
from genre_app.results.schema import Span
from genre_app.results.track_logits import TrackLogits

#: Shorter pauses are part of the music.
_SHORTEST_SILENCE_S: Final = 2.5
#: Length of the part that is shown as the clearest.
_CLEAREST_S: Final = 10.0


def silences_of(track: TrackLogits) -> list[Span]:
    """List the stretches without sound."""
    return [
        Span(start=round(start_s, 3), end=round(end_s, 3))
        for start_s, end_s in runs_of(track, ~track.has_sound)
        if end_s - start_s >= _SHORTEST_SILENCE_S or len(track.starts_s) == 1
    ]


def runs_of(track: TrackLogits, is_meant: NDArray[np.bool_]) -> list[tuple[float, float]]:
    """Join neighbouring patches that are meant; start and end of each run in seconds."""
    edges = np.flatnonzero(np.diff(is_meant.astype(np.int8), prepend=0, append=0))
    bounds_s = patch_bounds_s(track)
    return [(float(bounds_s[first]), float(bounds_s[end])) for first, end in edges.reshape(-1, 2)]


def patch_bounds_s(track: TrackLogits) -> NDArray[np.float64]:
    """Return where each patch's own time begins, and the track's end; shape (n_patches + 1,)."""
    bounds_s = np.append(track.starts_s, track.duration_s)
    if len(bounds_s) > 2:
        # The last patch ends with the track and may reach back into its neighbour.
        bounds_s[-2] = min(max(bounds_s[-2], bounds_s[-3] + track.patch_seconds), track.duration_s)
    return bounds_s


def seconds_of_sound(track: TrackLogits) -> float:
    """Return for how long a track sounds."""
    return float(np.diff(patch_bounds_s(track))[track.has_sound].sum())


def clearest_part(track: TrackLogits, column: int) -> Span | None:
    """Find the ten seconds in which a label is clearest; None where nothing sounds."""
    has_sound = track.has_sound
    if not has_sound.any():
        return None
    best = int(np.where(has_sound, moment_scores(track)[:, column], -1.0).argmax())
    middle_s = float(track.starts_s[best]) + track.patch_seconds / 2
    start_s = max(0.0, min(middle_s - _CLEAREST_S / 2, track.duration_s - _CLEAREST_S))
    return Span(start=round(start_s, 3), end=round(min(start_s + _CLEAREST_S, track.duration_s), 3))

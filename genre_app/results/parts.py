"""What a track is part by part, independent of the windows that are shown: silence, speech, one genre after another."""

from itertools import groupby
from typing import Final, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from genre_app.results.model_info import DecisionRule
from genre_app.results.schema import Part, Span
from genre_app.results.track_logits import TrackLogits
from genre_app.results.windows import sigmoid, smooth, softmax

#: Shorter pauses are part of the music.
_SHORTEST_SILENCE_S: Final = 2.5
#: Logits are smoothed over this much time (a standard deviation) before parts are separated.
_SMOOTHING_S: Final = 5.0
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


def smoothed_scores(track: TrackLogits) -> NDArray[np.float64]:
    """Return the labels' scores of every patch, smoothed over some seconds; shape (n_patches, n_labels)."""
    logits = smooth(track, track.logits.astype(np.float64), _SMOOTHING_S)
    return softmax(logits) if track.activation == "softmax" else sigmoid(logits)


class _Moment(NamedTuple):
    """What a patch is, where that is sure."""

    kind: Literal["genre", "sound"]
    name: str


def parts_of(track: TrackLogits, rule: DecisionRule) -> list[Part]:
    """List the sure parts of a track, in the order of time, if no single thing makes up most of it.

    Each patch is a genre that leads clearly, a sound that is not music, or nothing sure, after smoothing over some
    seconds. Neighbours that are the same make a part; what is not sure or silent between them does not part them.

    Returns
    -------
    list of Part
        Of at least two names, one of them a genre; empty where the track is not mixed.
    """
    if rule.part_from is None or track.activation != "softmax":
        return []
    moments = _moments(track, rule.part_from, rule.music_from)
    bounds_s = patch_bounds_s(track)
    sure = [(moment, index) for index, moment in enumerate(moments) if moment]
    runs = [[index for _, index in group] for _, group in groupby(sure, key=lambda pair: pair[0])]
    long = [run for run in runs if bounds_s[run[-1] + 1] - bounds_s[run[0]] >= rule.part_seconds]
    merged = [[index for run in group for index in run] for _, group in groupby(long, key=lambda run: moments[run[0]])]
    confidences = smoothed_scores(track).max(axis=1)
    parts = [_part(track, run, moments[run[0]], bounds_s, confidences) for run in merged]
    lengths_s: dict[str, float] = {}
    for part in parts:
        lengths_s[part.name] = lengths_s.get(part.name, 0.0) + part.end - part.start
    has_music = any(part.kind == "genre" for part in parts)
    most_s = rule.most_of_parts * sum(lengths_s.values())
    is_mixed = has_music and len(lengths_s) > 1 and max(lengths_s.values()) <= most_s
    return parts if is_mixed else []


def _moments(track: TrackLogits, part_from: float, music_from: float | None) -> list[_Moment | None]:
    """Say of each patch what it is, where that is sure."""
    scores = smoothed_scores(track)
    names = [track.labels[column] for column in scores.argmax(axis=1)]
    is_sure = scores.max(axis=1) >= part_from
    moments = [_Moment("genre", name) if sure else None for name, sure in zip(names, is_sure, strict=True)]
    if music_from is not None and track.music_logits is not None and track.sound_logits is not None:
        together = np.column_stack([track.music_logits, track.sound_logits]).astype(np.float64)
        smoothed = smooth(track, together, _SMOOTHING_S)
        for index in np.flatnonzero(smoothed[:, 0] < music_from):
            moments[index] = _Moment("sound", track.sounds[smoothed[index, 1:].argmax()])
    return [moment if sounds else None for moment, sounds in zip(moments, track.has_sound, strict=True)]


def _part(
    track: TrackLogits,
    run: list[int],
    moment: _Moment | None,
    bounds_s: NDArray[np.float64],
    confidences: NDArray[np.float64],
) -> Part:
    assert moment
    if moment.kind == "genre":
        confidence = float(confidences[run].mean())
    else:
        assert track.music_logits is not None
        confidence = 1.0 - float(sigmoid(track.music_logits[run].astype(np.float64)).mean())
    start_s, end_s = float(bounds_s[run[0]]), float(bounds_s[run[-1] + 1])
    return Part(
        kind=moment.kind,
        name=moment.name,
        start=round(start_s, 3),
        end=round(end_s, 3),
        confidence=round(confidence, 6),
    )


def clearest_part(track: TrackLogits, column: int) -> Span | None:
    """Find the ten seconds in which a label is clearest; None where nothing sounds."""
    has_sound = track.has_sound
    if not has_sound.any():
        return None
    best = int(np.where(has_sound, smoothed_scores(track)[:, column], -1.0).argmax())
    middle_s = float(track.starts_s[best]) + track.patch_seconds / 2
    start_s = max(0.0, min(middle_s - _CLEAREST_S / 2, track.duration_s - _CLEAREST_S))
    return Span(start=round(start_s, 3), end=round(min(start_s + _CLEAREST_S, track.duration_s), 3))

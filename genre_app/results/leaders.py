"""Which label leads when: the one answer that timeline, charts, sentences and comparisons share."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Final

import numpy as np
from numpy.typing import NDArray
from pydantic import TypeAdapter

from genre_app.genres import NEUTRAL_COLOUR, colour_of
from genre_app.results.schema import SILENCE, Part, TimelineEntry
from genre_app.results.windows import WindowScores

TIME_DECIMALS: Final = 3
SCORE_DECIMALS: Final = 6
#: Thousands of entries are built in one call.
_TIMELINE: Final = TypeAdapter(list[TimelineEntry])
#: Start and end in seconds, label, and its score.
_Row = tuple[float, float, str, float]


@dataclass(frozen=True, slots=True)
class LeadingLabels:
    """The leading label of each window, from the window's start to the next one's, or to its own end if that is first.

    Attributes
    ----------
    starts_s, ends_s : ndarray of float64, shape (n_windows,)
        Stretches that do not overlap; they leave gaps only where windows were left out.
    labels : tuple of str, n_windows of them
        The leading label, of equal scores the first; ``"silence"`` where there is no sound.
    scores : ndarray of float64, shape (n_windows,)
        Its score; 0 for silence.
    """

    starts_s: NDArray[np.float64]
    ends_s: NDArray[np.float64]
    labels: tuple[str, ...]
    scores: NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Stretch:
    """A part of a track throughout which one label leads, or something else than music; times in seconds."""

    label: str
    start_s: float
    end_s: float
    colour: str

    @property
    def duration_s(self) -> float:
        """Length of the part."""
        return self.end_s - self.start_s


def leading_labels(windows: WindowScores) -> LeadingLabels:
    """Find the leading label of every window."""
    starts_s = windows.plan.starts_s
    return LeadingLabels(
        starts_s=starts_s,
        ends_s=np.minimum(windows.plan.ends_s, np.append(starts_s[1:], np.inf)),
        labels=tuple(
            SILENCE if is_silent else windows.labels[column]
            for column, is_silent in zip(windows.window_scores.argmax(axis=1), windows.is_silent, strict=True)
        ),
        scores=np.where(windows.is_silent, 0.0, windows.window_scores.max(axis=1)),
    )


def timeline_of(windows: WindowScores, sounds: Sequence[Part] = ()) -> list[TimelineEntry]:
    """List who leads when, with its colour, for people and for visualisers.

    Parameters
    ----------
    windows : WindowScores
        Scores of the windows.
    sounds : sequence of Part
        Parts that are not music, in the order of time: they are cut out of the windows, and stand as entries without
        confidence.
    """
    leading = leading_labels(windows)
    confidences = leading.scores.round(SCORE_DECIMALS).tolist()
    rows = list(
        zip(rounded_times(leading.starts_s), rounded_times(leading.ends_s), leading.labels, confidences, strict=True)
    )
    for sound in sounds:
        rows = [piece for row in rows for piece in _cut_at(row, sound)]
    names = {sound.name for sound in sounds}
    colour = {label: colour_of(label) for label in windows.labels} | dict.fromkeys((SILENCE, *names), NEUTRAL_COLOUR)
    return _TIMELINE.validate_python(
        [
            {"start": start, "end": end, "genre": label, "colour": colour[label], "confidence": confidence}
            for start, end, label, confidence in _with_neighbours_joined(rows, names)
        ]
    )


def _cut_at(row: _Row, sound: Part) -> Iterator[_Row]:
    """Cut a stretch at the edges of a sound; what lies inside, unless it is silent, is that sound."""
    start_s, end_s, label, confidence = row
    if end_s <= sound.start or start_s >= sound.end or label == SILENCE:
        yield row
        return
    if start_s < sound.start:
        yield start_s, sound.start, label, confidence
    yield max(start_s, sound.start), min(end_s, sound.end), sound.name, 0.0
    if end_s > sound.end:
        yield sound.end, end_s, label, confidence


def _with_neighbours_joined(rows: Iterable[_Row], names: Collection[str]) -> Iterator[_Row]:
    """Join neighbouring stretches of the same sound: windows mean nothing in it."""
    last: _Row | None = None
    for row in rows:
        if last and row[2] in names and row[2] == last[2] and row[0] == last[1]:
            last = (last[0], row[1], row[2], 0.0)
            continue
        if last:
            yield last
        last = row
    if last:
        yield last


def rounded_times(seconds: NDArray[np.float64]) -> list[float]:
    """Round times as a result gives them, to milliseconds."""
    rounded: list[float] = seconds.round(TIME_DECIMALS).tolist()
    return rounded


def stretches_of(timeline: Iterable[TimelineEntry]) -> list[Stretch]:
    """Join neighbours that have the same leading label."""
    groups = (list(group) for _, group in groupby(timeline, key=lambda entry: entry.genre))
    return [Stretch(group[0].genre, group[0].start, group[-1].end, group[0].colour) for group in groups]

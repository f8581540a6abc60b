"""Stretches of a track that no genre's score speaks of: without sound, speech between pieces, and what was left out."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

from genre_app.genres import display_name
from genre_app.results.leaders import Stretch, stretches_of
from genre_app.results.parts import sounds_of
from genre_app.results.schema import SILENCE, ClassificationResult, TimelineEntry

#: What a stretch of silence is called.
NO_SOUND: Final = display_name(SILENCE)
#: What a stretch between windows is called where only some windows were kept.
LEFT_OUT: Final = "Left out"


@dataclass(frozen=True, slots=True)
class Band:
    """A stretch without a genre; times in seconds.

    Attributes
    ----------
    name : str
        What it is for people, such as ``"No sound"`` or ``"Speech"``.
    """

    name: str
    start_s: float
    end_s: float


def bands_of(result: ClassificationResult) -> list[Band]:
    """List the stretches without a genre, in the order of time; they do not overlap."""
    silences = [Band(NO_SOUND, span.start, span.end) for span in result.silences]
    sounds = [
        Band(display_name(part.name), start_s, end_s)
        for part in sounds_of(result.verdict, result.metadata.duration_seconds)
        for start_s, end_s in _without(part.start, part.end, silences)
    ]
    known = sorted([*silences, *sounds], key=lambda band: band.start_s)
    left_out = [
        Band(LEFT_OUT, start_s, end_s)
        for gap_start_s, gap_end_s in _gaps(result)
        for start_s, end_s in _without(gap_start_s, gap_end_s, known)
    ]
    return sorted([*known, *left_out], key=lambda band: band.start_s)


def _gaps(result: ClassificationResult) -> Iterator[tuple[float, float]]:
    """Yield start and end of the stretches that no window covers, because only some were kept."""
    if not result.metadata.is_sample:
        return
    reached_s = 0.0
    for entry in result.timeline:
        if entry.start > reached_s:
            yield reached_s, entry.start
        reached_s = entry.end
    if result.metadata.duration_seconds > reached_s:
        yield reached_s, result.metadata.duration_seconds


def by_name(bands: Iterable[Band]) -> dict[str, list[Band]]:
    """Group stretches by what they are."""
    groups: dict[str, list[Band]] = {}
    for band in bands:
        groups.setdefault(band.name, []).append(band)
    return groups


def genre_stretches(timeline: Iterable[TimelineEntry], bands: Sequence[Band]) -> list[Stretch]:
    """Cut the stretches without a genre out of a timeline; neighbours on both sides of one stay two stretches."""
    return [
        replace(stretch, start_s=start_s, end_s=end_s)
        for stretch in stretches_of(timeline)
        if stretch.label != SILENCE
        for start_s, end_s in _without(stretch.start_s, stretch.end_s, bands)
    ]


def _without(start_s: float, end_s: float, bands: Sequence[Band]) -> list[tuple[float, float]]:
    """Return start and end of what is left of a stretch outside the bands, which are in the order of time."""
    left = []
    for band in bands:
        if band.end_s <= start_s or band.start_s >= end_s:
            continue
        if band.start_s > start_s:
            left.append((start_s, band.start_s))
        start_s = max(start_s, band.end_s)
    return [*left, (start_s, end_s)] if start_s < end_s else left

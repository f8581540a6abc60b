"""The course of a track in short: what it is when, as the answer's sentence says it."""

from itertools import pairwise

from genre_app.genres import NEUTRAL_COLOUR
from genre_app.results.bands import NO_SOUND, bands_of, genre_stretches
from genre_app.results.leaders import Stretch
from genre_app.results.schema import ClassificationResult
from genre_app.results.verdict import MOST_PARTS


def course_of(result: ClassificationResult) -> list[Stretch]:
    """List what a track is when, in the order of time; what has no sound is missing.

    Where the answer names one thing after another, these are its parts; else what leads in the windows, and what
    is there instead of music.
    """
    parts = result.verdict.parts
    if result.verdict.kind == "mixed" and len(parts) <= MOST_PARTS:
        ends_s = [*(after.start for _, after in pairwise(parts)), result.metadata.duration_seconds]
        return [Stretch(part.name, part.start, end_s, part.colour) for part, end_s in zip(parts, ends_s, strict=True)]
    bands = bands_of(result)
    others = [Stretch(band.name, band.start_s, band.end_s, NEUTRAL_COLOUR) for band in bands if band.name != NO_SOUND]
    return sorted([*genre_stretches(result.timeline, bands), *others], key=lambda stretch: stretch.start_s)

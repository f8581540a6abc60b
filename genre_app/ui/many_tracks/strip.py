"""The course of a track as a strip in its row."""

import html
from collections.abc import Iterator, Sequence

from genre_app.formatting import clock
from genre_app.genres import display_name
from genre_app.results.leaders import Stretch


def strip(course: Sequence[Stretch], duration_s: float) -> str:
    """Draw what a track is when: HTML, empty where it is nothing anywhere.

    Parameters
    ----------
    course : sequence of Stretch
        In the order of time; gaps stay empty.
    duration_s : float
        Length of the track.
    """
    if not course or duration_s <= 0.0:
        return ""
    pieces = "".join(_pieces(course, duration_s))
    said = ", ".join(f"{display_name(stretch.label)} from {clock(stretch.start_s)}" for stretch in course)
    return f"<span class='strip' role='img' aria-label='{html.escape(said)}'>{pieces}</span>"


def _pieces(course: Sequence[Stretch], duration_s: float) -> Iterator[str]:
    """Yield a stretch each, with its times as a tooltip."""
    for stretch in course:
        name = html.escape(display_name(stretch.label))
        times = f"{clock(stretch.start_s)} to {clock(stretch.end_s)}"
        left, width = (100 * time_s / duration_s for time_s in (stretch.start_s, stretch.duration_s))
        style = f"left:{left:.2f}%;width:{width:.2f}%;background:{stretch.colour}"
        yield f"<i title='{name}, {times}' style='{style}'></i>"

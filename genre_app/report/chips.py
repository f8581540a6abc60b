"""Styles and tags as short lists, for the page and the report."""

from collections.abc import Sequence
from typing import Final

from genre_app.formatting import percent
from genre_app.genres import display_name
from genre_app.report.templates import render
from genre_app.results.schema import StyleScore, TagScore

_MOST: Final = 8
#: Tags with lower scores are left out.
_MIN_SCORE: Final = 0.1


def tag_chips(tags: Sequence[TagScore]) -> str:
    """Render the likeliest tags with their scores.

    Parameters
    ----------
    tags : sequence of TagScore
        In descending order of their scores.

    Returns
    -------
    str
        HTML list; empty where no tag is likely enough.
    """
    return _chips([(tag.tag, tag.score) for tag in tags[:_MOST] if tag.score >= _MIN_SCORE])


def style_chips(styles: Sequence[StyleScore]) -> str:
    """Render styles with their scores as an HTML list; empty where there are none."""
    return _chips([(style.style, style.score) for style in styles])


def _chips(scores: Sequence[tuple[str, float]]) -> str:
    chips = [(display_name(name), percent(score)) for name, score in scores]
    return render("chips.html", chips=chips) if chips else ""

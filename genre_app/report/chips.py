"""The likeliest tags as a short list, for the page and the report."""

from collections.abc import Sequence
from typing import Final

from genre_app.formatting import percent
from genre_app.genres import display_name
from genre_app.report.templates import render
from genre_app.results.schema import TagScore

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
    chips = [(display_name(tag.tag), percent(tag.score)) for tag in tags[:_MOST] if tag.score >= _MIN_SCORE]
    return render("chips.html", chips=chips) if chips else ""

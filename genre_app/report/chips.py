"""What is heard beside the genre, as a short list; the page and the report share it."""

from collections.abc import Sequence
from typing import Final

from genre_app.formatting import percent
from genre_app.genres import display_name
from genre_app.report.templates import render
from genre_app.results.schema import TagScore

_MOST: Final = 8
#: What is less likely is no news.
_LEAST_SCORE: Final = 0.1


def tag_chips(tags: Sequence[TagScore]) -> str:
    """Write the likeliest tags with their scores.

    Parameters
    ----------
    tags : sequence of TagScore
        In descending order of their scores.

    Returns
    -------
    str
        HTML: a list; nothing where no tag is likely enough to be said.
    """
    chips = [(display_name(tag.tag), percent(tag.score)) for tag in tags[:_MOST] if tag.score >= _LEAST_SCORE]
    return render("chips.html", chips=chips) if chips else ""

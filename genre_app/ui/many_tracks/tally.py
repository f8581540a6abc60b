"""How many tracks of a list have which answer."""

from collections.abc import Sequence
from typing import Final

from genre_app.collection.record import TrackRecord
from genre_app.collection.summary import OTHER_ANSWERS, Tally
from genre_app.genres import NEUTRAL_COLOUR, colour_of, display_name
from genre_app.ui.many_tracks.row import Row

#: The answer that stands for every track.
ALL: Final = ""
#: Stands for the tracks whose files carry another genre than is heard, whichever.
DIFFERS: Final = "differs"


def answer_of(record: TrackRecord | None) -> str | None:
    """Return the key of a track's answer, by which the table is filtered; None where there is no answer yet."""
    if record is None:
        return None
    return f"genre:{record.genre}" if record.status == "confident" else record.status


def difference_of(record: TrackRecord | None) -> str | None:
    """Return `DIFFERS` where the file carries another genre than is heard."""
    return DIFFERS if record and record.comparison == "differs" else None


def answer_order(record: TrackRecord) -> tuple[int, str]:
    """Return what a track is sorted by: the genres by name, then the answers that name none."""
    if record.status == "confident":
        return 0, display_name(record.genre or "")
    return 1 + list(OTHER_ANSWERS).index(record.status), OTHER_ANSWERS[record.status]


def tally(rows: Sequence[Row]) -> list[dict[str, str | int]]:
    """Count the tracks by answer.

    Parameters
    ----------
    rows : sequence of Row
        The list.

    Returns
    -------
    list of dict
        Key, name, colour and count of each answer that a track has: all together, the genres from the most frequent
        on, then the answers that name no genre, and at last those whose files carry another genre. Empty where there
        is no answer yet.
    """
    counted = Tally.of(row.record for row in rows if row.record)
    counts = [(f"genre:{genre}", display_name(genre), colour_of(genre), n) for genre, n in counted.genre_counts]
    counts += [(status, OTHER_ANSWERS[status], NEUTRAL_COLOUR, n) for status, n in counted.other_counts]
    if n_differ := dict(counted.comparison_counts).get("differs"):
        counts.append((DIFFERS, "Differs from its tag", "", n_differ))
    shown = [(ALL, "All", "", len(rows)), *counts] if counts else []
    return [{"key": key, "name": name, "colour": colour, "count": count} for key, name, colour, count in shown]

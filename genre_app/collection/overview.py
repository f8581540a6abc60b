"""One page for a whole collection: its genres, and a table of its tracks."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Final
from urllib.parse import quote

from genre_app.collection.record import Entry
from genre_app.collection.summary import genre_counts, status_count
from genre_app.formatting import clock, percent
from genre_app.genres import NEUTRAL_COLOUR, colour_of, display_name
from genre_app.report.templates import render

_ANSWERS: Final = {"uncertain": "Not sure", "not_music": "Not music", "failed": "Failed"}


@dataclass(frozen=True, slots=True)
class _Bar:
    """How many tracks got an answer, and the width of its bar in percent of the widest."""

    name: str
    count: int
    colour: str
    width: float


@dataclass(frozen=True, slots=True)
class _Row:
    """A track in the table."""

    entry: Entry
    answer: str
    colour: str
    confidence: str
    length: str
    remarks: str
    links: tuple[tuple[str, str], ...]


def to_overview(entries: Sequence[Entry]) -> str:
    """Write the page; it needs no other file, and its links lead to the tracks' reports beside it.

    Parameters
    ----------
    entries : sequence of Entry
        All tracks.

    Returns
    -------
    str
        HTML.
    """
    return render(
        "overview.html",
        n_tracks=len(entries),
        length=clock(sum(entry.duration_seconds or 0.0 for entry in entries)),
        bars=_bars(entries),
        rows=[_row(entry) for entry in entries],
        has_tempo=any(entry.tempo_bpm for entry in entries),
        has_key=any(entry.key for entry in entries),
        failed=[entry for entry in entries if entry.status == "failed"],
    )


def _bars(entries: Sequence[Entry]) -> list[_Bar]:
    counts = [(display_name(genre), count, colour_of(genre)) for genre, count in genre_counts(entries)]
    counts += [(name, status_count(entries, status), NEUTRAL_COLOUR) for status, name in _ANSWERS.items()]
    widest = max((count for _, count, _ in counts), default=1) or 1
    return [_Bar(name, count, colour, round(100 * count / widest, 2)) for name, count, colour in counts if count]


def _row(entry: Entry) -> _Row:
    is_named = entry.status == "confident" and entry.genre is not None
    return _Row(
        entry=entry,
        answer=display_name(entry.genre or "") if is_named else _ANSWERS[entry.status],
        colour=colour_of(entry.genre or "") if is_named else NEUTRAL_COLOUR,
        confidence=percent(entry.confidence) if is_named and entry.confidence is not None else "",
        length="" if entry.duration_seconds is None else clock(entry.duration_seconds),
        remarks=" ".join(([entry.sentence] if entry.status in {"uncertain", "failed"} else []) + list(entry.warnings)),
        links=tuple((_link_name(output), f"./{quote(output)}") for output in sorted(entry.outputs, key=_rank)),
    )


def _rank(output: str) -> int:
    """Put the page first, which is for people, and keep the order of the others."""
    return 0 if output.endswith(".html") else 1


def _link_name(output: str) -> str:
    return "Tagged copy" if output.startswith("tagged/") else PurePosixPath(output).suffix[1:].upper()

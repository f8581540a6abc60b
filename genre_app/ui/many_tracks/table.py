"""The list of many tracks: rows of a table, and a summary."""

import html
import re
from collections.abc import Sequence
from typing import Any, Final

from genre_app.collection.record import TrackRecord
from genre_app.formatting import clock, percent
from genre_app.genres import stripes_of
from genre_app.results.progress import Progress
from genre_app.ui.many_tracks.row import Row
from genre_app.ui.many_tracks.skipped import NOTHING_SKIPPED, Skipped
from genre_app.ui.many_tracks.strip import strip
from genre_app.ui.many_tracks.tally import answer_of, answer_order, difference_of, tally
from genre_app.ui.shared.progress import progress_bar

#: Without rows; the page's script draws these, sorts, filters and searches them.
TEMPLATE: Final = """\
<div class='track-list' hidden>
<div class='tally' role='group' aria-label='Show only'></div>
<div class='find'><input type='search' aria-label='Search by name' placeholder='Search by name' autocomplete='off' \
spellcheck='false'><p role='status'></p></div>
<table class='tracks'><caption class='unseen'>Your tracks</caption><thead><tr>
<th scope='col' aria-sort='none' data-column='name'><button type='button'>Track</button></th>
<th scope='col' aria-sort='none' data-column='answer'><button type='button'>Answer</button></th>
<th scope='col' aria-sort='none' data-column='length_s' class='length'><button type='button'>Length</button></th>
<th scope='col'><span class='unseen'>Open</span></th>
</tr></thead><tbody></tbody></table></div>"""
#: A long name may break after these characters.
_BREAKABLE: Final = re.compile(r"([_.-])")
_BREAK: Final = r"\1<wbr>"
WELCOME: Final = "Each recording gets a row here as soon as you add it."


def table(rows: Sequence[Row], *, known_reason: str | None = None, has_vocabulary: bool = False) -> dict[str, Any]:
    """Prepare the table for the page's script. Gradio sends of it what has changed since the last one.

    Parameters
    ----------
    rows : sequence of Row
        The list.
    known_reason : str, optional
        Why the default model is a fallback: shown elsewhere on the page and omitted in the rows.
    has_vocabulary : bool
        Whether rows say what the vocabulary writes.

    Returns
    -------
    dict
        ``tally``, as `genre_app.ui.many_tracks.tally.tally` returns it, and ``rows``: for each track key, state,
        cells as HTML, and what it is sorted and filtered by.
    """
    return {"tally": tally(rows), "rows": [_row(row, known_reason, has_vocabulary=has_vocabulary) for row in rows]}


def summary(rows: Sequence[Row], *, n_left_out: int = 0, skipped: Skipped = NOTHING_SKIPPED) -> str:
    """Summarise the list, also for screen readers: HTML.

    Parameters
    ----------
    rows : sequence of Row
        The list.
    n_left_out : int
        Files that exceeded the limit of the list.
    skipped : Skipped
        Files of dropped folders that are no recordings.
    """
    sentence = _sentence(rows)
    if n_left_out:
        sentence += f" {n_left_out} more had no room: the list is full."
    if skipped.n_files:
        sentence += f" {skipped.in_words()}"
    n_settled = sum(row.is_settled for row in rows)
    share = n_settled / len(rows) if rows else 0.0
    bar = progress_bar(share, is_decorative=True, is_hidden=not rows)
    return (
        f"<div class='many-summary{'' if rows else ' empty'}'><p role='status'>{html.escape(sentence)}</p>{bar}</div>"
    )


def _sentence(rows: Sequence[Row]) -> str:
    """Summarise the list, such as ``7 of 12 done, 1 failed.``."""
    if not rows:
        return WELCOME
    counts = {state: sum(row.state == state for row in rows) for state in ("done", "failed", "cancelled")}
    if counts["done"] == len(rows):
        return f"All {len(rows)} tracks are done." if len(rows) > 1 else "The track is done."
    parts = [f"{counts['done']} of {len(rows)} done"]
    parts += [f"{counts[state]} {state}" for state in ("failed", "cancelled") if counts[state]]
    return f"{', '.join(parts)}."


def _row(row: Row, known_reason: str | None, *, has_vocabulary: bool) -> dict[str, Any]:
    name = html.escape(row.name)
    record = row.record
    return {
        "key": row.key,
        "state": row.state,
        "name": row.name,
        "answer": answer_of(record),
        "difference": difference_of(record),
        "answer_order": record and answer_order(record),
        "confidence": record and record.confidence,
        "length_s": record and record.duration_seconds,
        "cells": (
            f"<th scope='row' title='{name}'><span class='name'>{_BREAKABLE.sub(_BREAK, name)}</span></th>"
            f"{_cells(row, known_reason, has_vocabulary=has_vocabulary)}"
        ),
    }


def _cells(row: Row, known_reason: str | None, *, has_vocabulary: bool) -> str:
    if row.state != "done" or row.record is None:
        return f"<td class='answer' colspan='3'>{_progress(row)}</td>"
    sentence = html.escape(row.record.sentence).replace(" %", "\N{NO-BREAK SPACE}%")
    words = f"<span class='words'>{sentence}</span>"
    notes = list(row.record.warnings)
    if row.scored is not None and row.scored.fallback_reason not in {None, known_reason}:
        notes.append(str(row.scored.fallback_reason))
    reasons = "".join(f"<span class='reason'>{html.escape(note)}</span>" for note in notes)
    length_s = row.record.duration_seconds or 0.0
    tags = _carried(row.record) + (_written(row.record) if has_vocabulary else "")
    return (
        f"<td class='answer'><span class='chosen'>{_chip(row.genres)}{words}</span>"
        f"{strip(row.course, length_s)}{tags}{reasons}</td><td class='length'>{clock(length_s)}</td>"
        f"<td><button type='button' data-open='{html.escape(row.key)}' aria-label='Open {html.escape(row.name)}'>"
        "Open</button></td>"
    )


def _carried(record: TrackRecord) -> str:
    """Say which genre the file carries, and whether it is another one than is heard."""
    if not record.file_genres:
        return ""
    differs = " (differs)" if record.comparison == "differs" else ""
    return f"<span class='carried'>In the file: {html.escape(', '.join(record.file_genres))}{differs}</span>"


def _written(record: TrackRecord) -> str:
    """Say which genres the vocabulary writes for the track."""
    names = ", ".join(record.written_genres)
    return f"<span class='written'>Written as: {html.escape(names)}</span>" if names else ""


def _progress(row: Row) -> str:
    if row.record is not None:
        return f"<strong>Failed</strong><span class='reason'>{html.escape(row.record.sentence)}</span>"
    if row.state == "scoring" and row.progress is not None:
        bar = progress_bar(row.progress.fraction, is_decorative=True)
        return f"<span class='words'>{_progress_words(row.progress)}</span>{bar}"
    return f"<span class='words'>{row.state.capitalize()}</span>"


def _progress_words(progress: Progress) -> str:
    if progress.stage == "reading":
        return "Opening"
    if progress.stage == "waiting":
        return "Waiting"
    if progress.fraction is None:
        return f"Listening, {progress.scored_s:.0f} s"
    return f"Listening, {percent(progress.fraction)}"


def _chip(genres: Sequence[str]) -> str:
    """Draw the colours of the verdict; decorative, as the text beside it names them."""
    return f"<span class='chip' aria-hidden='true' style='background:{stripes_of(genres)}'></span>"

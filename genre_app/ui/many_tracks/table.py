"""The list of many tracks as HTML: a table and a summary."""

import html
import re
from collections.abc import Sequence
from typing import Final

from genre_app.formatting import clock, percent
from genre_app.genres import stripes_of
from genre_app.results.progress import Progress
from genre_app.ui.many_tracks.queue import Row
from genre_app.ui.shared.progress import progress_bar

_HEAD: Final = (
    "<thead><tr><th scope='col'>Track</th><th scope='col'>Answer</th>"
    "<th scope='col' class='length'>Length</th><th scope='col'><span class='unseen'>Open</span></th></tr></thead>"
)
#: A long name may break after these characters.
_BREAKABLE: Final = re.compile(r"([_.-])")
WELCOME: Final = "Each recording gets a row here as soon as you add it."


def table(rows: Sequence[Row], *, known_reason: str | None = None) -> str:
    """Render the table; empty where there are no rows.

    Rows keep their order, so that the page updates only what has changed and keeps focus and scroll position.

    Parameters
    ----------
    rows : sequence of Row
        The list.
    known_reason : str, optional
        Why the default model is a fallback: shown elsewhere on the page and omitted in the rows.
    """
    if not rows:
        return ""
    body = "".join(_row(row, known_reason) for row in rows)
    return f"<table class='tracks'><caption class='unseen'>Your tracks</caption>{_HEAD}<tbody>{body}</tbody></table>"


def summary(rows: Sequence[Row], *, n_left_out: int = 0) -> str:
    """Summarise the list, also for screen readers: HTML.

    Parameters
    ----------
    rows : sequence of Row
        The list.
    n_left_out : int
        Files that exceeded the limit of the list.
    """
    sentence = _sentence(rows)
    if n_left_out:
        sentence += f" {n_left_out} more had no room: the list is full."
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


def _row(row: Row, known_reason: str | None) -> str:
    name, key = html.escape(row.name), html.escape(row.key)
    breakable = _BREAKABLE.sub(r"\1<wbr>", name)
    return (
        f"<tr data-key='{key}' data-state='{row.state}'>"
        f"<th scope='row' title='{name}'><span class='name'>{breakable}</span></th>"
        f"{_cells(row, known_reason)}</tr>"
    )


def _cells(row: Row, known_reason: str | None) -> str:
    if row.state != "done" or row.record is None:
        return f"<td class='answer' colspan='3'>{_progress(row)}</td>"
    sentence = html.escape(row.record.sentence).replace(" %", "\N{NO-BREAK SPACE}%")
    words = f"<span class='words'>{sentence}</span>"
    notes = list(row.record.warnings)
    if row.scored is not None and row.scored.fallback_reason not in {None, known_reason}:
        notes.append(str(row.scored.fallback_reason))
    reasons = "".join(f"<span class='reason'>{html.escape(note)}</span>" for note in notes)
    return (
        f"<td class='answer'><span class='chosen'>{_chip(row.genres)}{words}</span>{reasons}</td>"
        f"<td class='length'>{clock(row.record.duration_seconds or 0.0)}</td>"
        f"<td><button type='button' data-open='{html.escape(row.key)}' aria-label='Open {html.escape(row.name)}'>"
        "Open</button></td>"
    )


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

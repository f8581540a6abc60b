"""The list of many tracks as HTML: a table, and a line that sums it up."""

import html
import re
from collections.abc import Sequence
from typing import Final

from genre_app.formatting import clock, percent
from genre_app.genres import stripes_of
from genre_app.ui.many_tracks.queue import Row

#: Written the same on every tab.
_HEAD: Final = (
    "<thead><tr><th scope='col'>Track</th><th scope='col'>Answer</th>"
    "<th scope='col' class='length'>Length</th><th scope='col'><span class='unseen'>Open</span></th></tr></thead>"
)
#: After these a long name may go on in the next line.
_BREAKABLE: Final = re.compile(r"([_.-])")
WELCOME: Final = "Each recording gets a row here as soon as you add it."


def table(rows: Sequence[Row], *, known_reason: str | None = None) -> str:
    """Write the table; nothing where there are no rows.

    A row stays in its place, so that the page can change only what is new and keeps focus and scroll position.

    Parameters
    ----------
    rows : sequence of Row
        The list.
    known_reason : str, optional
        Why the app's usual model is not its first choice: the page says it elsewhere, and not in every row.
    """
    if not rows:
        return ""
    body = "".join(_row(row, known_reason) for row in rows)
    return f"<table class='tracks'><caption class='unseen'>Your tracks</caption>{_HEAD}<tbody>{body}</tbody></table>"


def summary(rows: Sequence[Row], *, n_left_out: int = 0) -> str:
    """Say how the list stands, for eyes and screen readers: HTML.

    Parameters
    ----------
    rows : sequence of Row
        The list.
    n_left_out : int
        Files that the list had no room for.
    """
    sentence = _sentence(rows)
    if n_left_out:
        sentence += f" {n_left_out} more had no room: the list is full."
    n_settled = sum(row.is_settled for row in rows)
    share = n_settled / len(rows) if rows else 0.0
    bar = f"<progress aria-hidden='true' max='1' value='{share:.3f}'{'' if rows else ' hidden'}></progress>"
    return (
        f"<div class='many-summary{'' if rows else ' empty'}'><p role='status'>{html.escape(sentence)}</p>{bar}</div>"
    )


def _sentence(rows: Sequence[Row]) -> str:
    """Sum the list up: ``7 of 12 done, 1 failed.``."""
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
    if row.state != "done" or row.entry is None:
        return f"<td class='answer' colspan='3'>{_progress(row)}</td>"
    sentence = html.escape(row.entry.sentence).replace(" %", "\N{NO-BREAK SPACE}%")
    words = f"<span class='words'>{sentence}</span>"
    notes = list(row.entry.warnings)
    if row.scored is not None and row.scored.fallback_reason not in {None, known_reason}:
        notes.append(str(row.scored.fallback_reason))
    reasons = "".join(f"<span class='reason'>{html.escape(note)}</span>" for note in notes)
    return (
        f"<td class='answer'><span class='chosen'>{_chip(row.genres)}{words}</span>{reasons}</td>"
        f"<td class='length'>{clock(row.entry.duration_seconds or 0.0)}</td>"
        f"<td><button type='button' data-open='{html.escape(row.key)}' aria-label='Open {html.escape(row.name)}'>"
        "Open</button></td>"
    )


def _progress(row: Row) -> str:
    if row.entry is not None:
        return f"<strong>Failed</strong><span class='reason'>{html.escape(row.entry.sentence)}</span>"
    if row.state == "scoring" and row.progress is not None:
        return f"<span class='words'>{_progress_words(row)}</span>{_bar(row.progress.fraction)}"
    return f"<span class='words'>{row.state.capitalize()}</span>"


def _progress_words(row: Row) -> str:
    assert row.progress is not None
    if row.progress.stage == "reading":
        return "Opening"
    if row.progress.fraction is None:
        return f"Listening, {row.progress.scored_s:.0f} s"
    return f"Listening, {percent(row.progress.fraction)}"


def _bar(fraction: float | None) -> str:
    value = "" if fraction is None else f" value='{fraction:.3f}'"
    return f"<progress aria-hidden='true' max='1'{value}></progress>"


def _chip(genres: Sequence[str]) -> str:
    """Draw the colours of the genres that the answer names; the words beside it say the same."""
    return f"<span class='chip' aria-hidden='true' style='background:{stripes_of(genres)}'></span>"

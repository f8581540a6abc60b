"""CSV that a spreadsheet opens as what it is: text as text, numbers as numbers.

A cell of text that begins with ``=``, ``+``, ``-``, ``@``, a tab or a line end is a formula to a spreadsheet, and
a file's name may begin so. Such a cell gets an apostrophe in front, as OWASP advises; one that begins with apostrophes
already gets one more, so that `text_of_cell` finds every text again. Numbers are left alone: ``-3.5`` is no formula.
"""

import csv
import io
import re
from collections.abc import Iterable, Sequence
from typing import Final

#: Without it Excel takes UTF-8 for the machine's own encoding.
BYTE_ORDER_MARK: Final = "\ufeff"
_FORMULA: Final = re.compile(r"'*[=+\-@\t\r\n]")
_GUARD: Final = "'"


def to_csv_text(rows: Iterable[Sequence[object]]) -> str:
    r"""Write rows as comma-separated values, with a byte order mark in front.

    Parameters
    ----------
    rows : iterable of sequence
        The header is one of them. Only cells of type ``str`` are guarded; None is an empty cell. Line ends within a
        cell become ``\n``: Python's writer leaves a lone ``\r`` unquoted, which ends the row in a spreadsheet.
    """
    text = io.StringIO()
    text.write(BYTE_ORDER_MARK)
    table = csv.writer(text, lineterminator="\n")
    table.writerows([_guarded(cell) for cell in row] for row in rows)
    return text.getvalue()


def text_of_cell(cell: str) -> str:
    """Return the text that `to_csv_text` was given for a cell."""
    return cell.removeprefix(_GUARD) if _FORMULA.match(cell) else cell


def _guarded(cell: object) -> object:
    if not isinstance(cell, str):
        return cell
    guard = _GUARD if _FORMULA.match(cell) else ""
    return guard + cell.replace("\r\n", "\n").replace("\r", "\n")

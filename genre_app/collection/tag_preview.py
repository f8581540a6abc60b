"""The table of a dry run: what the tracks carry, what is heard, and what would be written."""

import shutil
import sys
from collections.abc import Sequence
from typing import Final

from rich.cells import cell_len, set_cell_size

from genre_app.collection.record import TrackRecord
from genre_app.collection.tagging.comparison import COMPARISONS
from genre_app.collection.tagging.outcome import TagOutcome
from genre_app.collection.tagging.wanted import genres_for
from genre_app.formatting import printable
from genre_app.results.schema import ClassificationResult

_HEADER: Final = ("Track", "In the file", "Heard", "Remark", "Would be written")
#: Shares of a terminal's width; the last column is as long as it has to be.
_SHARES: Final = (0.26, 0.16, 0.16, 0.09)
_GAP: Final = "  "


class TagPreview:
    """Formats the table: in columns in a terminal, else with tabs between its cells, for programs."""

    def __init__(self) -> None:
        width = shutil.get_terminal_size().columns
        self._widths = [max(8, int(width * share)) for share in _SHARES] if sys.stdout.isatty() else []

    def header(self) -> str:
        """Return the first line."""
        return self._line(_HEADER)

    def row(self, record: TrackRecord, result: ClassificationResult, outcome: TagOutcome) -> str:
        """Return the line of a track."""
        remark = COMPARISONS[record.comparison] if record.comparison else ""
        heard = ", ".join(genres_for(result)) or record.sentence
        return self._line((record.track, ", ".join(record.file_genres), heard, remark, _written(outcome)))

    def _line(self, cells: Sequence[str]) -> str:
        if not self._widths:
            return "\t".join(cells)
        fitted = [_fitted(cell, width) for cell, width in zip(cells, self._widths, strict=False)]
        return _GAP.join([*fitted, cells[-1]]).rstrip()


def _written(outcome: TagOutcome) -> str:
    """Say what would be written, or why nothing would be."""
    if outcome.plan is None:
        return printable(f"nothing: {outcome.reason}")
    return printable("; ".join(f"{field} {', '.join(strings)}" for field, strings in outcome.plan.changes.items()))


def _fitted(text: str, width: int) -> str:
    """Fill up or shorten a text to as many columns of a terminal."""
    return set_cell_size(text, width) if cell_len(text) <= width else f"{set_cell_size(text, width - 1)}…"

"""The report formats by name; JSON and CSV are implemented here."""

import json
import re
from collections.abc import Callable, Iterator
from typing import Final

from genre_app.formatting import printable
from genre_app.report.base import Report, ReportWriter
from genre_app.report.csv_text import to_csv_text
from genre_app.results.schema import ClassificationResult

_BEYOND_ASCII: Final = re.compile(r"[^\n -~]")


def to_json(result: ClassificationResult, *, indent: int | None = 2, ascii_only: bool = False) -> str:
    """Write a result as JSON text, in the order of the schema.

    Escaped is what JSON lets pass although a terminal obeys it or a reader of lines stumbles over it (U+009B, U+2028,
    marks that turn the direction of writing); if asked for, every character beyond ASCII.
    """
    text = result.model_dump_json(indent=indent, ensure_ascii=ascii_only)
    return _BEYOND_ASCII.sub(_escape_unless_printable, text)


def _escape_unless_printable(found: re.Match[str]) -> str:
    return found[0] if printable(found[0]) == found[0] else json.dumps(found[0])[1:-1]


class JsonWriter:
    """Writes the whole result."""

    def render(self, report: Report) -> bytes:
        """Return indented JSON."""
        return f"{to_json(report.result)}\n".encode()


class CsvWriter:
    """Writes one row per window: times in seconds, leading genre, the score of every genre, silence, and styles.

    A window that is not music has what it is in place of the genre, and no scores, as one without sound has none.
    """

    def render(self, report: Report) -> bytes:
        """Return comma-separated values with a header."""
        return to_csv_text(self._rows(report)).encode()

    def _rows(self, report: Report) -> Iterator[tuple[object, ...]]:
        yield ("window", "start_s", "end_s", "genre", "confidence", *report.windows.labels, "is_silent", "styles")
        for chunk, scores in zip(report.result.chunk_predictions, report.windows.window_scores, strict=True):
            has_genre = not chunk.is_silent and chunk.sound is None
            genre, confidence = chunk.sound or chunk.top_genre, chunk.confidence if has_genre else 0.0
            leading = (chunk.chunk_index, chunk.start, chunk.end, genre, confidence)
            written = (f"{score if has_genre else 0.0:.6f}" for score in scores)
            styles = "|".join(style.style for style in chunk.styles)
            yield (*leading, *written, str(chunk.is_silent).lower(), styles)


def _png() -> ReportWriter:
    from genre_app.report.png_report import PngWriter  # noqa: PLC0415 - matplotlib takes a second to import

    return PngWriter()


def _card() -> ReportWriter:
    from genre_app.report.share_card import ShareCardWriter  # noqa: PLC0415 - as above

    return ShareCardWriter()


def _html() -> ReportWriter:
    from genre_app.report.html_report import HtmlWriter  # noqa: PLC0415 - plotly is slow to import too

    return HtmlWriter()


_WRITERS: Final[dict[str, Callable[[], ReportWriter]]] = {
    "json": JsonWriter,
    "csv": CsvWriter,
    "png": _png,
    "html": _html,
    "card.png": _card,
}
#: The formats of a run over a collection. A format's name is also its file extension.
FORMATS: Final = ("json", "csv", "png", "html")


def writer_of(name: str) -> ReportWriter:
    """Create the writer of one of `FORMATS`, or of a share card: ``"card.png"``."""
    return _WRITERS[name]()

"""The formats by their names."""

from collections.abc import Callable
from typing import Final

from genre_app.report.base import ReportWriter
from genre_app.report.csv_report import CsvWriter
from genre_app.report.html_report import HtmlWriter
from genre_app.report.json_report import JsonWriter
from genre_app.report.png_report import PngWriter

_WRITERS: Final[dict[str, Callable[[], ReportWriter]]] = {
    "json": JsonWriter,
    "csv": CsvWriter,
    "png": PngWriter,
    "html": HtmlWriter,
}
#: A format's name is also its file's extension.
FORMATS: Final[tuple[str, ...]] = tuple(_WRITERS)


def writer_of(name: str) -> ReportWriter:
    """Make the writer of one of `FORMATS`."""
    return _WRITERS[name]()

"""The formats by their names."""

from collections.abc import Callable
from typing import Final

from genre_app.report.base import ReportWriter


def _json() -> ReportWriter:
    from genre_app.report.json_report import JsonWriter  # noqa: PLC0415

    return JsonWriter()


def _csv() -> ReportWriter:
    from genre_app.report.csv_report import CsvWriter  # noqa: PLC0415

    return CsvWriter()


def _png() -> ReportWriter:
    from genre_app.report.png_report import PngWriter  # noqa: PLC0415 - matplotlib

    return PngWriter()


def _html() -> ReportWriter:
    from genre_app.report.html_report import HtmlWriter  # noqa: PLC0415 - plotly

    return HtmlWriter()


_WRITERS: Final[dict[str, Callable[[], ReportWriter]]] = {"json": _json, "csv": _csv, "png": _png, "html": _html}
#: A format's name is also its file's extension.
FORMATS: Final[tuple[str, ...]] = tuple(_WRITERS)


def writer_of(name: str) -> ReportWriter:
    """Make the writer of one of `FORMATS`."""
    return _WRITERS[name]()

"""Result to files, one module a format.

::

    Report (a result and its windows)
      -> JsonWriter   the result, as programs read it
      -> CsvWriter    its windows, one a row
      -> PngWriter    bars and timeline as a picture
      -> HtmlWriter   a page that opens without a network
      -> files.write_atomically

``tables`` and ``chips`` are parts that the app's own page shows too. A format's module, which may import plotly or
matplotlib, is imported when the format is used.
"""

from genre_app.report.atomic_files import sweep_partial, temporary_beside, write_atomically
from genre_app.report.base import Report, ReportWriter
from genre_app.report.formats import FORMATS, to_json, writer_of

__all__ = [
    "FORMATS",
    "Report",
    "ReportWriter",
    "sweep_partial",
    "temporary_beside",
    "to_json",
    "write_atomically",
    "writer_of",
]

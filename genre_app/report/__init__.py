"""Results as files, one module per format.

::

    Report (a result and its windows)
      -> JsonWriter   the whole result
      -> CsvWriter    one row per window
      -> PngWriter    bars and timeline as a picture
      -> HtmlWriter   a page that works offline
      -> atomic_files.write_atomically

The app's page uses ``tables`` and ``chips`` too. The PNG and HTML modules, which import matplotlib and plotly, are
imported on first use.
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

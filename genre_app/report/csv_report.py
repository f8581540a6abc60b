"""The windows as a table, for spreadsheets."""

import csv
import io

from genre_app.report.base import Report


class CsvWriter:
    """Writes one row a window: its times in seconds, the leading genre, and the score of every genre."""

    def render(self, report: Report) -> bytes:
        """Return comma-separated values with a header."""
        text = io.StringIO()
        table = csv.writer(text, lineterminator="\n")
        table.writerow(["window", "start_s", "end_s", "genre", "confidence", *report.windows.labels])
        for chunk, scores in zip(report.result.chunk_predictions, report.windows.window_scores, strict=True):
            leading = (chunk.chunk_index, chunk.start, chunk.end, chunk.top_genre, chunk.confidence)
            table.writerow([*leading, *(f"{score:.6f}" for score in scores)])
        return text.getvalue().encode()

"""The charts' data as tables, for the page and the report."""

import numpy as np

from genre_app.formatting import clock, percent
from genre_app.genres import colour_of, display_name
from genre_app.report.templates import render
from genre_app.results.label_kind import LabelKind
from genre_app.results.schema import ChunkPrediction, ClassificationResult
from genre_app.results.windows import WindowScores


def score_table(windows: WindowScores) -> str:
    """Render the score of every label, the highest first.

    Parameters
    ----------
    windows : WindowScores
        Scores of the whole track.

    Returns
    -------
    str
        HTML table in a ``details`` element.
    """
    order = np.argsort(-windows.track_scores, kind="stable")
    labels = [windows.labels[i] for i in order]
    shown = windows.track_percents
    rows = [(display_name(label), shown[i], colour_of(label)) for label, i in zip(labels, order, strict=True)]
    return render("score_table.html", rows=rows, kind=windows.label_kind)


def window_table(result: ClassificationResult, kind: LabelKind, *, most_rows: int) -> str:
    """Render the leading label of every window.

    Parameters
    ----------
    result : ClassificationResult
        The result.
    kind : {"genre", "tag", "label"}
        What the model's labels are.
    most_rows : int
        Rows beyond are left to CSV and JSON, as a line below the table says.

    Returns
    -------
    str
        HTML table in a ``details`` element.
    """
    chunks = result.chunk_predictions
    rows = [(f"{_time(chunk.start)} to {_time(chunk.end)}", *_leader(chunk)) for chunk in chunks[:most_rows]]
    return render("window_table.html", rows=rows, kind=kind, n_left_out=max(0, len(chunks) - most_rows))


def _leader(chunk: ChunkPrediction) -> tuple[str, str]:
    """Return name and score of a window's leader; where there is no music, what there is, without a score."""
    if chunk.is_silent or chunk.sound:
        return display_name(chunk.sound or chunk.top_genre), ""
    return display_name(chunk.top_genre), percent(chunk.confidence)


def _time(seconds: float) -> str:
    """Write a time, with tenths of a second unless it is whole: windows may be that close."""
    tenths = round(10 * seconds) % 10
    return f"{clock(seconds + 0.05)}.{tenths}" if tenths else clock(seconds + 0.05)

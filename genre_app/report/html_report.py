"""A page that holds everything, charts included, and opens without a network."""

from typing import Final

import plotly.graph_objects as go

from genre_app.charts import genre_timeline, score_bars
from genre_app.labels import display_name
from genre_app.palette import NEUTRAL_COLOUR, colour_of
from genre_app.report.base import Report
from genre_app.report.templates import render
from genre_app.schema import ClassificationResult
from genre_app.windows import WindowScores
from genre_app.wording import clock, percent

#: More rows than this are left to the CSV and the JSON.
_MAX_ROWS: Final = 500
_CHART_CONFIG: Final = {"displayModeBar": False, "responsive": True}


class HtmlWriter:
    """Writes a page with the answer in words, both charts, and tables that say what the charts show."""

    def render(self, report: Report) -> bytes:
        """Return the page."""
        return to_html(report.result, report.windows).encode()


def to_html(result: ClassificationResult, windows: WindowScores) -> str:
    """Write a result as a page that needs no other file; it follows the reader's light or dark theme.

    Parameters
    ----------
    result : ClassificationResult
        What to show.
    windows : WindowScores
        The windows that the result was summed up from.

    Returns
    -------
    str
        HTML with the script for the charts inside, about 5 MB.
    """
    top_k, duration_s = result.metadata.top_k, result.metadata.duration_seconds
    scores = sorted(zip(windows.labels, windows.track_scores.tolist(), strict=True), key=lambda pair: -pair[1])
    return render(
        "report.html",
        result=result,
        colour=colour_of(result.predicted_genre) if result.verdict.genres else NEUTRAL_COLOUR,
        bars=_chart(score_bars(windows, top_k), with_script=True),
        timeline=_chart(genre_timeline(windows, duration_s, top_k), with_script=False),
        scores=[(display_name(label), percent(score), colour_of(label)) for label, score in scores],
        course=_course(result),
        chunks=[
            (f"{clock(chunk.start)} to {clock(chunk.end)}", display_name(chunk.top_genre), percent(chunk.confidence))
            for chunk in result.chunk_predictions[:_MAX_ROWS]
        ],
        n_left_out=max(0, len(result.chunk_predictions) - _MAX_ROWS),
        facts=_facts(result),
    )


def _chart(figure: go.Figure, *, with_script: bool) -> str:
    chart: str = figure.to_html(full_html=False, include_plotlyjs=with_script, config=_CHART_CONFIG)
    return chart


def _course(result: ClassificationResult) -> str:
    """Say in a sentence what the timeline shows."""
    seconds: dict[str, float] = {}
    for stretch in result.timeline:
        seconds[stretch.genre] = seconds.get(stretch.genre, 0.0) + stretch.end - stretch.start
    total = sum(seconds.values()) or 1.0
    leaders = sorted(seconds.items(), key=lambda pair: -pair[1])
    if len(leaders) == 1:
        return f"{display_name(leaders[0][0])} leads from beginning to end."
    parts = [f"{display_name(genre)} for {percent(share / total)}" for genre, share in leaders]
    return f"In the lead: {', '.join(parts[:-1])} and {parts[-1]} of the time."


def _facts(result: ClassificationResult) -> dict[str, str]:
    """Collect what else is to be said, in the words of people."""
    metadata, facts = result.metadata, result.facts
    lines = {"Length": clock(metadata.duration_seconds)}
    if facts and facts.tempo_bpm:
        lines["Tempo"] = f"{facts.tempo_bpm:.0f} beats a minute"
    if facts and facts.key:
        lines["Key"] = facts.key
    if facts and facts.chords:
        lines["Chords"] = ", ".join(f"{chord.chord} ({percent(chord.share)})" for chord in facts.chords)
    if result.verdict.music_probability is not None:
        lines["Is it music?"] = percent(result.verdict.music_probability)
    sampled = f" of {metadata.num_chunks_total}, spread evenly" if metadata.is_sample else ""
    lines["Windows"] = (
        f"{metadata.num_chunks}{sampled}; {metadata.window_seconds:g} s each, overlap {metadata.overlap:g}"
    )
    if metadata.smoothing_seconds:
        lines["Smoothing"] = f"{metadata.smoothing_seconds:g} s"
    lines["Model"] = f"{metadata.model_name} ({metadata.weights_revision[:12]}) on {metadata.device}"
    return lines

"""A result as one HTML page with its charts, which works offline."""

from collections.abc import Sequence
from typing import Final

import plotly.graph_objects as go
from plotly.offline import get_plotlyjs

from genre_app.formatting import clock, percent
from genre_app.genres import NEUTRAL_COLOUR, display_name
from genre_app.report.base import Report
from genre_app.report.captions import closest_only, course_caption, course_heading, scores_caption
from genre_app.report.charts import genre_timeline, score_bars
from genre_app.report.chips import style_chips, tag_chips
from genre_app.report.tables import score_table, window_table
from genre_app.report.templates import render
from genre_app.results.bands import bands_of
from genre_app.results.reasons import further_tags, named_styles, strongest_in_words
from genre_app.results.schema import ClassificationResult
from genre_app.results.windows import WindowScores

#: Rows of the window table at most; CSV and JSON hold all.
_MAX_ROWS: Final = 500
_CHART_CONFIG: Final = {"displayModeBar": False, "responsive": True}


class HtmlWriter:
    """Writes a page with the verdict, both charts, and the same data as tables.

    Parameters
    ----------
    charts_script : str, optional
        Address of the charts' script, relative to the page, for pages that share it; else each page holds it.
    """

    def __init__(self, charts_script: str | None = None) -> None:
        self._charts_script = charts_script

    def render(self, report: Report) -> bytes:
        """Return the page."""
        return to_html(report.result, report.windows, charts_script=self._charts_script).encode()


def charts_script() -> str:
    """Return the script that draws the charts, for pages that share it."""
    script: str = get_plotlyjs()
    return script


def to_html(result: ClassificationResult, windows: WindowScores, *, charts_script: str | None = None) -> str:
    """Render a result as a self-contained page, which follows the browser's light or dark theme.

    Parameters
    ----------
    result : ClassificationResult
        The result.
    windows : WindowScores
        The scores behind it.
    charts_script : str, optional
        As for `HtmlWriter`.

    Returns
    -------
    str
        HTML; about 5 MB where it holds the charts' script.
    """
    script = charts_script or True
    top_k, duration_s = result.metadata.top_k, result.metadata.duration_seconds
    is_music = result.verdict.is_music
    return render(
        "report.html",
        result=result,
        stripes=_stripes(result.verdict.colours),
        closest_only=closest_only(result),
        parts=_parts(result),
        strongest=[words for _, words in strongest_in_words(result)],
        notes=[*result.metadata.warnings, *filter(None, [result.metadata.fallback_reason])],
        scores_caption=scores_caption(windows, result.verdict),
        bars=_chart(score_bars(windows, top_k), script=script) if is_music else "",
        score_table=score_table(windows),
        course_heading=course_heading(windows.label_kind),
        course_caption=course_caption(result),
        timeline=_chart(
            genre_timeline(windows, duration_s, top_k, bands_of(result)), script=False if is_music else script
        ),
        window_table=window_table(result, windows.label_kind, most_rows=_MAX_ROWS),
        styles=style_chips(named_styles(result)),
        chips=tag_chips(further_tags(result)),
        music=_music(result),
        settings=_settings(result),
    )


def _chart(figure: go.Figure, *, script: str | bool) -> str:
    chart: str = figure.to_html(full_html=False, include_plotlyjs=script, config=_CHART_CONFIG)
    return chart


def _stripes(colours: Sequence[str]) -> list[tuple[str, float, float]]:
    """Divide the bar beside the verdict among its colours: each with start and end in percent."""
    drawn = colours or [NEUTRAL_COLOUR]
    return [(colour, 100 * i / len(drawn), 100 * (i + 1) / len(drawn)) for i, colour in enumerate(drawn)]


def _parts(result: ClassificationResult) -> list[tuple[str, str, str, str]]:
    """List the parts of a mixed track: name, colour, times and score."""
    return [
        (
            display_name(part.name),
            part.colour,
            f"{clock(part.start)} to {clock(part.end)}",
            percent(part.confidence),
        )
        for part in result.verdict.parts
    ]


def _music(result: ClassificationResult) -> dict[str, str]:
    """Collect the facts about the music by name."""
    facts = result.facts
    lines = {"Length": clock(result.metadata.duration_seconds)}
    if facts and facts.tempo_bpm:
        lines["Tempo"] = f"{facts.tempo_bpm:.0f} beats a minute"
    if facts and facts.key:
        lines["Key"] = facts.key
    if facts and facts.chords:
        lines["Chords"] = ", ".join(f"{chord.chord} ({percent(chord.share)})" for chord in facts.chords)
    if result.verdict.music_probability is not None:
        lines["Is it music?"] = percent(result.verdict.music_probability)
    return lines


def _settings(result: ClassificationResult) -> dict[str, str]:
    """Collect the settings and the model by name."""
    metadata = result.metadata
    sampled = f" of {metadata.num_chunks_total}, spread evenly" if metadata.is_sample else ""
    lines = {
        "Windows": f"{metadata.num_chunks}{sampled}; {metadata.window_seconds:g} s each, overlap {metadata.overlap:g}"
    }
    if metadata.smoothing_seconds:
        lines["Smoothing"] = f"{metadata.smoothing_seconds:g} s"
    lines["Model"] = f"{metadata.model_name} ({metadata.weights_revision[:12]}) on {metadata.device}"
    return lines

"""The two answers as HTML and charts: a card and a timeline for each."""

import html
from collections.abc import Sequence
from typing import Final

import plotly.graph_objects as go

from genre_app.formatting import clock
from genre_app.genres import display_name, stripes_of
from genre_app.report.captions import course_caption
from genre_app.report.charts import genre_timeline
from genre_app.report.curves import leader_pieces
from genre_app.results.bands import bands_of
from genre_app.results.build import build_result, windows_of
from genre_app.results.progress import Progress
from genre_app.results.window_plan import options_scored
from genre_app.ui.compare.agreement import Answer, differences
from genre_app.ui.shared.score_list import likeliest

_MOST_DIFFERENCES: Final = 4
#: Room for the longest tick label; equal in both timelines, so that their time axes line up.
_LEFT_PX: Final = 60
_RIGHT_PX: Final = 16


def card(model: str, content: str) -> str:
    """Render content below the name of a model: HTML."""
    return f"<section class='side' aria-label='{html.escape(model)}'><h3>{html.escape(model)}</h3>{content}</section>"


def answer_card(answer: Answer, top_k: int) -> str:
    """Render an answer in words with its colour, and its scores: HTML."""
    result = answer.result
    stripes = stripes_of(result.verdict.colours)
    notes = "".join(f"<p class='note'>{html.escape(note)}</p>" for note in result.metadata.warnings)
    words = f"<p class='answer' style='--genres:{stripes}'>{html.escape(result.verdict.sentence)}</p>"
    scores = likeliest(answer.windows, n_named=top_k) if result.verdict.is_music else ""
    return card(answer.model, words + notes + scores)


def course_so_far(progress: Progress) -> str:
    """Render who leads when, as a strip that grows while a track is being scored: HTML; nothing before that."""
    so_far = progress.so_far
    if so_far is None:
        return ""
    options = options_scored(so_far.track)
    pieces = leader_pieces(windows_of(so_far, options), bands_of(build_result(so_far, options)))
    duration_s = so_far.track.duration_s / (progress.fraction or 1.0)
    stops = (
        f"{colour} {100 * start_s / duration_s:.2f}% {100 * end_s / duration_s:.2f}%"
        for start_s, end_s, colour in zip(pieces.starts_s, pieces.ends_s, pieces.colours, strict=True)
    )
    colours = ",".join([*stops, f"transparent {100 * so_far.track.duration_s / duration_s:.2f}%"])
    return f"<div class='strip' aria-hidden='true' style='background:linear-gradient(to right,{colours})'></div>"


def where_they_differ(first: Answer, second: Answer) -> str:
    """List the longest stretches in which two models name different genres, each as a button that plays it: HTML."""
    if first.kind != second.kind:
        return ""  # a tag beside a genre is no difference
    buttons = (
        f"<li><button type='button' class='seek' data-compare-seek='{each.start_s:g}' title='Play from here' disabled>"
        f"{clock(each.start_s)} to {clock(each.end_s)} <span>{html.escape(first.model)}: "
        f"{html.escape(display_name(each.first))} · {html.escape(second.model)}: "
        f"{html.escape(display_name(each.second))}</span></button></li>"
        for each in differences(first.result, second.result, most=_MOST_DIFFERENCES)
    )
    items = "".join(buttons)
    return f"<h4>Where they differ</h4><ul>{items}</ul>" if items else ""


def timeline(answer: Answer, top_k: int, order: Sequence[str] = ()) -> go.Figure:
    """Draw the timeline; the plot area has the same edges for every model, and labels are stacked in an order."""
    duration_s = answer.result.metadata.duration_seconds
    figure = genre_timeline(answer.windows, duration_s, top_k, bands_of(answer.result), order=order)
    figure.update_layout(margin={"l": _LEFT_PX, "r": _RIGHT_PX})
    figure.update_yaxes(automargin=False)
    figure.update_xaxes(range=[0, duration_s], automargin=False)
    return figure


def timeline_text(answer: Answer, chart: str) -> str:
    """Render the text above a timeline, its model and what it shows, which describes the chart: HTML."""
    model = html.escape(answer.model)
    return (
        f"<h4 data-duration-s='{answer.result.metadata.duration_seconds:g}'>{model}</h4>"
        f"<p id='{chart}-caption' data-describes='{chart}' data-name='Timeline of {model}'>"
        f"{html.escape(course_caption(answer.result))}</p>"
    )

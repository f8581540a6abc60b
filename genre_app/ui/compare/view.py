"""The two answers as HTML and charts: a card and a timeline for each."""

import html
from typing import Final

import plotly.graph_objects as go

from genre_app.genres import stripes_of
from genre_app.report.captions import course_caption
from genre_app.report.charts import genre_timeline
from genre_app.results.bands import bands_of
from genre_app.ui.compare.agreement import Answer
from genre_app.ui.shared.score_list import score_list

_MOST_SCORES: Final = 10
#: Room for the longest tick label; equal in both timelines, so that their time axes line up.
_LEFT_PX: Final = 60
_RIGHT_PX: Final = 16


def card(model: str, content: str) -> str:
    """Render content below the name of a model: HTML."""
    return f"<section class='side' aria-label='{html.escape(model)}'><h3>{html.escape(model)}</h3>{content}</section>"


def answer_card(answer: Answer) -> str:
    """Render an answer in words with its colour, and its scores: HTML."""
    result = answer.result
    stripes = stripes_of(result.verdict.claims)
    notes = "".join(f"<p class='note'>{html.escape(note)}</p>" for note in result.metadata.warnings)
    words = f"<p class='answer' style='--genres:{stripes}'>{html.escape(result.verdict.sentence)}</p>"
    return card(answer.model, words + notes + score_list(answer.windows, most=_MOST_SCORES))


def timeline(answer: Answer, top_k: int) -> go.Figure:
    """Draw the timeline; the plot area has the same edges for every model."""
    duration_s = answer.result.metadata.duration_seconds
    figure = genre_timeline(answer.windows, duration_s, top_k, bands_of(answer.result))
    figure.update_layout(margin={"l": _LEFT_PX, "r": _RIGHT_PX})
    figure.update_yaxes(automargin=False)
    figure.update_xaxes(range=[0, duration_s], automargin=False)
    return figure


def timeline_text(answer: Answer, chart: str) -> str:
    """Render the text above a timeline, its model and what it shows, which describes the chart: HTML."""
    model = html.escape(answer.model)
    return (
        f"<h4>{model}</h4><p id='{chart}-caption' data-describes='{chart}' data-name='Timeline of {model}'>"
        f"{html.escape(course_caption(answer.result))}</p>"
    )

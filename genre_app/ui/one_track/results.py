"""The layout of a result: the answer with its timeline and, below the settings, what speaks for it, and downloads."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import gradio as gr

from genre_app.ui.one_track import visualiser
from genre_app.ui.shared import corrections, downloads
from genre_app.ui.shared.events import EVENTS_AT_ONCE
from genre_app.ui.static import script

#: Stands for the timeline while a track is being scored.
_SKELETON: Final = "<div class='skeleton' aria-hidden='true'></div>"


@dataclass(frozen=True, slots=True)
class Answer:
    """Components of the answer and its timeline.

    Attributes
    ----------
    status : gradio.HTML
        Progress or error; hidden while there is a result.
    cancel : gradio.Button
        Visible during an analysis.
    headline : gradio.HTML
        The answer; the style sheet hides it until there is one.
    waveform : gradio.HTML
        The track as it sounds, which grows during the analysis.
    place : gradio.HTML
        Empty; where it is visible there is a result, and the style sheet shows headline, timeline and details. Gradio
        itself never hides the timeline: it may lose a chart that it shows and fills at once.
    opened : gradio.HTML
        Note that the result was opened from a link.
    timeline : gradio.Plot
        The scores over time.
    timeline_in_words : gradio.HTML
        Its caption and table.
    """

    status: gr.HTML
    cancel: gr.Button
    headline: gr.HTML
    waveform: gr.HTML
    place: gr.HTML
    opened: gr.HTML
    timeline: gr.Plot
    timeline_in_words: gr.HTML


@dataclass(frozen=True, slots=True)
class Details:
    """Components of what follows the answer.

    Attributes
    ----------
    bars : gradio.HTML
        The scores of the whole track.
    why : gradio.HTML
        Parts, styles, tags, and where each genre that is named is strongest.
    insights : gradio.HTML
        Tempo, key, chords and reasons, which arrive later.
    link : gradio.HTML
        The result's address.
    json_text : gradio.Code
        The result as JSON.
    """

    bars: gr.HTML
    why: gr.HTML
    insights: gr.HTML
    link: gr.HTML
    json_text: gr.Code


@dataclass(frozen=True, slots=True)
class Results:
    """All components of a result."""

    answer: Answer
    details: Details

    @property
    def charts(self) -> list[gr.components.Component]:
        """What follows the sliders at once: headline, waveform, bars, reasons, timeline, timeline in words."""
        answer, details = self.answer, self.details
        texts = answer.headline, answer.waveform, details.bars, details.why
        return [*texts, answer.timeline, answer.timeline_in_words]


def lay_out_answer() -> Answer:
    """Lay out the answer and its timeline."""
    with gr.Row(elem_id="progress"):
        status = gr.HTML("", elem_id="status", padding=False, js_on_load=script("start_again.js"))
        cancel = gr.Button("Cancel", visible=False, elem_id="cancel", size="md", scale=0, min_width=110)
    opened = gr.HTML(visible=False, elem_id="opened", padding=False)
    headline = gr.HTML(elem_id="headline", padding=False, js_on_load=script("in_words.js"))
    waveform = gr.HTML(elem_id="waveform", padding=False)
    gr.HTML(_SKELETON, elem_id="skeleton", padding=False)
    place = gr.HTML("", visible=False, elem_id="has-result", padding=False)
    with gr.Column(elem_id="results"):
        timeline = gr.Plot(show_label=False, container=False, elem_id="timeline")
        words = gr.HTML(elem_id="timeline-in-words", padding=False, js_on_load=script("in_words.js"))
    return Answer(status, cancel, headline, waveform, place, opened, timeline, words)


def lay_out_details(
    scored: gr.State,
    controls: list[gr.Slider],
    *,
    folder_of: Callable[[gr.Request], Path],
    link_row: Callable[[], gr.HTML],
) -> Details:
    """Lay out scores, reasons and downloads.

    Parameters
    ----------
    scored : gradio.State
        The visitor's `TrackAnalysis`, or None.
    controls : list of gradio.Slider
        In the order of `genre_app.ui.shared.sliders.sliders`.
    folder_of : callable
        Returns a visitor's folder for downloads.
    link_row : callable
        Lays out the address of the result.
    """
    with gr.Column(elem_id="details"):
        with gr.Row(elem_id="reasons"):
            bars = gr.HTML(elem_id="bars", padding=False, js_on_load=script("in_words.js"))
            with gr.Column(elem_id="sound"):
                why = gr.HTML(elem_id="why", padding=False)
                insights = gr.HTML(elem_id="insights", padding=False)
                visualiser.build(scored, controls)
        corrections.build()
        gr.Markdown("### Take it with you")
        downloads.build(scored, controls, folder_of, EVENTS_AT_ONCE)
        link = link_row()
        with gr.Accordion("JSON", open=False, elem_id="json-on-screen"):
            json_text = gr.Code(language="json", interactive=False, show_label=False, elem_id="json", max_lines=40)
    return Details(bars, why, insights, link, json_text)

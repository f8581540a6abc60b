"""The layout of a result, from headline to downloads."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import gradio as gr

from genre_app.ui.one_track import visualiser
from genre_app.ui.one_track.events import WELCOME
from genre_app.ui.shared import downloads, view
from genre_app.ui.shared.events import EVENTS_AT_ONCE
from genre_app.ui.static import script


@dataclass(frozen=True, slots=True)
class Results:
    """Components of a result.

    Attributes
    ----------
    status : gradio.HTML
        Welcome, progress or error; hidden while there is a result.
    cancel : gradio.Button
        Visible during an analysis.
    place : gradio.Column
        Holds everything below; hidden until there is a result.
    opened : gradio.HTML
        Note that the result was opened from a link.
    charts : list of gradio.Component
        Headline, waveform, bars, bars in words, timeline, timeline in words.
    insights : gradio.HTML
        Tempo, key, chords, tags and explanation.
    link : gradio.HTML
        The result's address.
    json_text : gradio.Code
        The result as JSON.
    """

    status: gr.HTML
    cancel: gr.Button
    place: gr.Column
    opened: gr.HTML
    charts: list[gr.components.Component]
    insights: gr.HTML
    link: gr.HTML
    json_text: gr.Code


def results(
    scored: gr.State,
    controls: list[gr.Slider],
    *,
    folder_of: Callable[[gr.Request], Path],
    link_row: Callable[[], gr.HTML],
) -> Results:
    """Lay out a result.

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
    status = gr.HTML(view.message(WELCOME), elem_id="status")
    cancel = gr.Button("Cancel", visible=False, elem_id="cancel")
    # Outside of what is hidden until there is a result: the waveform grows and plays during the analysis.
    headline = gr.HTML(elem_id="headline")
    waveform = gr.HTML(elem_id="waveform", padding=False)
    with gr.Column(visible=False, elem_id="results") as place:
        timeline = gr.Plot(show_label=False, container=False, elem_id="timeline")
        timeline_in_words = gr.HTML(elem_id="timeline-in-words", js_on_load=script("in_words.js"))
        opened = gr.HTML(visible=False, elem_id="opened")
        insights = gr.HTML(elem_id="insights")
        visualiser.build(scored, controls)
        gr.Markdown("### Scores")
        bars = gr.Plot(show_label=False, container=False, elem_id="bars")
        bars_in_words = gr.HTML(elem_id="bars-in-words", js_on_load=script("in_words.js"))
        gr.Markdown("### Take it with you")
        downloads.build(scored, controls, folder_of, EVENTS_AT_ONCE)
        link = link_row()
        with gr.Accordion("JSON", open=False, elem_id="json-on-screen"):
            json_text = gr.Code(language="json", interactive=False, show_label=False, elem_id="json", max_lines=40)
    charts = [headline, waveform, bars, bars_in_words, timeline, timeline_in_words]
    return Results(status, cancel, place, opened, charts, insights, link, json_text)

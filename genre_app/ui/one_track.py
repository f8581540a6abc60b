"""The tab for one track: its layout, and which event does what."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import gradio as gr

from genre_app.shelf import ModelShelf
from genre_app.ui import example_row, memory, reopening, takeaway, view
from genre_app.ui.analysis import MAX_TRACKS_AT_ONCE, WELCOME, Analysis
from genre_app.ui.model_picker import model_picker
from genre_app.ui.reopening import Reopening
from genre_app.ui.sessions import Sessions
from genre_app.ui.sliders import sliders

TAB: Final = "one"
_IN_WORDS: Final = Path(__file__).with_name("in_words.js").read_text(encoding="utf-8")
_QUIET: Final[dict[str, Any]] = {"show_progress": "hidden", "concurrency_limit": MAX_TRACKS_AT_ONCE}
_LAST: Final[dict[str, Any]] = {**_QUIET, "trigger_mode": "always_last"}


@dataclass(frozen=True, slots=True)
class OneTrack:
    """Components of the tab that others set.

    Attributes
    ----------
    track : gradio.Audio
        A file that is put here is analysed at once.
    model : gradio.Dropdown
        The model that answers.
    """

    track: gr.Audio
    model: gr.Dropdown


def build(page: gr.Blocks, shelf: ModelShelf, downloads: Path) -> OneTrack:
    """Lay out the tab.

    Parameters
    ----------
    page : gradio.Blocks
        For its unload event.
    shelf : ModelShelf
        Lends the models.
    downloads : Path
        Where each visitor gets a folder for what is taken away.

    Returns
    -------
    OneTrack
        What other tabs may set.
    """
    sessions = Sessions()
    analysis = Analysis(shelf, downloads, sessions)
    links = Reopening(shelf, sessions, analysis.reslice, n_charts=5)
    scored = gr.State(None)
    is_new = gr.State(False)  # noqa: FBT003 - Gradio's signature
    moment = gr.Number(visible=False)
    page_address = gr.Textbox(visible=False)
    with gr.Row():
        with gr.Column(scale=1, min_width=320):
            track = gr.Audio(
                label="Track",
                sources=["upload", "microphone"],
                type="filepath",
                format=None,
                buttons=["download"],
                elem_id="track",
            )
            example_row.build(shelf, track, downloads / "examples")
            controls = sliders(page)
            reset = gr.Button("Reset the sliders", size="sm", elem_id="reset")
            model = model_picker(shelf)
        with gr.Column(scale=2, min_width=320):
            status = gr.HTML(view.message(WELCOME), elem_id="status")
            cancel = gr.Button("Cancel", visible=False, elem_id="cancel")
            with gr.Column(visible=False, elem_id="results") as results:
                opened = gr.HTML(visible=False, elem_id="opened")
                headline = gr.HTML(elem_id="headline")
                insights = gr.HTML(elem_id="insights")
                gr.Markdown("### Scores")
                bars = gr.Plot(show_label=False, container=False, elem_id="bars")
                bars_in_words = gr.HTML(elem_id="bars-in-words", js_on_load=_IN_WORDS)
                gr.Markdown("### How the genre moves through the track")
                timeline = gr.Plot(show_label=False, container=False, elem_id="timeline")
                timeline_in_words = gr.HTML(elem_id="timeline-in-words", js_on_load=_IN_WORDS)
                gr.Markdown("### Take it with you")
                takeaway.build(scored, controls, analysis.folder_of, MAX_TRACKS_AT_ONCE)
                link = links.build()
                with gr.Accordion("JSON", open=False, elem_id="json-on-screen"):
                    json_text = gr.Code(
                        language="json", interactive=False, show_label=False, elem_id="json", max_lines=40
                    )

    charts = [headline, bars, bars_in_words, timeline, timeline_in_words]
    analysed = [scored, is_new, status, cancel, results]
    # "multiple": a new track does not wait for the end of the one before, it replaces it.
    anew: dict[str, Any] = {**_QUIET, "trigger_mode": "multiple"}
    arrivals = gr.on(
        [track.change, model.input],
        analysis.analyse,
        [track, moment, model, *controls],
        analysed,
        js="(track, moment, ...rest) => [track, Date.now(), ...rest]",
        **anew,
    )
    turns = gr.on([slider.change for slider in controls], analysis.reslice, [scored, *controls], charts, **_LAST).then(
        # A model that hears whole windows has to listen again; for the others this does nothing.
        analysis.listen_again,
        [scored, track, model, *controls],
        analysed,
        **anew,
    )
    after = [scored, is_new, *controls]
    shown = [status, cancel, results, *charts]
    taken = ([scored, *controls], json_text)
    linked: dict[str, Any] = {
        "inputs": [scored, page_address, *controls],
        "outputs": link,
        "js": reopening.PAGE_ADDRESS,
    }
    turns = turns.then(links.follow, [scored, track, *controls], [status, results], **_LAST)
    turns.then(analysis.show, after, shown, **_LAST).then(analysis.write_json, *taken, **_LAST).then(
        links.address, **linked, **_LAST
    )
    arrivals.then(analysis.show, after, shown, **_LAST).then(links.address, **linked, **_LAST).then(
        analysis.write_json, *taken, **_LAST
    ).then(analysis.look_closer, [track, scored], [scored, insights], **_LAST).then(
        analysis.write_json, *taken, **_LAST
    )
    recalled = memory.connect(page, shelf, controls, model, reset)
    recalled.then(links.open, None, [scored, status, results, opened, model, *controls, *charts], **_LAST).then(
        links.address, **linked, **_LAST
    ).then(analysis.look_closer, [track, scored], [scored, insights], **_LAST).then(
        analysis.write_json, *taken, **_LAST
    )
    track.change(lambda: gr.update(visible=False), None, opened, **_QUIET)
    cancel.click(analysis.cancel, show_progress="hidden", queue=False)
    page.unload(analysis.leave)
    return OneTrack(track, model)

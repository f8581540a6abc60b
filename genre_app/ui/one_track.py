"""The tab for one track: its layout, and which event does what."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import gradio as gr

from genre_app.shelf import ModelShelf
from genre_app.ui import view
from genre_app.ui.analysis import MAX_TRACKS_AT_ONCE, WELCOME, Analysis
from genre_app.ui.model_picker import model_picker
from genre_app.ui.sliders import sliders

TAB: Final = "one"
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
    analysis = Analysis(shelf, downloads)
    scored = gr.State(None)
    is_new = gr.State(False)  # noqa: FBT003 - Gradio's signature
    moment = gr.Number(visible=False)
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
            controls = sliders()
            model = model_picker(shelf)
        with gr.Column(scale=2, min_width=320):
            status = gr.HTML(view.message(WELCOME), elem_id="status")
            cancel = gr.Button("Cancel", visible=False, elem_id="cancel")
            with gr.Column(visible=False, elem_id="results") as results:
                headline = gr.HTML(elem_id="headline")
                insights = gr.HTML(elem_id="insights")
                gr.Markdown("### Scores")
                bars = gr.Plot(show_label=False, container=False, elem_id="bars")
                gr.Markdown("### How the genre moves through the track")
                timeline = gr.Plot(show_label=False, container=False, elem_id="timeline")
                download = gr.DownloadButton("Download JSON", elem_id="download")
                with gr.Accordion("JSON", open=False, elem_id="json-on-screen"):
                    json_text = gr.Code(
                        language="json", interactive=False, show_label=False, elem_id="json", max_lines=40
                    )

    charts = [headline, bars, timeline]
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
    taken = ([scored, *controls], [json_text, download])
    turns.then(analysis.show, after, shown, **_LAST).then(analysis.take_away, *taken, **_LAST)
    arrivals.then(analysis.show, after, shown, **_LAST).then(analysis.take_away, *taken, **_LAST).then(
        analysis.look_closer, [track, scored], [scored, insights], **_LAST
    ).then(analysis.take_away, *taken, **_LAST)
    cancel.click(analysis.cancel, show_progress="hidden", queue=False)
    page.unload(analysis.leave)
    return OneTrack(track, model)

"""The layout of the page and which event does what."""

import tempfile
from pathlib import Path
from typing import Any, Final

import gradio as gr

from genre_app.service import GenreClassifier
from genre_app.ui import view
from genre_app.ui.analysis import MAX_TRACKS_AT_ONCE, WELCOME, Analysis

#: Downloads and uploads are looked through every hour and removed after a day.
_CLEANING: Final = (3600, 86_400)


def build_page(classifier: GenreClassifier) -> gr.Blocks:
    """Lay out the page around a classifier.

    Parameters
    ----------
    classifier : GenreClassifier
        Built once, shared by all visitors.

    Returns
    -------
    gradio.Blocks
        Not launched yet.
    """
    analysis = Analysis(classifier, Path(tempfile.mkdtemp(prefix="genre-app-")))
    page = gr.Blocks(title="Genre", analytics_enabled=False, delete_cache=_CLEANING)
    with page:
        gr.Markdown("# What genre is it?")
        scored = gr.State(None)
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
                sliders = _sliders()
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
        quiet: dict[str, Any] = {"show_progress": "hidden", "concurrency_limit": MAX_TRACKS_AT_ONCE}
        last = {**quiet, "trigger_mode": "always_last"}
        # "multiple": a new track does not wait for the end of the one before, it replaces it.
        track.change(
            analysis.analyse,
            [track, moment],
            [scored, status, cancel, results],
            **quiet,
            trigger_mode="multiple",
            js="(track, moment) => [track, Date.now()]",
        ).then(analysis.show, [scored, *sliders], [status, cancel, results, *charts], **last).then(
            analysis.take_away, [scored, *sliders], [json_text, download], **last
        ).then(analysis.look_closer, [track, scored], [scored, insights], **last).then(
            analysis.take_away, [scored, *sliders], [json_text, download], **last
        )
        gr.on([slider.change for slider in sliders], analysis.reslice, [scored, *sliders], charts, **last).then(
            analysis.take_away, [scored, *sliders], [json_text, download], **last
        )
        cancel.click(analysis.cancel, show_progress="hidden", queue=False)
        page.unload(analysis.leave)
    return page


def _sliders() -> list[gr.Slider]:
    window = gr.Slider(
        3,
        60,
        value=30,
        step=1,
        label="Window (seconds)",
        info="How much music each answer listens to.",
        elem_id="window",
    )
    overlap = gr.Slider(
        0, 0.9, value=0.25, step=0.05, label="Overlap", info="How much neighbouring windows share.", elem_id="overlap"
    )
    top_k = gr.Slider(1, 10, value=5, step=1, label="Top genres", info="How many genres are listed.", elem_id="top-k")
    return [window, overlap, top_k]

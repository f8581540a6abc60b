"""The tab that compares two models on one track."""

from functools import partial
from typing import Any, Final

import gradio as gr

from genre_app.formatting import percent
from genre_app.inference.model_pool import ModelPool
from genre_app.ui.compare.events import OPTIONS, WELCOME, ComparedSide, show
from genre_app.ui.shared import view
from genre_app.ui.shared.analysis_threads import AnalysisThreads
from genre_app.ui.shared.events import EVENTS_AT_ONCE
from genre_app.ui.shared.model_picker import model_picker
from genre_app.ui.shared.visits import Visits
from genre_app.ui.static import script

TAB: Final = "compare"
_QUIET: Final[dict[str, Any]] = {"show_progress": "hidden", "concurrency_limit": EVENTS_AT_ONCE}
#: Preferred second models; the first of them that differs from the first model is chosen.
_SECOND: Final = ("cnn", "musicnn")
_MOMENT: Final = "(track, moment, ...rest) => [track, Date.now(), ...rest]"


def build(page: gr.Blocks, pool: ModelPool, visits: Visits, threads: AnalysisThreads) -> gr.Audio:
    """Lay out the tab.

    Parameters
    ----------
    page : gradio.Blocks
        For its unload event.
    pool : ModelPool
        Provides the models.
    visits : Visits
        Owns the visitors' files.
    threads : AnalysisThreads
        In which tracks are analysed.

    Returns
    -------
    gradio.Audio
        A file that is set here is scored by both models.
    """
    moment = gr.Number(visible=False)
    outcomes = [gr.State(None), gr.State(None)]
    with gr.Row():
        with gr.Column(scale=1, min_width=320):
            track = gr.Audio(
                label="Track for both models",
                sources=["upload", "microphone"],
                type="filepath",
                format=None,
                buttons=[],
                waveform_options=gr.WaveformOptions(show_recording_waveform=False),  # the browser's player is enough
                elem_id="compare-track",
            )
            models = [
                model_picker(page, pool, label="First model", elem_id="model-a"),
                model_picker(page, pool, label="Second model", elem_id="model-b"),
            ]
            models[1].value = _other_than(pool.default.model.name, pool.offered())
        with gr.Column(scale=2, min_width=320):
            sentence = gr.HTML(view.message(WELCOME), apply_default_css=False, elem_id="agreement")
            with gr.Row():
                cards = [_html(f"side-{letter}") for letter in "ab"]
            with gr.Column(visible=False, elem_id="compare-results") as results:
                gr.Markdown(
                    "### How the genre moves through the track\n"
                    f"Both in windows of {OPTIONS.window_seconds:g} seconds that share {percent(OPTIONS.overlap)} "
                    "with their neighbours."
                )
                texts, plots = [], []
                for letter in "ab":
                    with gr.Column(elem_id=f"course-{letter}", elem_classes="course"):
                        texts.append(_html(f"course-text-{letter}", js_on_load=script("name_chart.js")))
                        plots.append(
                            gr.Plot(show_label=False, container=False, visible=False, elem_id=f"timeline-{letter}")
                        )

    for i, model in enumerate(models):
        side = ComparedSide(pool, visits, threads)
        gr.on(
            [track.change, model.change],
            side.score,
            [track, moment, model],
            [outcomes[i], cards[i], sentence, results, plots[i], texts[i]],
            js=_MOMENT,
            show_progress="hidden",
            concurrency_limit=None,  # tracks wait in the app's own line
            trigger_mode="multiple",
        ).then(
            partial(show, chart=f"timeline-{'ab'[i]}", is_first=i == 0),
            [outcomes[i], outcomes[1 - i]],
            [cards[i], sentence, plots[i], texts[i]],
            trigger_mode="multiple",
            **_QUIET,
        )
        page.unload(side.leave)
    return track


def take_over(track: str | None, own: str | None) -> Any:
    """Follow the opening of the tab: take the first tab's track where this tab has none."""
    return gr.skip() if track is None or own is not None else track


def _html(elem_id: str, *, js_on_load: str | None = None) -> gr.HTML:
    return gr.HTML("", apply_default_css=False, js_on_load=js_on_load, elem_id=elem_id)


def _other_than(first: str, offered: tuple[str, ...]) -> str:
    """Choose a model other than the first, preferably one that is part of the app."""
    return next((name for name in (*_SECOND, *offered) if name != first and name in offered), first)

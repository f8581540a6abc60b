"""The tab that compares two models on one track."""

from dataclasses import dataclass
from typing import Any, Final

import gradio as gr

from genre_app.inference.model_pool import ModelPool
from genre_app.ui.compare.events import WELCOME, ComparedSide, compare
from genre_app.ui.shared import view
from genre_app.ui.shared.analysis_threads import AnalysisThreads
from genre_app.ui.shared.drop_zone import drop_zone
from genre_app.ui.shared.events import EVENTS_AT_ONCE
from genre_app.ui.shared.model_picker import model_picker
from genre_app.ui.shared.visits import Visits
from genre_app.ui.static import script

TAB: Final = "compare"
_QUIET: Final[dict[str, Any]] = {"show_progress": "hidden", "concurrency_limit": EVENTS_AT_ONCE}
#: Preferred second models; the first of them that differs from the first model is chosen.
_SECOND: Final = ("cnn", "musicnn")
_PLAYER: Final = (
    "<button type='button' class='play' disabled>Play</button><span class='clock'></span>"
    "<span class='hint'>A click on a timeline plays that moment.</span>"
)
_MOMENT: Final = "(track, moment, ...rest) => [track, Date.now(), ...rest]"


@dataclass(frozen=True, slots=True)
class _Shown:
    """What is shown of both answers; cards, plots and texts are one for each side."""

    sentence: gr.HTML
    cancel: gr.Button
    cards: list[gr.HTML]
    plots: list[gr.Plot]
    texts: list[gr.HTML]
    differences: gr.HTML


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
    # As on the first tab, the style sheet arranges the column by what is in it.
    with gr.Column(elem_id="compare"):
        track = drop_zone("compare-track")
        with gr.Row(elem_id="compare-models"):
            models = [
                model_picker(page, pool, label="First model", elem_id="model-a", info=None),
                model_picker(page, pool, label="Second model", elem_id="model-b", info=None),
            ]
        models[1].value = _other_than(pool.default.model.name, pool.offered())
        shown = _lay_out_answers()
    sides = [ComparedSide(pool, visits, threads, chart=f"timeline-{letter}") for letter in "ab"]
    for side in sides:
        shown.cancel.click(side.cancel, show_progress="hidden", queue=False)
        page.unload(side.leave)
    _connect(sides, track, models, shown)
    return track


def _lay_out_answers() -> _Shown:
    """Lay out both answers; the style sheet shows what there is something in.

    Gradio would not draw a chart that it shows and fills at once, so nothing else hides them.
    """
    sentence = _html("agreement", view.message(WELCOME), js_on_load=script("start_again.js"))
    cancel = gr.Button("Cancel", size="md", elem_id="compare-cancel")
    with gr.Row(elem_id="compare-sides"):
        cards = [_html(f"side-{letter}") for letter in "ab"]
    with gr.Column(elem_id="compare-results"):
        gr.Markdown("### Moment by moment")
        _html("compare-player", _PLAYER, js_on_load=script("compare_player.js"))
        differences = _html("differences")
        texts, plots = [], []
        for letter in "ab":
            with gr.Column(elem_id=f"course-{letter}", elem_classes="course"):
                texts.append(_html(f"course-text-{letter}", js_on_load=script("name_chart.js")))
                plots.append(gr.Plot(show_label=False, container=False, elem_id=f"timeline-{letter}"))
    return _Shown(sentence, cancel, cards, plots, texts, differences)


def _connect(sides: list[ComparedSide], track: gr.Audio, models: list[gr.Dropdown], shown: _Shown) -> None:
    """Score a track with both models at once, and again with a model that is chosen."""
    moment = gr.Number(visible=False)
    outcomes = [gr.State(None), gr.State(None)]
    # Gradio runs the events of one change one after the other, but what follows an event all at once.
    arrived = gr.on([track.change, shown.sentence.submit], None, js="() => []")
    for i, side in enumerate(sides):
        score: dict[str, Any] = {
            "fn": side.score,
            "inputs": [track, moment, models[i]],
            "outputs": [outcomes[i], shown.cards[i], shown.sentence, shown.differences, shown.plots[i], shown.texts[i]],
            "js": _MOMENT,
            "show_progress": "hidden",
            "concurrency_limit": None,  # tracks wait in the app's own line
            "trigger_mode": "multiple",
        }
        for scored in (arrived.then(**score), models[i].change(**score)):
            scored.then(
                compare,
                outcomes,
                [shown.sentence, shown.differences, *shown.plots],
                trigger_mode="multiple",
                **_QUIET,
            )


def take_over(track: str | None, own: str | None) -> Any:
    """Follow the opening of the tab: take the first tab's track where this tab has none."""
    return gr.skip() if track is None or own is not None else track


def _html(elem_id: str, value: str = "", *, js_on_load: str | None = None) -> gr.HTML:
    return gr.HTML(value, apply_default_css=False, js_on_load=js_on_load, elem_id=elem_id)


def _other_than(first: str, offered: tuple[str, ...]) -> str:
    """Choose a model other than the first, preferably one that is part of the app."""
    return next((name for name in (*_SECOND, *offered) if name != first and name in offered), first)

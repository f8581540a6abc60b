"""The tab for one track: its layout and the wiring of its events."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

import gradio as gr

from genre_app.inference.model_pool import ModelPool
from genre_app.results.build import TrackAnalysis
from genre_app.ui.one_track import examples
from genre_app.ui.one_track.events import N_CHARTS, OneTrackEvents
from genre_app.ui.one_track.links import PAGE_ADDRESS, SCORED_AND_PAGE_ADDRESS, TRACK_AND_PAGE_ADDRESS, SharedLinks
from genre_app.ui.one_track.results import Results, lay_out_answer, lay_out_details
from genre_app.ui.shared import browser_storage, detail, settings_heading, view
from genre_app.ui.shared.analysis_threads import AnalysisThreads
from genre_app.ui.shared.drop_zone import drop_zone
from genre_app.ui.shared.events import EVENTS_AT_ONCE
from genre_app.ui.shared.model_download import ModelOffer, model_offer
from genre_app.ui.shared.model_picker import model_picker
from genre_app.ui.shared.sessions import Sessions
from genre_app.ui.shared.sliders import sliders
from genre_app.ui.shared.visits import Visits

TAB: Final = "one"
#: The examples are far down on a phone, and the answer is at the top. Note and address of the result before are gone.
_TO_THE_ANSWER: Final = "() => { scrollTo({ top: 0 }); return [{ __type__: 'update', visible: false }, '']; }"
_QUIET: Final[dict[str, Any]] = {"show_progress": "hidden", "concurrency_limit": EVENTS_AT_ONCE}
_LAST: Final[dict[str, Any]] = {**_QUIET, "trigger_mode": "always_last"}
#: A new track replaces the one in progress instead of waiting for it; tracks wait in the app's own line.
_ANEW: Final[dict[str, Any]] = {"show_progress": "hidden", "concurrency_limit": None, "trigger_mode": "multiple"}


@dataclass(frozen=True, slots=True)
class OneTrack:
    """Components of the tab that other tabs set.

    Attributes
    ----------
    track : gradio.Audio
        A file that is set here is analysed at once.
    model : gradio.Dropdown
        The choice of the model.
    """

    track: gr.Audio
    model: gr.Dropdown


@dataclass(frozen=True, slots=True)
class _Inputs:
    """What a visitor sets: track, detail, sliders with accordion and reset button, and model with its download."""

    track: gr.Audio
    detail: gr.Slider
    controls: list[gr.Slider]
    advanced: gr.Accordion
    reset: gr.Button
    model: gr.Dropdown
    offer: ModelOffer


def build(page: gr.Blocks, pool: ModelPool, visits: Visits, threads: AnalysisThreads) -> OneTrack:
    """Lay out the tab.

    Parameters
    ----------
    page : gradio.Blocks
        For its load and unload events.
    pool : ModelPool
        Provides the models.
    visits : Visits
        Owns the visitors' files.
    threads : AnalysisThreads
        In which tracks are analysed.

    Returns
    -------
    OneTrack
        Components that other tabs may set.
    """
    sessions = Sessions()
    events = OneTrackEvents(pool, visits, threads, sessions)
    links = SharedLinks(pool, sessions, events.reslice, n_charts=N_CHARTS)
    scored = gr.State(None)
    # The style sheet arranges the column by what is in it: a track, its progress, or its result.
    with gr.Column(elem_id="one-track"):
        track = _lay_out_entry(pool, visits)
        answer = lay_out_answer()
        inputs = _lay_out_settings(page, pool, track)
        details = lay_out_details(scored, inputs.controls, folder_of=events.folder_of, link_row=links.build)
    _Wiring(events, links, scored, inputs, Results(answer, details)).connect(page, pool)
    return OneTrack(track, inputs.model)


def _lay_out_entry(pool: ModelPool, visits: Visits) -> gr.Audio:
    """Lay out the drop zone with the examples, and the strip that stands for them where there is a track."""
    with gr.Column(elem_id="entry"):
        track = drop_zone("track")
        gr.HTML(view.limits(pool.settings), elem_id="limits", padding=False)
        examples.build(pool, track, visits.examples)
    return track


def _lay_out_settings(page: gr.Blocks, pool: ModelPool, track: gr.Audio) -> _Inputs:
    with gr.Column(elem_id="settings"):
        detail_slider = detail.detail_slider()
        with gr.Accordion(settings_heading.HEADING, open=False, elem_id="advanced") as advanced:
            controls = sliders(page)
            reset = gr.Button("Reset the sliders", size="sm", elem_id="reset")
            model = model_picker(page, pool)
            offer = model_offer(pool, model)
    return _Inputs(track, detail_slider, controls, advanced, reset, model, offer)


class _Wiring:
    """Connects the components' events, in the order in which they follow each other."""

    def __init__(
        self, events: OneTrackEvents, links: SharedLinks, scored: gr.State, inputs: _Inputs, shown: Results
    ) -> None:
        self._events = events
        self._links = links
        self._scored = scored
        self._inputs = inputs
        self._answer, self._details, self._charts = shown.answer, shown.details, shown.charts
        self._is_new = gr.State(False)  # noqa: FBT003 - Gradio's signature
        self._moment = gr.Number(visible=False)
        self._address = gr.Textbox(visible=False)
        self._settings = [inputs.model, *inputs.controls]
        answer = shown.answer
        self._outcome = [scored, self._is_new, answer.status, answer.cancel, answer.place]

    def connect(self, page: gr.Blocks, pool: ModelPool) -> None:
        """Connect the events of the tab."""
        inputs, answer = self._inputs, self._answer
        replaced, recalled = self._on_arrival()
        restored, reset = browser_storage.connect(page, pool, inputs.controls, inputs.model, inputs.reset)
        detail_moved = detail.connect(inputs.detail, *inputs.controls[:2])
        browser_storage.keep_after(detail_moved, pool, inputs.controls)
        self._on_slider(partial(gr.on, [slider.input for slider in inputs.controls]), detail_moved.then, reset.then)
        opened = self._on_opening(restored)
        moved = restored, reset, detail_moved, opened, replaced, recalled
        settings_heading.connect(inputs.advanced, pool, inputs.model, inputs.controls, *moved)
        answer.cancel.click(self._events.cancel, show_progress="hidden", queue=False)
        page.unload(self._events.leave)

    def _on_arrival(self) -> tuple[Any, Any]:
        """Analyse a track that arrives, and the same one again with another model, once it is here.

        Return the ends of a track's replacement and of a model's choice, both of which may set the model.
        """
        inputs, answer = self._inputs, self._answer
        # First: Gradio runs the events of one change one after the other.
        replaced = inputs.track.change(None, None, [answer.opened, self._details.link], js=_TO_THE_ANSWER)
        analyse: dict[str, Any] = {
            "fn": self._events.analyse,
            "inputs": [inputs.track, self._moment, *self._settings],
            "outputs": self._outcome,
            "js": "(track, moment, ...rest) => [track, Date.now(), ...rest]",
            **_ANEW,
        }
        arrived = gr.on([inputs.track.change, answer.status.submit], **analyse)
        again = {**analyse, "fn": self._events.analyse_again}
        recalled = inputs.model.select(
            self._links.ask_another,
            [self._scored, inputs.track, *self._settings],
            [self._scored, self._is_new, answer.opened, inputs.model],
            **_LAST,
        )
        for analysed in (arrived, recalled.then(**again), inputs.offer.fetched.success(**again)):
            self._add_details(self._show_address(self._show(analysed)))
        return replaced, recalled

    def _on_slider(self, *moves: Callable[..., Any]) -> None:
        """Slice the track again; then score windows that a window model has no scores for.

        Not on the sliders' `change`, which comes for each of several that move together.
        """
        for move in moves:
            sliced = move(self._events.reslice, [self._scored, *self._inputs.controls], self._charts, **_LAST)
            self._settle_after(sliced)

    def _settle_after(self, sliced: Any) -> None:
        inputs, answer = self._inputs, self._answer
        rescored = sliced.then(
            self._events.rescore,
            [self._scored, inputs.track, *self._settings],
            [*self._outcome, *self._charts],
            **_ANEW,
        )
        settled = rescored.then(
            self._settle,
            [self._scored, inputs.track, self._address, *inputs.controls],
            [answer.status, answer.place, self._details.link, self._details.json_text],
            js=TRACK_AND_PAGE_ADDRESS,
            **_LAST,
        )
        # Moving a slider before the details arrive cancels them: find them again.
        self._find_details(settled)

    def _settle(self, scored: TrackAnalysis | None, path: str | None, page: str, *sliders: float) -> tuple[Any, ...]:
        """Follow a slider with what is not urgent: whether the scores fit, the address and the JSON."""
        address = self._links.address(scored, page, *sliders)
        return *self._links.follow(scored, path, *sliders), address, self._events.write_json(scored, *sliders)

    def _on_opening(self, restored: Any) -> Any:
        """Show the result that the page's address names; return the end of that."""
        answer, details = self._answer, self._details
        shown = [answer.status, answer.place, answer.opened, *self._settings, *self._charts]
        outputs = [self._scored, *shown, details.insights, details.link, details.json_text]
        return restored.then(self._links.open, self._address, outputs, js=PAGE_ADDRESS, **_LAST)

    def _show(self, after: Any) -> Any:
        answer = self._answer
        inputs = [self._scored, self._is_new, *self._inputs.controls]
        outputs = [answer.status, answer.cancel, answer.place, *self._charts, self._details.insights]
        return after.then(self._events.show, inputs, outputs, **_LAST)

    def _show_address(self, after: Any) -> Any:
        return after.then(
            self._links.address,
            [self._scored, self._address, *self._inputs.controls],
            self._details.link,
            js=SCORED_AND_PAGE_ADDRESS,
            **_LAST,
        )

    def _write_json(self, after: Any) -> Any:
        return after.then(
            self._events.write_json, [self._scored, *self._inputs.controls], self._details.json_text, **_LAST
        )

    def _add_details(self, after: Any) -> None:
        """Add what takes longer, once the verdict and its JSON are shown."""
        self._write_json(self._find_details(self._write_json(after)))

    def _find_details(self, after: Any) -> Any:
        inputs, outputs = [self._inputs.track, self._scored], [self._scored, self._details.insights]
        return after.then(self._events.add_details, inputs, outputs, **_LAST)

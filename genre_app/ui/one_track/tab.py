"""The tab for one track: its layout, and which event does what."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import gradio as gr

from genre_app.inference.model_pool import ModelPool
from genre_app.results.build import TrackAnalysis
from genre_app.ui.one_track import examples as example_row
from genre_app.ui.one_track import links as reopening
from genre_app.ui.one_track.events import MAX_TRACKS_AT_ONCE, N_CHARTS, Analysis
from genre_app.ui.one_track.links import SharedLinks
from genre_app.ui.one_track.results import Results, results
from genre_app.ui.shared import browser_storage as memory
from genre_app.ui.shared import view
from genre_app.ui.shared.model_download import ModelOffer, model_offer
from genre_app.ui.shared.model_picker import model_picker
from genre_app.ui.shared.sessions import Sessions
from genre_app.ui.shared.sliders import sliders

TAB: Final = "one"
_QUIET: Final[dict[str, Any]] = {"show_progress": "hidden", "concurrency_limit": MAX_TRACKS_AT_ONCE}
_LAST: Final[dict[str, Any]] = {**_QUIET, "trigger_mode": "always_last"}
#: A new track does not wait for the end of the one before, it replaces it.
_ANEW: Final[dict[str, Any]] = {**_QUIET, "trigger_mode": "multiple"}


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


@dataclass(frozen=True, slots=True)
class _Asked:
    """What a visitor sets: the track, the sliders with their reset, and the model with the offer to fetch it."""

    track: gr.Audio
    controls: list[gr.Slider]
    reset: gr.Button
    model: gr.Dropdown
    offer: ModelOffer


def build(page: gr.Blocks, pool: ModelPool, downloads: Path) -> OneTrack:
    """Lay out the tab.

    Parameters
    ----------
    page : gradio.Blocks
        For its events of coming and going.
    pool : ModelPool
        Lends the models.
    downloads : Path
        Where each visitor gets a folder for what is taken away.

    Returns
    -------
    OneTrack
        What other tabs may set.
    """
    sessions = Sessions()
    analysis = Analysis(pool, downloads, sessions)
    links = SharedLinks(pool, sessions, analysis.reslice, n_charts=N_CHARTS)
    scored = gr.State(None)
    with gr.Row():
        with gr.Column(scale=1, min_width=320):
            asked = _lay_out_questions(page, pool, downloads)
        with gr.Column(scale=2, min_width=320):
            shown = results(scored, asked.controls, folder_of=analysis.folder_of, link_row=links.build)
    _Wiring(analysis, links, scored, asked, shown).connect(page, pool)
    return OneTrack(asked.track, asked.model)


def _lay_out_questions(page: gr.Blocks, pool: ModelPool, downloads: Path) -> _Asked:
    track = gr.Audio(
        label="Track",
        sources=["upload", "microphone"],
        type="filepath",
        format=None,
        buttons=["download"],
        elem_id="track",
    )
    gr.HTML(view.limits(pool.settings), elem_id="limits", padding=False)
    example_row.build(pool, track, downloads / "examples")
    with gr.Accordion("Settings", elem_id="settings"):
        controls = sliders(page)
        reset = gr.Button("Reset the sliders", size="sm", elem_id="reset")
        model = model_picker(page, pool)
        offer = model_offer(pool, model)
    return _Asked(track, controls, reset, model, offer)


class _Wiring:
    """Which event does what, in which order."""

    def __init__(self, analysis: Analysis, links: SharedLinks, scored: gr.State, asked: _Asked, shown: Results) -> None:
        self._analysis = analysis
        self._links = links
        self._scored = scored
        self._asked = asked
        self._shown = shown
        self._is_new = gr.State(False)  # noqa: FBT003 - Gradio's signature
        self._moment = gr.Number(visible=False)
        self._address = gr.Textbox(visible=False)
        self._settings = [asked.model, *asked.controls]
        self._outcome = [scored, self._is_new, shown.status, shown.cancel, shown.place]

    def connect(self, page: gr.Blocks, pool: ModelPool) -> None:
        """Connect the events of the tab."""
        asked, shown = self._asked, self._shown
        self._on_arrival()
        self._on_slider()
        self._on_opening(memory.connect(page, pool, asked.controls, asked.model, asked.reset))
        shown.cancel.click(self._analysis.cancel, show_progress="hidden", queue=False)
        page.unload(self._analysis.leave)

    def _on_arrival(self) -> None:
        """Analyse a track that comes, and the same one again where another model is chosen or has been fetched."""
        asked, shown = self._asked, self._shown
        question: dict[str, Any] = {
            "fn": self._analysis.analyse,
            "inputs": [asked.track, self._moment, *self._settings],
            "outputs": self._outcome,
            "js": "(track, moment, ...rest) => [track, Date.now(), ...rest]",
            **_ANEW,
        }
        came = gr.on([asked.track.change, asked.model.select], **question)
        for analysed in (came, asked.offer.fetched.success(**question)):
            shown_anew = self._show(analysed)
            self._look_closer(self._say_address(shown_anew))
        asked.track.change(lambda: gr.update(visible=False), None, shown.opened, **_QUIET)

    def _on_slider(self) -> None:
        """Slice the track anew; a model that hears whole windows listens again, for the others that does nothing."""
        asked, shown = self._asked, self._shown
        sliced = gr.on(
            [slider.change for slider in asked.controls],
            self._analysis.reslice,
            [self._scored, *asked.controls],
            shown.charts,
            **_LAST,
        )
        heard = sliced.then(
            self._analysis.listen_again,
            [self._scored, asked.track, *self._settings],
            [*self._outcome, *shown.charts],
            **_ANEW,
        )
        settled = heard.then(
            self._settle,
            [self._scored, asked.track, self._address, *asked.controls],
            [shown.status, shown.place, shown.link, shown.json_text],
            js=reopening.TRACK_AND_PAGE_ADDRESS,
            **_LAST,
        )
        # A slider that was moved before they came has stopped them.
        self._find_out(settled)

    def _settle(self, scored: TrackAnalysis | None, path: str | None, page: str, *sliders: float) -> tuple[Any, ...]:
        """Follow a slider with what nobody waits for: whether the model could hear it, the address, and the JSON."""
        address = self._links.address(scored, page, *sliders)
        return *self._links.follow(scored, path, *sliders), address, self._analysis.write_json(scored, *sliders)

    def _on_opening(self, recalled: Any) -> None:
        """Bring back the result that the page's address names."""
        shown = self._shown
        outputs = [self._scored, shown.status, shown.place, shown.opened, *self._settings, *shown.charts]
        self._look_closer(self._say_address(recalled.then(self._links.open, None, outputs, **_LAST)))

    def _show(self, after: Any) -> Any:
        shown = self._shown
        inputs = [self._scored, self._is_new, *self._asked.controls]
        return after.then(
            self._analysis.show, inputs, [shown.status, shown.cancel, shown.place, *shown.charts], **_LAST
        )

    def _say_address(self, after: Any) -> Any:
        return after.then(
            self._links.address,
            [self._scored, self._address, *self._asked.controls],
            self._shown.link,
            js=reopening.PAGE_ADDRESS,
            **_LAST,
        )

    def _write_json(self, after: Any) -> Any:
        return after.then(
            self._analysis.write_json, [self._scored, *self._asked.controls], self._shown.json_text, **_LAST
        )

    def _look_closer(self, after: Any) -> None:
        """Add what takes a second look, once the answer and its JSON are there."""
        self._write_json(self._find_out(self._write_json(after)))

    def _find_out(self, after: Any) -> Any:
        inputs, outputs = [self._asked.track, self._scored], [self._scored, self._shown.insights]
        return after.then(self._analysis.add_details, inputs, outputs, **_LAST)

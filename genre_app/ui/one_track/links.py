"""Shared links: the address of a result, and opening a result from its address."""

import html
import json
from collections.abc import Callable
from typing import Any, Final

import gradio as gr

from genre_app.errors import GenreAppError, InvalidOptionError
from genre_app.inference.model_pool import ModelPool
from genre_app.results.build import TrackAnalysis, build_result
from genre_app.results.window_plan import fits
from genre_app.ui.one_track.result_link import PARAMETERS, ResultLink, read_link
from genre_app.ui.shared import answer, view
from genre_app.ui.shared.events import Updates
from genre_app.ui.shared.sessions import Sessions
from genre_app.ui.shared.sliders import SLIDERS, options_of, values_of
from genre_app.ui.static import script

#: The page's address as the browser sees it, behind any proxy.
PAGE_ADDRESS: Final = "(page) => location.origin + location.pathname"
SCORED_AND_PAGE_ADDRESS: Final = "(scored, page, ...rest) => [scored, location.origin + location.pathname, ...rest]"
TRACK_AND_PAGE_ADDRESS: Final = (
    "(scored, track, page, ...rest) => [scored, track, location.origin + location.pathname, ...rest]"
)
_COPY_LABEL: Final = "Copy link"
_AFTER_COPYING: Final = f"() => new Promise((done) => setTimeout(() => done({_COPY_LABEL!r}), 2500))"

_OPENED: Final = "Opened from a link. The recording itself is not kept, so it cannot be played."
_GONE: Final = "The result of this link is not kept any more; please drop the recording into the box instead."
_NOTHING_KEPT: Final = "This installation keeps no results, so links to them lead nowhere; please drop the recording."
_NOT_SCORED: Final = (
    "The model has to hear the recording again for these windows, and a link does not hold it; "
    "please move the slider back, or drop the recording into the box."
)
_NOT_ASKED: Final = (
    "Another model has to hear the recording, and a link does not hold it; please drop the recording into the box."
)


class SharedLinks:
    """Gives results an address, and opens them from it.

    Parameters
    ----------
    pool : ModelPool
        Provides the models, whose caches hold the results.
    sessions : Sessions
        Show whether a visitor has dropped a recording before a link was opened.
    draw : callable
        Returns values for the charts from an analysis and the sliders' values.
    n_charts : int
        Number of these values.
    """

    def __init__(self, pool: ModelPool, sessions: Sessions, draw: Callable[..., Updates], *, n_charts: int) -> None:
        self._pool = pool
        self._sessions = sessions
        self._draw = draw
        self._n_charts = n_charts

    @property
    def is_offered(self) -> bool:
        """Whether results are cached, so that links can be opened."""
        return self._pool.settings.cache_mb > 0

    def build(self) -> gr.HTML:
        """Lay out the address of a result and its copy button; return the component for `address`."""
        with gr.Row(visible=self.is_offered, elem_id="link-row"):
            follow = script("follow_address.js").replace("__PARAMETERS__", json.dumps(PARAMETERS))
            link = gr.HTML(elem_id="link", js_on_load=follow)
            copy = gr.Button(_COPY_LABEL, size="md", min_width=130, scale=0, elem_id="copy-link")
        copy.click(None, None, copy, js=script("copy_link.js")).then(None, None, copy, js=_AFTER_COPYING)
        return link

    def open(self, request: gr.Request, page: str) -> Updates:
        """Follow the page's opening: where its address is a link, show the result with all that is known.

        One event does it all: further ones would go on beside those of a recording that is dropped meanwhile, and might
        replace what they show.

        Parameters
        ----------
        request : gradio.Request
            Its address has the link's parameters.
        page : str
            The page's address.

        Returns
        -------
        tuple
            Values for the analysis, status, results, the note about the link, model, sliders and charts, then those for
            the insights, the result's address and the JSON.
        """
        nothing = (gr.skip(),) * (8 + len(SLIDERS) + self._n_charts)
        try:
            link = read_link(request.query_params)
            if link is None:
                return nothing
            scored = self._recall(link)
        except GenreAppError as error:
            sentence = gr.update(value=view.message(str(error), kind="error"), visible=True)
            updates: Updates = (None, sentence, *nothing[2:])
        else:
            values = values_of(link.options)
            hidden, shown = gr.update(visible=False), gr.update(visible=True)
            note = gr.update(value=view.message(_OPENED), visible=True)
            model = link.model if link.model in self._pool.offered() else gr.skip()
            json_text = view.json_on_screen(build_result(scored, link.options))
            details = answer.insights(scored), self.address(scored, page, *values), json_text
            updates = scored, hidden, shown, note, model, *values, *self._draw(scored, *values), *details
        return nothing if self._sessions.latest(request.session_hash) else updates

    def ask_another(self, scored: TrackAnalysis | None, path: str | None, model: str, *sliders: float) -> Updates:
        """Follow the choice of another model where there is no recording: show what it said before, if that is kept.

        Returns
        -------
        tuple
            Values for the analysis, whether it is new, the note about the link, and the model.
        """
        if scored is None or path is not None or model == scored.model.name:
            return (gr.skip(),) * 4
        link = ResultLink(scored.audio_sha256, scored.name, model, options_of(*sliders))
        try:
            return self._recall(link), True, gr.skip(), gr.skip()
        except GenreAppError:
            note = gr.update(value=view.message(_NOT_ASKED), visible=True)
            return gr.skip(), False, note, scored.model.name

    def _recall(self, link: ResultLink) -> TrackAnalysis:
        if not self.is_offered:
            raise InvalidOptionError(_NOTHING_KEPT)
        with self._pool.acquire(link.model) as classifier:
            scored = classifier.recall(link.audio_sha256, link.options, name=link.name)
            if scored is None:
                raise InvalidOptionError(_GONE)
            return classifier.recall_insights(scored)

    def address(self, scored: TrackAnalysis | None, page: str, *sliders: float) -> Any:
        """Follow a result: show its address in a box to copy it from.

        Parameters
        ----------
        scored : TrackAnalysis or None
            The result.
        page : str
            The page's address.
        *sliders : float
            Their values.
        """
        options = options_of(*sliders)
        if scored is None or not fits(scored.track, options):
            return gr.skip()
        link = ResultLink(scored.audio_sha256, scored.name, scored.model.name, options)
        address = html.escape(f"{page}?{link.query()}")
        return f"<label>Link to this result<input type='text' readonly value='{address}'></label>"

    def follow(self, scored: TrackAnalysis | None, path: str | None, *sliders: float) -> Updates:
        """Follow a slider where there is no recording: say so if the model would have to score it again.

        Returns
        -------
        tuple
            Values for status and results.
        """
        if scored is None or path is not None:
            return (gr.skip(),) * 2
        is_shown = fits(scored.track, options_of(*sliders))
        status = gr.update(value=view.message(_NOT_SCORED), visible=not is_shown)
        return status, gr.update(visible=is_shown)

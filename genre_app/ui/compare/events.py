"""What happens on the tab that compares: each of two models listens to the track on its own."""

import logging
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from contextvars import copy_context
from typing import Any, Final

import gradio as gr

from genre_app.errors import CancelledError, GenreAppError
from genre_app.inference.model_pool import ModelPool
from genre_app.results.build import TrackAnalysis, build_result
from genre_app.results.progress import Progress
from genre_app.results.schema import SliceOptions
from genre_app.results.windows import slice_track
from genre_app.ui.compare import view as comparison_view
from genre_app.ui.compare.agreement import Answer, title_of, verdict_on
from genre_app.ui.shared import view
from genre_app.ui.shared.sessions import Sessions

_log = logging.getLogger(__name__)

#: The first tab's settings before anybody moves a slider: its scores serve here too.
OPTIONS: Final = SliceOptions()
WELCOME: Final = "Drop a recording into the box: both models listen to it, and you see where they differ."
_LISTENING: Final = "Both models listen …"
_FAILURE: Final = "Something went wrong in the app; please try again, or try another recording."
_NO_COMPARISON: Final = "There is nothing to compare: a model has no answer."
_PROGRESS_EVERY_S: Final = 0.2

#: A scored track, or why there is none; None while the model listens.
Outcome = TrackAnalysis | str | None
#: Values for components in a fixed order; Gradio types none of them.
Updates = tuple[Any, ...]


class ComparedSide:
    """One of the two models, for all visitors.

    Parameters
    ----------
    pool : ModelPool
        Lends the models.
    workers : ThreadPoolExecutor
        Shared by both sides.
    """

    def __init__(self, pool: ModelPool, workers: ThreadPoolExecutor) -> None:
        self._pool = pool
        self._workers = workers
        self._sessions = Sessions()

    def listen(self, request: gr.Request, path: str | None, moment: float | None, model: str) -> Iterator[Updates]:
        """Score a track, and say how far it is.

        Parameters
        ----------
        request : gradio.Request
            Who sent it.
        path : str or None
            The track; None where the visitor took one away.
        moment : float or None
            When the browser sent it, in milliseconds.
        model : str
            Name of the model.

        Yields
        ------
        tuple
            Values for outcome, card, sentence on both, results, and this side's timeline with its text.
        """
        session = request.session_hash
        cancel = self._sessions.begin(session, moment)
        try:
            for updates in self._follow(path, model, cancel):
                if not self._sessions.is_current(session, cancel):
                    yield (gr.skip(),) * 6
                    return
                yield updates
        finally:
            cancel.set()  # the visitor may have left: nobody waits for the track any more

    def leave(self, request: gr.Request) -> None:
        """Forget a visitor who left."""
        self._sessions.end(request.session_hash)

    def _follow(self, path: str | None, model: str, cancel: threading.Event) -> Iterator[Updates]:
        title = title_of(model)
        hidden = gr.update(visible=False)
        if path is None:
            yield None, "", _sentence(WELCOME), hidden, hidden, ""
            return
        try:
            latest = [Progress("reading", None)]
            future = self._workers.submit(copy_context().run, self._score, path, model, latest, cancel)
            yield (
                None,
                comparison_view.card(title, view.status(latest[0])),
                _sentence(_LISTENING),
                gr.update(visible=True),
                hidden,
                "",
            )
            while not wait([future], timeout=_PROGRESS_EVERY_S).done:
                yield gr.skip(), comparison_view.card(title, view.status(latest[0])), *[gr.skip()] * 4
            yield future.result(), *[gr.skip()] * 5
        except CancelledError:
            yield (gr.skip(),) * 6
        except GenreAppError as error:
            yield _failed(title, str(error))
        except Exception:  # noqa: BLE001 - the page never shows a traceback; the log does
            _log.exception("comparing a track failed")
            yield _failed(title, _FAILURE)

    def _score(self, path: str, model: str, latest: list[Progress], cancel: threading.Event) -> TrackAnalysis:
        def tell(progress: Progress) -> None:
            latest[0] = progress

        with self._pool.acquire(model) as classifier:
            return classifier.score_file(path, OPTIONS, on_progress=tell, cancel=cancel)


def show(own: Outcome, other: Outcome, *, chart: str, is_first: bool) -> Updates:
    """Follow the end of one side: its answer, and, once the other side is there too, the sentence on both.

    Parameters
    ----------
    own, other : TrackAnalysis or str or None
        This side and the other.
    chart : str
        Id of this side's timeline.
    is_first : bool
        Whether this side is named first.

    Returns
    -------
    tuple
        Values for card, sentence on both, and this side's timeline with its text.
    """
    if own is None:
        return (gr.skip(),) * 4
    sentence = _sentence(_NO_COMPARISON) if isinstance(own, str) or isinstance(other, str) else gr.skip()
    if isinstance(own, str):
        return gr.skip(), sentence, gr.skip(), gr.skip()
    answer = _answer(own)
    if isinstance(other, TrackAnalysis):
        pair = (answer, _answer(other)) if is_first else (_answer(other), answer)
        sentence = _sentence(verdict_on(*pair), kind="answer")
    figure = comparison_view.timeline(answer, OPTIONS.top_k)
    return (
        comparison_view.answer_card(answer),
        sentence,
        gr.update(value=figure, visible=True),
        comparison_view.timeline_text(answer, chart),
    )


def _answer(scored: TrackAnalysis) -> Answer:
    return Answer(title_of(scored.model.name), build_result(scored, OPTIONS), slice_track(scored.track, OPTIONS))


def _sentence(words: str, *, kind: str = "info") -> str:
    return view.message(words, kind=kind)


def _failed(title: str, reason: str) -> Updates:
    return reason, comparison_view.card(title, view.message(reason, kind="error")), *[gr.skip()] * 4

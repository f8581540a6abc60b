"""The events of the tab that compares: each of two models scores the track on its own."""

import asyncio
import html
import logging
import threading
from collections.abc import AsyncGenerator, AsyncIterator
from functools import partial
from pathlib import Path
from typing import Any, Final

import gradio as gr

from genre_app.errors import CancelledError, GenreAppError, ModelNotHereError
from genre_app.inference.model_pool import ModelPool
from genre_app.models.catalogue import title_of
from genre_app.results.build import TrackAnalysis, build_result, windows_of
from genre_app.results.progress import Progress
from genre_app.results.schema import SliceOptions
from genre_app.ui.compare.agreement import Answer, common_order, verdict_on
from genre_app.ui.compare.view import answer_card, card, course_so_far, timeline, timeline_text, where_they_differ
from genre_app.ui.shared import view
from genre_app.ui.shared.analysis_threads import AnalysisThreads
from genre_app.ui.shared.events import FAILURE, Updates
from genre_app.ui.shared.progress import Latest, progress_until_done
from genre_app.ui.shared.sessions import Sessions
from genre_app.ui.shared.visits import Visits

_log = logging.getLogger(__name__)

#: The first tab's default settings, so that its cached scores serve here too.
OPTIONS: Final = SliceOptions()
WELCOME: Final = "Drop a recording into the box: both models listen to it, and you see where they differ."
_IN_PROGRESS: Final = "Listening …"
#: What the visitor's file is held for, by both sides.
_PURPOSE: Final = "compare"
_NO_COMPARISON: Final = "There is nothing to compare: a model has no answer."
_WHERE_TO_GET: Final = " Choose it in One track, under Advanced, to download it."
#: Why a side has no answer, after it was cancelled.
_CANCELLED: Final = "cancelled"

#: An analysis, or why there is none; None while the model is scoring.
Outcome = TrackAnalysis | str | None


class ComparedSide:
    """One of the two models, for all visitors.

    Parameters
    ----------
    pool : ModelPool
        Provides the models.
    visits : Visits
        Owns the visitors' files.
    threads : AnalysisThreads
        Shared by all tabs.
    """

    def __init__(self, pool: ModelPool, visits: Visits, threads: AnalysisThreads) -> None:
        self._pool = pool
        self._visits = visits
        self._threads = threads
        self._sessions = Sessions()

    async def score(
        self, request: gr.Request, path: str | None, moment: float | None, model: str
    ) -> AsyncIterator[Updates]:
        """Score a track and report progress.

        Parameters
        ----------
        request : gradio.Request
            Identifies the visitor.
        path : str or None
            The track; None where the visitor removed it.
        moment : float or None
            When the browser sent it, in milliseconds.
        model : str
            Name of the model.

        Yields
        ------
        tuple
            Values for outcome, card, sentence about both, and this side's timeline with its text.
        """
        steps = self._sessions.follow(
            request.session_hash,
            moment,
            partial(self._follow, request.session_hash, path, model),
            if_replaced=(gr.skip(),) * 5,
        )
        async for updates in steps:
            yield updates

    def cancel(self, request: gr.Request) -> None:
        """Cancel the visitor's analysis."""
        self._sessions.cancel(request.session_hash)

    def leave(self, request: gr.Request) -> None:
        """Cancel the analysis of a visitor who left."""
        self._sessions.end(request.session_hash)

    async def _follow(
        self, session: str | None, path: str | None, model: str, cancel: threading.Event
    ) -> AsyncGenerator[Updates]:
        title = title_of(model)
        if path is None:
            self._visits.release(session, _PURPOSE)
            yield None, "", _sentence(WELCOME), None, ""
            return
        try:
            self._visits.hold(session, _PURPOSE, Path(path))
            latest = Latest(Progress("reading", None))
            future = self._threads.submit(self._score, path, model, latest, cancel)
            yield None, card(title, view.status(latest.get())), _sentence(_IN_PROGRESS), None, ""
            async for progress in progress_until_done(future, latest):
                so_far = await asyncio.to_thread(course_so_far, progress)
                yield gr.skip(), card(title, view.status(progress) + so_far), *[gr.skip()] * 3
            yield future.result(), *[gr.skip()] * 4
        except CancelledError:
            yield _CANCELLED, card(title, view.message("Cancelled.")), view.cancelled(), None, ""
        except ModelNotHereError:
            hint = _WHERE_TO_GET if self._pool.settings.allow_downloads else ""
            yield _failed(title, f"{title} is not on this machine.{hint}")
        except GenreAppError as error:
            yield _failed(title, error.about(Path(path).name))
        except Exception:  # noqa: BLE001 - the page never shows a traceback; the log does
            _log.exception("comparing a track failed")
            yield _failed(title, FAILURE)

    def _score(self, path: str, model: str, latest: Latest[Progress], cancel: threading.Event) -> TrackAnalysis:
        with self._pool.acquire(model) as classifier:
            return classifier.score_file(path, OPTIONS, on_progress=latest.put, cancel=cancel)


def show(own: Outcome, other: Outcome, *, chart: str, is_first: bool) -> Updates:
    """Follow the end of one side: show its answer and, once the other side is done, what is said of both.

    Then the timelines of both are drawn, with their labels in one order, so that the eye can compare them.

    Parameters
    ----------
    own, other : TrackAnalysis or str or None
        This side and the other.
    chart : str
        Id of this side's timeline.
    is_first : bool
        Whether the sentence names this side first.

    Returns
    -------
    tuple
        Values for card, sentence about both, where they differ, this side's timeline with its text, and the other's
        timeline.
    """
    if own is None:
        return gr.skip(), gr.skip(), "", *[gr.skip()] * 3
    sentence = _no_comparison(own, other)
    if isinstance(own, str):
        return gr.skip(), sentence, "", *[gr.skip()] * 3
    answer = _answer(own)
    where, order, timeline_of_other = "", list[str](), gr.skip()
    if isinstance(other, TrackAnalysis):
        other_answer = _answer(other)
        pair = (answer, other_answer) if is_first else (other_answer, answer)
        order = common_order(*pair)
        timeline_of_other = timeline(other_answer, OPTIONS.top_k, order)
        name = f"<p class='track'>{html.escape(own.name)}</p>"
        sentence, where = _sentence(verdict_on(*pair), kind="answer") + name, where_they_differ(*pair)
    return (
        answer_card(answer, OPTIONS.top_k),
        sentence,
        where,
        timeline(answer, OPTIONS.top_k, order),
        timeline_text(answer, chart),
        timeline_of_other,
    )


def _answer(scored: TrackAnalysis) -> Answer:
    return Answer(title_of(scored.model.name), build_result(scored, OPTIONS), windows_of(scored, OPTIONS))


def _no_comparison(own: Outcome, other: Outcome) -> Any:
    """Say why there is nothing to compare; no change where both have an answer or the other is still to come."""
    if _CANCELLED in (own, other):
        return view.cancelled()
    return _sentence(_NO_COMPARISON) if isinstance(own, str) or isinstance(other, str) else gr.skip()


def _sentence(words: str, *, kind: str = "info") -> str:
    return view.message(words, kind=kind)


def _failed(title: str, reason: str) -> Updates:
    return reason, card(title, view.message(reason, kind="error")), *[gr.skip()] * 3

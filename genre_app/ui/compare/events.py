"""The events of the tab that compares: each of two models scores the track on its own."""

import asyncio
import html
import logging
import threading
from collections.abc import AsyncGenerator, AsyncIterator
from functools import partial
from pathlib import Path
from typing import Final

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
    chart : str
        Id of the side's timeline.
    """

    def __init__(self, pool: ModelPool, visits: Visits, threads: AnalysisThreads, *, chart: str) -> None:
        self._pool = pool
        self._visits = visits
        self._threads = threads
        self._chart = chart
        self._sessions = Sessions()

    async def score(
        self, request: gr.Request, path: str | None, moment: float | None, model: str
    ) -> AsyncIterator[Updates]:
        """Score a track, report progress and show the answer.

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
            Values for outcome, card, sentence about both, where they differ, and this side's timeline with its text.
        """
        steps = self._sessions.follow(
            request.session_hash,
            moment,
            partial(self._follow, request.session_hash, path, model),
            if_replaced=(gr.skip(),) * 6,
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
            yield None, "", _sentence(WELCOME), "", None, ""
            return
        try:
            self._visits.hold(session, _PURPOSE, Path(path))
            latest = Latest(Progress("reading", None))
            future = self._threads.submit(self._score, path, model, latest, cancel)
            yield None, card(title, view.status(latest.get())), _sentence(_IN_PROGRESS), "", None, ""
            async for progress in progress_until_done(future, latest):
                so_far = await asyncio.to_thread(course_so_far, progress)
                yield gr.skip(), card(title, view.status(progress) + so_far), *[gr.skip()] * 4
            scored = future.result()
            # Shown before it is known to `compare`, so that what is drawn of both is always drawn last.
            yield await asyncio.to_thread(self._show, scored)
            yield scored, *[gr.skip()] * 5
        except CancelledError:
            yield _CANCELLED, card(title, view.message("Cancelled.")), view.cancelled(), "", None, ""
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

    def _show(self, scored: TrackAnalysis) -> Updates:
        answer = _answer(scored)
        shown = timeline(answer, OPTIONS.top_k), timeline_text(answer, self._chart)
        return gr.skip(), answer_card(answer, OPTIONS.top_k), gr.skip(), gr.skip(), *shown


def compare(first: Outcome, second: Outcome) -> Updates:
    """Follow the end of either side: once both are done, show what is said of both, and change nothing before.

    The timelines are drawn again with their labels in one order, so that the eye can compare them.

    Parameters
    ----------
    first, second : TrackAnalysis or str or None
        What has become of each side.

    Returns
    -------
    tuple
        Values for sentence about both, where they differ, and both timelines.
    """
    if first is None or second is None:  # the event at the end of the other side may have drawn both already
        return (gr.skip(),) * 4
    if isinstance(first, str) or isinstance(second, str):
        is_cancelled = _CANCELLED in (first, second)
        return view.cancelled() if is_cancelled else _sentence(_NO_COMPARISON), "", gr.skip(), gr.skip()
    pair = _answer(first), _answer(second)
    order = common_order(*pair)
    name = f"<p class='track'>{html.escape(first.name)}</p>"
    return (
        _sentence(verdict_on(*pair), kind="answer") + name,
        where_they_differ(*pair),
        *(timeline(answer, OPTIONS.top_k, order) for answer in pair),
    )


def _answer(scored: TrackAnalysis) -> Answer:
    return Answer(title_of(scored.model.name), build_result(scored, OPTIONS), windows_of(scored, OPTIONS))


def _sentence(words: str, *, kind: str = "info") -> str:
    return view.message(words, kind=kind)


def _failed(title: str, reason: str) -> Updates:
    return reason, card(title, view.message(reason, kind="error")), *[gr.skip()] * 4

"""The events of the tab for one track: a track arrives, a slider moves, a visitor cancels."""

import asyncio
import logging
import threading
from collections.abc import AsyncGenerator, AsyncIterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, Final

import gradio as gr

from genre_app.errors import CancelledError, GenreAppError
from genre_app.inference.model_pool import ModelPool
from genre_app.results.build import TrackAnalysis, build_result
from genre_app.results.progress import Progress
from genre_app.results.schema import SliceOptions
from genre_app.results.window_plan import fits
from genre_app.ui.one_track.waveform import waveform, waveform_so_far
from genre_app.ui.shared import answer, view
from genre_app.ui.shared.analysis_threads import AnalysisThreads
from genre_app.ui.shared.events import FAILURE, Updates
from genre_app.ui.shared.progress import Latest, progress_until_done
from genre_app.ui.shared.sessions import Sessions
from genre_app.ui.shared.sliders import options_of
from genre_app.ui.shared.visits import Visits

_log = logging.getLogger(__name__)

#: What the visitor's file is held for.
_PURPOSE: Final = "one"
#: Headline, waveform, bars, reasons, timeline, timeline in words.
N_CHARTS: Final = 6


class OneTrackEvents:
    """Connects the tab's components with the models.

    Events that take the sliders take their values in the order of `genre_app.ui.shared.sliders.sliders`.

    Parameters
    ----------
    pool : ModelPool
        Provides the models.
    visits : Visits
        Owns the visitors' files.
    threads : AnalysisThreads
        Shared by all tabs.
    sessions : Sessions, optional
        The running analysis of each visitor.
    """

    def __init__(
        self, pool: ModelPool, visits: Visits, threads: AnalysisThreads, sessions: Sessions | None = None
    ) -> None:
        self._pool = pool
        self._visits = visits
        self._sessions = sessions or Sessions()
        self._threads = threads

    async def analyse(
        self, request: gr.Request, path: str | None, moment: float | None, model: str, *sliders: float
    ) -> AsyncIterator[Updates]:
        """Analyse a track that arrived, or the same one with another model, and report progress.

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
        *sliders : float
            Their values.

        Yields
        ------
        tuple
            Values for the analysis, whether it is new, status, cancel button and results.
        """
        steps = self._sessions.follow(
            request.session_hash,
            moment,
            partial(self._follow, request.session_hash, path, model, sliders),
            if_replaced=(gr.skip(),) * 5,
        )
        async for updates in steps:
            yield updates

    async def analyse_again(
        self, request: gr.Request, path: str | None, moment: float | None, model: str, *sliders: float
    ) -> AsyncIterator[Updates]:
        """Analyse the track that is here with another model; without a track nothing changes.

        Yields
        ------
        tuple
            As `analyse`.
        """
        if path is None:
            yield (gr.skip(),) * 5
            return
        async for updates in self.analyse(request, path, moment, model, *sliders):
            yield updates

    async def rescore(
        self, request: gr.Request, scored: TrackAnalysis | None, path: str | None, model: str, *sliders: float
    ) -> AsyncIterator[Updates]:
        """Follow a slider with a model that scores whole windows: score those without scores yet.

        Yields
        ------
        tuple
            As `analyse`, then values for the charts; no change where the scores at hand fit the windows.
        """
        unchanged = (gr.skip(),) * N_CHARTS
        if scored is None or path is None or fits(scored.track, options_of(*sliders)):
            # Not even whether it is new: an analysis may end while this event is under way.
            yield *[gr.skip()] * 5, *unchanged
            return
        async for now, is_new, *rest in self.analyse(request, path, None, model, *sliders):
            if isinstance(now, TrackAnalysis):
                rescored = _with_insights_of(scored, now)  # they do not depend on the windows
                yield rescored, False, *_shown(), *self.reslice(rescored, *sliders)
            else:
                yield now, is_new, *rest, *unchanged

    async def _follow(
        self, session: str | None, path: str | None, model: str, sliders: tuple[float, ...], cancel: threading.Event
    ) -> AsyncGenerator[Updates]:
        options = options_of(*sliders)
        if path is None:
            self._visits.release(session, _PURPOSE)
            yield _idle("")  # the drop zone is back
            return
        try:
            self._visits.hold(session, _PURPOSE, Path(path))
            latest = Latest(Progress("reading", None))
            future = self._threads.submit(self._score, path, model, options, latest, cancel)
            yield _in_progress(view.status(latest.get()))
            async for progress in progress_until_done(future, latest):
                so_far = await asyncio.to_thread(waveform_so_far, progress)
                yield _in_progress(view.status(progress) + so_far)
            yield future.result(), True, *[gr.skip()] * 3
        except CancelledError:
            yield _idle(view.cancelled())
        except GenreAppError as error:
            yield _idle(view.message(error.about(Path(path).name), kind="error"))
        except Exception:  # noqa: BLE001 - the page never shows a traceback; the log does
            _log.exception("analysing a track failed")
            yield _idle(view.message(FAILURE, kind="error"))

    def _score(
        self, path: str, model: str, options: SliceOptions, latest: Latest[Progress], cancel: threading.Event
    ) -> TrackAnalysis:
        with self._pool.acquire_or_default(model) as (classifier, reason):
            scored = classifier.score_file(path, options, on_progress=latest.put, cancel=cancel, keep_excerpt=True)
        return replace(scored, fallback_reason=reason) if reason else scored

    def show(self, scored: TrackAnalysis | None, is_new: bool, *sliders: float) -> Updates:  # noqa: FBT001 - by Gradio
        """Follow the end of an analysis: show the results, at the sliders' current values, in place of the progress.

        Returns
        -------
        tuple
            Values for status, cancel button, results and charts, then the insights as far as they are known.
        """
        if scored is None or not is_new:
            return (gr.skip(),) * (4 + N_CHARTS)
        insights = "" if scored.facts is None else answer.insights(scored)
        return *_shown(), *self.reslice(scored, *sliders), insights

    def reslice(self, scored: TrackAnalysis | None, *sliders: float) -> Updates:
        """Follow a slider: redraw headline and charts from the track's logits."""
        if scored is None or not fits(scored.track, options_of(*sliders)):
            return (gr.skip(),) * N_CHARTS
        options = options_of(*sliders)
        result = build_result(scored, options)
        charts, in_words = view.draw(scored, result, options), view.timeline_in_words(result, scored.model.label_kind)
        headline, outline = answer.headline(result), waveform(scored, result, options)
        return headline, outline, charts.bars, answer.why(scored, result), charts.timeline, in_words

    def add_details(self, request: gr.Request, path: str | None, scored: TrackAnalysis | None) -> Updates:
        """Follow a result: add what takes longer than the verdict, which is tempo, key, chords and reasons.

        Each result is followed by this, and it always says what is known. Another event may have found the details
        already, such as that of a slider, and an answer that was drawn without them may have cleared them since.

        Returns
        -------
        tuple
            Values for the analysis and the insights.
        """
        if scored is None:
            return (gr.skip(),) * 2
        if scored.facts is not None:
            return gr.skip(), answer.insights(scored)
        token = self._sessions.latest(request.session_hash)
        cancel = self._sessions.begin_second_look(request.session_hash)
        try:
            with self._pool.acquire(scored.model.name) as classifier:
                # A shared link comes without its recording: its insights are in the cache.
                scored = (
                    classifier.with_insights(scored, path, cancel=cancel)
                    if path
                    else classifier.recall_insights(scored)
                )
        except GenreAppError as error:
            _log.warning("no facts about a track (%s)", type(error).__name__)
        if self._sessions.latest(request.session_hash) is not token:
            return (gr.skip(),) * 2  # the visitor has sent a newer track
        return replace(scored, excerpt=None), answer.insights(scored)

    def write_json(self, scored: TrackAnalysis | None, *sliders: float) -> Any:
        """Follow a result: write the JSON on the page."""
        if scored is None or not fits(scored.track, options_of(*sliders)):
            return gr.skip()
        return view.json_on_screen(build_result(scored, options_of(*sliders)))

    def cancel(self, request: gr.Request) -> None:
        """Cancel the visitor's analysis."""
        self._sessions.cancel(request.session_hash)

    def leave(self, request: gr.Request) -> None:
        """Cancel the analysis of a visitor who left."""
        self._sessions.end(request.session_hash)

    def folder_of(self, request: gr.Request) -> Path:
        """Return the path of a visitor's folder for downloads."""
        return self._visits.downloads_of(request.session_hash)


def _with_insights_of(before: TrackAnalysis, now: TrackAnalysis) -> TrackAnalysis:
    return replace(now, facts=before.facts, explanation=before.explanation, tags=before.tags)


def _shown() -> Updates:
    """Show results in place of status and cancel button."""
    return gr.update(visible=False), gr.update(visible=False), gr.update(visible=True)


def _in_progress(status: str) -> Updates:
    """Show progress; the previous results stay hidden until there are new ones."""
    return None, False, gr.update(value=status, visible=True), gr.update(visible=True), gr.update(visible=False)


def _idle(status: str) -> Updates:
    """Show a sentence and nothing else."""
    return None, False, gr.update(value=status, visible=True), gr.update(visible=False), gr.update(visible=False)

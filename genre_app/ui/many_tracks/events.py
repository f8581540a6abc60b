"""The events of the tab for many tracks: files arrive, rows change, a visitor cancels or opens a row."""

import asyncio
import logging
import os
import shutil
import threading
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Final

import gradio as gr
from gradio.utils import get_upload_folder
from pydantic import BaseModel, Field, ValidationError

from genre_app.inference.model_pool import ModelPool
from genre_app.results.build import TrackAnalysis
from genre_app.results.progress import ProgressCallback
from genre_app.ui.many_tracks.queue import MAX_TRACKS, OPTIONS, Announced, Row, TrackQueue
from genre_app.ui.many_tracks.table import summary, table
from genre_app.ui.many_tracks.zip_archive import write_archive
from genre_app.ui.one_track.tab import TAB as ONE_TRACK_TAB
from genre_app.ui.shared.events import Updates
from genre_app.ui.shared.visitor_folder import folder_of

_log = logging.getLogger(__name__)

_POLL_S: Final = 0.4


class _Announcement(BaseModel):
    """What the upload box sends ahead of the files."""

    files: list[Announced] = Field(max_length=MAX_TRACKS)
    n_left_out: int = Field(default=0, ge=0)


class ManyTracksEvents:
    """Connects the tab's components with the visitors' lists.

    Parameters
    ----------
    pool : ModelPool
        Provides the models.
    downloads : Path
        Parent of the visitors' folders for downloads.
    """

    def __init__(self, pool: ModelPool, downloads: Path) -> None:
        self._pool = pool
        self._downloads = downloads
        self._executor = ThreadPoolExecutor(2 * pool.settings.tracks_at_once, thread_name_prefix="many")
        self._queues: dict[str, TrackQueue] = {}
        self._followers: dict[str, object] = {}
        self._lock = threading.Lock()

    def announce(self, request: gr.Request, model: str, event: gr.EventData) -> None:
        """Add the files to the list that the box is about to send."""
        try:
            announcement = _Announcement.model_validate(event._data)
        except ValidationError:
            _log.warning("an announcement is malformed")
            return
        self._queue(request).announce(announcement.files, model, n_left_out=announcement.n_left_out)

    def arrive(self, request: gr.Request, event: gr.EventData) -> None:
        """Analyse a file that was uploaded; without a path, its upload failed."""
        key, path = str(event.key), event.path
        if isinstance(path, str) and _was_uploaded(path):
            self._queue(request).begin(key, Path(path))
        else:
            self._queue(request).lose(key)

    async def follow(self, request: gr.Request) -> AsyncIterator[Updates]:
        """Show the list until all rows are settled, or until a newer call of this visitor takes over.

        Yields
        ------
        tuple
            Values for summary, table, cancel button, ZIP button and the row of buttons.
        """
        queue, token = self._queue(request), object()
        session = request.session_hash or ""
        self._followers[session] = token
        shown: tuple[Row, ...] | None = None
        while self._followers.get(session) is token:
            rows = queue.rows()
            if rows != shown:
                yield _show(rows, queue.n_left_out, self._pool.default.fallback_reason)
                shown = rows
            if all(row.is_settled for row in rows):
                return
            await asyncio.sleep(_POLL_S)
        # Gradio sends an event's last value again at its end; by now a newer event shows the list.
        yield (gr.skip(),) * 5

    def open(self, request: gr.Request, event: gr.EventData) -> Updates:
        """Open a track in the first tab.

        Returns
        -------
        tuple
            Values for that tab's track and model, and for the tabs.
        """
        row = self._queue(request).find(str(event.key))
        if row is None or row.path is None or row.scored is None:
            return gr.skip(), gr.skip(), gr.skip()
        return str(row.path), row.model, gr.Tabs(selected=ONE_TRACK_TAB)

    def write_zip(self, request: gr.Request) -> str | None:
        """Write the finished tracks as a ZIP and return its path; None where there are none."""
        rows = self._queue(request).rows()
        if not any(row.scored for row in rows):
            return None
        try:
            return str(write_archive(rows, folder_of(self._downloads, request)))
        except OSError as error:
            sentence = "There is no room for the file on the app's machine; please try again later."
            raise gr.Error(sentence, print_exception=False) from error

    def cancel(self, request: gr.Request) -> None:
        """Cancel the tracks that are not done."""
        self._queue(request).cancel()

    def clear(self, request: gr.Request) -> None:
        """Empty the list."""
        self._queue(request).clear()

    def leave(self, request: gr.Request) -> None:
        """Cancel the tracks of a visitor who left, and remove the downloads."""
        session = request.session_hash or ""
        with self._lock:
            queue = self._queues.pop(session, None)
        self._followers.pop(session, None)
        if queue is not None:
            queue.clear()
        shutil.rmtree(folder_of(self._downloads, request), ignore_errors=True)

    def _queue(self, request: gr.Request) -> TrackQueue:
        session = request.session_hash or ""
        with self._lock:
            if session not in self._queues:
                self._queues[session] = TrackQueue(
                    self._score,
                    self._executor,
                    n_at_once=max(1, self._pool.settings.tracks_at_once // 2),
                    max_file_mb=self._pool.settings.max_file_mb,
                )
            return self._queues[session]

    def _score(self, path: Path, model: str, on_progress: ProgressCallback, cancel: threading.Event) -> TrackAnalysis:
        with self._pool.acquire_or_default(model) as (classifier, reason):
            scored = classifier.score_file(path, OPTIONS, on_progress=on_progress, cancel=cancel)
        return replace(scored, fallback_reason=reason) if reason else scored


def _show(rows: tuple[Row, ...], n_left_out: int, known_reason: str | None) -> Updates:
    return (
        summary(rows, n_left_out=n_left_out),
        table(rows, known_reason=known_reason),
        gr.update(interactive=any(not row.is_settled for row in rows)),
        gr.update(interactive=any(row.scored for row in rows)),
        gr.update(visible=bool(rows)),
    )


def _was_uploaded(path: str) -> bool:
    """Return whether a path leads to an uploaded file; other files of this machine are off limits."""
    folder = Path(get_upload_folder()).resolve()
    try:
        real = Path(path).resolve()
    except (OSError, ValueError):
        return False
    return real.is_relative_to(folder) and os.access(real, os.R_OK) and real.is_file()

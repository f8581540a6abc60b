"""The events of the tab for many tracks: files arrive, rows change, a visitor cancels or opens a row."""

import asyncio
import os
import threading
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from itertools import takewhile
from pathlib import Path
from typing import Final

import gradio as gr
from gradio.utils import get_upload_folder

from genre_app.collection.tagging.vocabulary import NO_VOCABULARY
from genre_app.collection.tagging.vocabulary_file import read_vocabulary
from genre_app.errors import StorageLimitError
from genre_app.formatting import percent
from genre_app.inference.model_pool import ModelPool
from genre_app.results.build import TrackAnalysis
from genre_app.results.progress import ProgressCallback
from genre_app.ui.many_tracks.messages import Announcement, RowOfPage, read
from genre_app.ui.many_tracks.queue import OPTIONS, TrackQueue
from genre_app.ui.many_tracks.row import Row
from genre_app.ui.many_tracks.skipped import Skipped
from genre_app.ui.many_tracks.table import summary, table
from genre_app.ui.many_tracks.zip_archive import archive_path, write_archive
from genre_app.ui.one_track.tab import TAB as ONE_TRACK_TAB
from genre_app.ui.shared import view
from genre_app.ui.shared.events import Updates
from genre_app.ui.shared.visits import Visits

_POLL_S: Final = 0.4
#: What the visitor's files are held for.
_PURPOSE: Final = "many"


class ManyTracksEvents:
    """Connects the tab's components with the visitors' lists.

    Parameters
    ----------
    pool : ModelPool
        Provides the models.
    visits : Visits
        Owns the visitors' files.
    """

    def __init__(self, pool: ModelPool, visits: Visits) -> None:
        self._pool = pool
        self._visits = visits
        path = pool.settings.vocabulary
        self._vocabulary = read_vocabulary(path) if path else NO_VOCABULARY
        self._executor = ThreadPoolExecutor(2 * pool.settings.tracks_at_once, thread_name_prefix="many")
        self._queues: dict[str, TrackQueue] = {}
        self._followers: dict[str, object] = {}
        self._zips: dict[str, threading.Event] = {}  # set to stop the one that is being made
        self._lock = threading.Lock()

    def announce(self, request: gr.Request, model: str, event: gr.EventData) -> None:
        """Add the files to the list that the box is about to send."""
        announcement = read(Announcement, event)
        if announcement is None:
            return
        queue = self._queue(request)
        refusal = partial(self._refusal, request.session_hash)
        queue.announce(announcement.files, model, n_left_out=announcement.n_left_out, refusal=refusal)
        queue.skip(announcement.skipped, announcement.n_skipped)

    def arrive(self, request: gr.Request, event: gr.EventData) -> None:
        """Analyse a file that was uploaded; without a path, its upload failed."""
        row = read(RowOfPage, event)
        if row is None:
            return
        key, path, queue = row.key, row.path, self._queue(request)
        if path is None or not _was_uploaded(path):
            queue.lose(key)
            return
        try:
            self._visits.hold(request.session_hash, f"{_PURPOSE}:{key}", Path(path))
        except StorageLimitError as error:
            queue.refuse(key, str(error))
        else:
            queue.begin(key, Path(path))

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
                yield self._show(rows, queue.n_left_out, queue.skipped)
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
        chosen = read(RowOfPage, event)
        row = self._queue(request).find(chosen.key) if chosen else None
        if row is None or row.path is None or row.scored is None:
            return gr.skip(), gr.skip(), gr.skip()
        return str(row.path), row.model, gr.Tabs(selected=ONE_TRACK_TAB)

    def write_zip(self, request: gr.Request) -> Iterator[Updates]:
        """Write the finished tracks as a ZIP, until that is cancelled.

        Yields
        ------
        tuple
            Values for the note, the ZIP's path once it is there, and the cancel button.
        """
        queue = self._queue(request)
        rows = queue.rows()
        if not any(row.scored for row in rows):
            yield view.note(""), None, gr.skip()
            return
        stop = threading.Event()
        self._stop_zip(request)
        self._zips[request.session_hash or ""] = stop
        path = archive_path(rows, self._visits.downloads_of(request.session_hash))
        words = f"Ready: {path.name}"
        made: str | None = str(path)
        archive = write_archive(rows, path, has_vocabulary=bool(self._vocabulary))
        try:
            for share in takewhile(lambda _: not stop.is_set(), archive):
                yield view.note(f"Making {path.name}: {percent(share)}"), None, gr.update(interactive=True)
        except OSError:
            words, made = "There is no room for the file on the app's machine; please try again later.", None
        if stop.is_set():
            yield (gr.skip(),) * 3  # whoever stopped it has said so; Gradio would repeat the last words
            return
        self._zips.pop(request.session_hash or "", None)
        is_idle = all(row.is_settled for row in queue.rows())
        yield view.note(words), made, gr.update(interactive=not is_idle)

    def cancel(self, request: gr.Request) -> str:
        """Cancel the tracks that are not done, and the ZIP that is being made; return the note."""
        self._queue(request).cancel()
        return view.note("The ZIP was cancelled." if self._stop_zip(request) else "")

    def clear(self, request: gr.Request) -> str:
        """Empty the list; return the note."""
        self._stop_zip(request)
        self._queue(request).clear()
        self._visits.release(request.session_hash, _PURPOSE)
        return view.note("")

    def _stop_zip(self, request: gr.Request) -> bool:
        """Stop the ZIP that is being made, if there is one, and return whether there was."""
        stop = self._zips.pop(request.session_hash or "", None)
        if stop is None:
            return False
        stop.set()
        return True

    def leave(self, request: gr.Request) -> None:
        """Cancel the tracks of a visitor who left."""
        session = request.session_hash or ""
        self._stop_zip(request)
        with self._lock:
            queue = self._queues.pop(session, None)
        self._followers.pop(session, None)
        if queue is not None:
            queue.clear()

    def _refusal(self, session: str | None, n_bytes: int) -> str | None:
        """Say why files of so many bytes may not come, if they may not."""
        try:
            self._visits.check_room(session, n_bytes)
        except StorageLimitError as error:
            return str(error)
        return None

    def _queue(self, request: gr.Request) -> TrackQueue:
        session = request.session_hash or ""
        with self._lock:
            if session not in self._queues:
                self._queues[session] = TrackQueue(
                    self._score,
                    self._executor,
                    n_at_once=max(1, self._pool.settings.tracks_at_once // 2),
                    max_file_mb=self._pool.settings.max_file_mb,
                    vocabulary=self._vocabulary,
                )
            return self._queues[session]

    def _show(self, rows: tuple[Row, ...], n_left_out: int, skipped: Skipped) -> Updates:
        known_reason = self._pool.default.fallback_reason
        return (
            summary(rows, n_left_out=n_left_out, skipped=skipped),
            table(rows, known_reason=known_reason, has_vocabulary=bool(self._vocabulary)),
            gr.update(interactive=any(not row.is_settled for row in rows)),
            gr.update(interactive=any(row.scored for row in rows)),
            gr.update(visible=bool(rows)),
        )

    def _score(self, path: Path, model: str, on_progress: ProgressCallback, cancel: threading.Event) -> TrackAnalysis:
        with self._pool.acquire_or_default(model) as (classifier, reason):
            scored = classifier.score_file(path, OPTIONS, on_progress=on_progress, cancel=cancel)
        return replace(scored, fallback_reason=reason) if reason else scored


def _was_uploaded(path: str) -> bool:
    """Return whether a path leads to an uploaded file; other files of this machine are off limits."""
    folder = Path(get_upload_folder()).resolve()
    try:
        real = Path(path).resolve()
    except (OSError, ValueError):
        return False
    return real.is_relative_to(folder) and os.access(real, os.R_OK) and real.is_file()

"""What happens on the tab for many tracks: files arrive, rows change, somebody cancels, or opens one."""

import asyncio
import logging
import os
import shutil
import threading
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import gradio as gr
from gradio.utils import get_upload_folder
from pydantic import BaseModel, Field, ValidationError

from genre_app.inference.model_pool import ModelPool
from genre_app.results.build import TrackAnalysis
from genre_app.results.progress import ProgressCallback
from genre_app.ui.many_tracks.queue import MAX_TRACKS, OPTIONS, Announced, CollectionRun, Row
from genre_app.ui.many_tracks.table import summary, table
from genre_app.ui.many_tracks.zip_archive import write_archive
from genre_app.ui.one_track import tab as one_track
from genre_app.ui.shared.visitor_folder import folder_of

_log = logging.getLogger(__name__)

#: More of one visitor at a time would only make each slower: the model is shared.
_MOST_AT_ONCE: Final = 4
_LOOK_EVERY_S: Final = 0.4

#: Values for components in a fixed order; Gradio types none of them.
Updates = tuple[Any, ...]


class _Announcement(BaseModel):
    """What the box says before it sends files."""

    files: list[Announced] = Field(max_length=MAX_TRACKS)
    n_left_out: int = Field(default=0, ge=0)


class CollectionEvents:
    """Connects the tab's components with the visitors' lists.

    Parameters
    ----------
    pool : ModelPool
        Lends the models.
    downloads : Path
        Folder for the files that visitors take away.
    """

    def __init__(self, pool: ModelPool, downloads: Path) -> None:
        self._pool = pool
        self._downloads = downloads
        self._runs: dict[str, CollectionRun] = {}
        self._followers: dict[str, object] = {}
        self._lock = threading.Lock()

    def announce(self, request: gr.Request, model: str, event: gr.EventData) -> None:
        """Put the files on the list that the box is about to send."""
        try:
            announcement = _Announcement.model_validate(event._data)
        except ValidationError:
            _log.warning("an announcement that no page of ours sends")
            return
        self._run(request).announce(announcement.files, model, n_left_out=announcement.n_left_out)

    def arrive(self, request: gr.Request, event: gr.EventData) -> None:
        """Listen to a file that was sent; without a path it broke off on the way."""
        key, path = str(event.key), event.path
        if isinstance(path, str) and _was_uploaded(path):
            self._run(request).begin(key, Path(path))
        else:
            self._run(request).lose(key)

    async def follow(self, request: gr.Request) -> AsyncIterator[Updates]:
        """Show how the list stands until nothing moves on it any more, or until somebody else does.

        Yields
        ------
        tuple
            Values for summary, table, and the buttons that cancel, clear and take away.
        """
        run, token = self._run(request), object()
        session = request.session_hash or ""
        self._followers[session] = token
        shown: tuple[Row, ...] | None = None
        while self._followers.get(session) is token:
            rows = run.rows()
            if rows != shown:
                yield _show(rows, run.n_left_out, self._pool.default.fallback_reason)
                shown = rows
            if all(row.is_settled for row in rows):
                return
            await asyncio.sleep(_LOOK_EVERY_S)
        # At its end Gradio sends what an event yielded last once more; a newer one shows the list by now.
        yield (gr.skip(),) * 5

    def open(self, request: gr.Request, event: gr.EventData) -> Updates:
        """Take a track to the first tab.

        Returns
        -------
        tuple
            Values for that tab's track and model, and for the tabs.
        """
        row = self._run(request).find(str(event.key))
        if row is None or row.path is None or row.scored is None:
            return gr.skip(), gr.skip(), gr.skip()
        return str(row.path), row.model, gr.Tabs(selected=one_track.TAB)

    def take_away(self, request: gr.Request) -> str | None:
        """Write what is finished as a ZIP."""
        rows = self._run(request).rows()
        if not any(row.scored for row in rows):
            return None
        try:
            return str(write_archive(rows, folder_of(self._downloads, request)))
        except OSError as error:
            sentence = "There is no room for the file on the app's machine; please try again later."
            raise gr.Error(sentence, print_exception=False) from error

    def cancel(self, request: gr.Request) -> None:
        """Stop what is not done."""
        self._run(request).cancel()

    def clear(self, request: gr.Request) -> None:
        """Empty the list."""
        self._run(request).clear()

    def leave(self, request: gr.Request) -> None:
        """Forget a visitor who left, and stop the work."""
        session = request.session_hash or ""
        with self._lock:
            run = self._runs.pop(session, None)
        self._followers.pop(session, None)
        if run is not None:
            run.close()
        shutil.rmtree(folder_of(self._downloads, request), ignore_errors=True)

    def _run(self, request: gr.Request) -> CollectionRun:
        session = request.session_hash or ""
        with self._lock:
            if session not in self._runs:
                self._runs[session] = CollectionRun(
                    self._score,
                    n_workers=min(self._pool.settings.threads, _MOST_AT_ONCE),
                    max_file_mb=self._pool.settings.max_file_mb,
                )
            return self._runs[session]

    def _score(self, path: Path, model: str, tell: ProgressCallback, cancel: threading.Event) -> TrackAnalysis:
        with self._pool.acquire_or_default(model) as (classifier, reason):
            scored = classifier.score_file(path, OPTIONS, on_progress=tell, cancel=cancel)
        return replace(scored, fallback_reason=reason) if reason else scored


def _show(rows: tuple[Row, ...], n_left_out: int, known_reason: str | None) -> Updates:
    there = gr.update(visible=bool(rows))
    return (
        summary(rows, n_left_out=n_left_out),
        table(rows, known_reason=known_reason),
        gr.update(interactive=any(not row.is_settled for row in rows)),
        gr.update(interactive=any(row.scored for row in rows)),
        there,
    )


def _was_uploaded(path: str) -> bool:
    """Tell whether a path leads to a file that came through the page: nobody may name another file of this machine."""
    folder = Path(get_upload_folder()).resolve()
    try:
        real = Path(path).resolve()
    except (OSError, ValueError):
        return False
    return real.is_relative_to(folder) and os.access(real, os.R_OK) and real.is_file()

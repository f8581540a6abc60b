"""A visitor's queue of tracks: rows that wait, are being scored, or are settled; it grows, and can be cancelled."""

import logging
import threading
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Executor, Future
from contextvars import copy_context
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, Final

from genre_app.collection.record import TrackRecord
from genre_app.collection.tagging.files import file_genres
from genre_app.collection.tagging.vocabulary import NO_VOCABULARY, Vocabulary
from genre_app.errors import CancelledError, GenreAppError
from genre_app.results.build import TrackAnalysis, build_result
from genre_app.results.course import course_of
from genre_app.results.progress import Progress, ProgressCallback
from genre_app.results.schema import SliceOptions
from genre_app.ui.many_tracks.messages import MAX_TRACKS, Announced
from genre_app.ui.many_tracks.row import Row, base_name
from genre_app.ui.many_tracks.skipped import NOTHING_SKIPPED, Skipped

_log = logging.getLogger(__name__)

#: The first tab's default settings.
OPTIONS: Final = SliceOptions()
#: A visitor's tags are read in the server's own memory; no cover picture is larger.
_MAX_TAGS_MB: Final = 16
_FAILURE: Final = "Something went wrong in the app with this track."
_LOST: Final = "This file did not arrive; please add it again."

#: Scores a file with a model: path, the model's name, progress callback, cancel token.
Score = Callable[[Path, str, ProgressCallback, threading.Event], TrackAnalysis]


class TrackQueue:
    """Scores the tracks of one visitor, a few at a time, in the order in which they arrive.

    Parameters
    ----------
    score : callable
        Scores a file.
    executor : Executor
        Shared by all visitors.
    n_at_once : int
        Tracks of this visitor that are scored at the same time.
    max_file_mb : int
        Larger files are refused.
    vocabulary : Vocabulary
        What genres and styles are called where they are written.
    """

    def __init__(
        self,
        score: Score,
        executor: Executor,
        *,
        n_at_once: int,
        max_file_mb: int,
        vocabulary: Vocabulary = NO_VOCABULARY,
    ) -> None:
        self._score = score
        self._max_file_mb = max_file_mb
        self._vocabulary = vocabulary
        self._rows: dict[str, Row] = {}
        self._n_left_out = 0
        self._skipped = NOTHING_SKIPPED
        self._lock = threading.RLock()  # a future that is done at once calls back in the thread that holds it
        self._cancel = threading.Event()
        self._executor = executor
        self._n_at_once = n_at_once
        self._n_under_way = 0
        self._ready: deque[Callable[[], None]] = deque()

    def rows(self) -> tuple[Row, ...]:
        """Return a snapshot of the list, in the order in which the files were announced."""
        with self._lock:
            return tuple(self._rows.values())

    @property
    def n_left_out(self) -> int:
        """Number of files that exceeded the limit of the list."""
        return self._n_left_out

    @property
    def skipped(self) -> Skipped:
        """Files of dropped folders that are no recordings."""
        return self._skipped

    def skip(self, names: Sequence[str], n_files: int) -> None:
        """Note files of a dropped folder that are no recordings; the names are those of the first few."""
        with self._lock:
            self._skipped = self._skipped.more(map(base_name, names), n_files)

    def find(self, key: str) -> Row | None:
        """Return a snapshot of a track."""
        with self._lock:
            return self._rows.get(key)

    def announce(
        self,
        files: Sequence[Announced],
        model: str,
        *,
        n_left_out: int = 0,
        refusal: Callable[[int], str | None] = lambda _: None,
    ) -> None:
        """Add files to the list that are about to arrive.

        Parameters
        ----------
        files : sequence of Announced
            Files that are too large fail at once; files beyond the limit of the list are left out.
        model : str
            Name of the model.
        n_left_out : int
            Files that the browser has already left out.
        refusal : callable
            Says why so many bytes more may not come; None where they may.
        """
        with self._lock:
            n_bytes = sum(row.size_bytes for row in self._rows.values() if row.path is None and not row.is_settled)
            self._n_left_out += n_left_out
            for file in files:
                if file.key in self._rows:
                    continue
                if len(self._rows) >= MAX_TRACKS:
                    self._n_left_out += 1
                    continue
                row = Row(file.key, base_name(file.name), model, size_bytes=file.size_bytes)
                size_mb = file.size_bytes / 1e6
                if size_mb > self._max_file_mb:
                    row = row.failing(f"This file has {size_mb:.0f} MB; up to {self._max_file_mb} are allowed.")
                elif reason := refusal(n_bytes + file.size_bytes):
                    row = row.failing(reason)
                else:
                    n_bytes += file.size_bytes
                self._rows[file.key] = row

    def begin(self, key: str, path: Path) -> None:
        """Queue a file that has arrived for scoring."""
        with self._lock:
            row = self._rows.get(key)
            if row is None or row.state != "waiting" or row.path is not None:
                return
            self._rows[key] = replace(row, path=path)
            # ZeroGPU finds the visitor's quota through the context.
            self._ready.append(partial(copy_context().run, self._analyse, row, path, self._cancel))
            self._start_next()

    def lose(self, key: str) -> None:
        """Fail a file whose upload failed."""
        self.refuse(key, _LOST)

    def refuse(self, key: str, reason: str) -> None:
        """Fail a file that has not begun."""
        with self._lock:
            row = self._rows.get(key)
            if row is not None and row.state == "waiting" and row.path is None:
                self._rows[key] = row.failing(reason)

    def cancel(self) -> None:
        """Cancel the tracks that are not done; files announced later are scored as usual."""
        with self._lock:
            self._stop()
            for row in self._rows.values():
                if not row.is_settled:
                    self._rows[row.key] = replace(row, state="cancelled", progress=None)

    def clear(self) -> None:
        """Cancel all tracks and empty the list."""
        with self._lock:
            self._stop()
            self._rows.clear()
            self._n_left_out = 0
            self._skipped = NOTHING_SKIPPED

    def _stop(self) -> None:
        self._ready.clear()
        self._cancel.set()
        self._cancel = threading.Event()

    def _start_next(self) -> None:
        """Start what is ready; the visitor's other tracks wait here, so that the executor's queue is fair to all."""
        while self._ready and self._n_under_way < self._n_at_once:
            self._n_under_way += 1
            self._executor.submit(self._ready.popleft()).add_done_callback(self._one_is_done)

    def _one_is_done(self, future: "Future[None]") -> None:
        with self._lock:
            self._n_under_way -= 1
            if not future.cancelled():  # else the app is shutting down
                self._start_next()

    def _analyse(self, row: Row, path: Path, cancel: threading.Event) -> None:
        """Analyse one track in a worker's thread and put the outcome, success or failure, into its row."""
        if cancel.is_set():
            return

        def on_progress(progress: Progress) -> None:
            self._change(row.key, cancel, state="scoring", progress=progress)

        try:
            scored = replace(self._score(path, row.model, on_progress, cancel), name=row.name)
            result = build_result(scored, OPTIONS)
        except CancelledError:
            return
        except Exception as error:  # noqa: BLE001 - one bad file must not stop the others
            if not isinstance(error, GenreAppError):
                _log.exception("analysing one of many tracks failed")
            reason = error.about(row.name) if isinstance(error, GenreAppError) else _FAILURE
            self._change(row.key, cancel, state="failed", record=TrackRecord.failure(row.name, reason), progress=None)
        else:
            self._change(
                row.key,
                cancel,
                state="done",
                scored=scored,
                record=TrackRecord.of(
                    row.name,
                    result,
                    file_genres=file_genres(path, max_mb=_MAX_TAGS_MB),
                    vocabulary=self._vocabulary,
                ),
                genres=tuple(result.verdict.claims),
                course=tuple(course_of(result)) if result.verdict.claims else (),
                progress=None,
            )

    def _change(self, key: str, cancel: threading.Event, **changes: Any) -> None:
        """Change a row, unless it has been cancelled."""
        with self._lock:
            row = self._rows.get(key)
            if row is not None and not cancel.is_set() and not row.is_settled:
                self._rows[key] = replace(row, **changes)

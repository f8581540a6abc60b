"""A visitor's list of tracks: some waiting, some heard right now, the others done; it grows, and can be stopped."""

import logging
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from typing import Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field

from genre_app.collection.record import TrackRecord
from genre_app.errors import CancelledError, GenreAppError
from genre_app.results.build import TrackAnalysis, build_result
from genre_app.results.progress import Progress, ProgressCallback
from genre_app.results.schema import SliceOptions

_log = logging.getLogger(__name__)

#: The first tab's settings before anybody moves a slider.
OPTIONS: Final = SliceOptions()
MAX_TRACKS: Final = 500
_FAILURE: Final = "Something went wrong in the app with this track."
_LOST: Final = "This file did not arrive; please add it again."

State = Literal["waiting", "scoring", "done", "failed", "cancelled"]
#: Scores a file with a model: path, the model's name, who is told of the progress, what stops it.
Score = Callable[[Path, str, ProgressCallback, threading.Event], TrackAnalysis]


class Announced(BaseModel):
    """A file that the browser is about to send.

    Attributes
    ----------
    key : str
        The browser's name for it, different for each.
    name : str
        What the visitor calls it.
    size_bytes : int
        Zero or more.
    """

    model_config = ConfigDict(frozen=True)

    key: str = Field(pattern=r"^[0-9-]{1,40}$")
    name: str = Field(max_length=1000)
    size_bytes: int = Field(ge=0)


@dataclass(frozen=True, slots=True)
class Row:
    """A track of the list and how it stands.

    Attributes
    ----------
    key, name : str
        As in `Announced`.
    model : str
        Name of the model that is asked.
    state : {"waiting", "scoring", "done", "failed", "cancelled"}
        The last three are final.
    path : Path or None
        The file, once it has arrived.
    progress : Progress or None
        While it is listened to.
    scored : TrackAnalysis or None
        Of a track that is done.
    entry : TrackRecord or None
        Of a track that is done or failed.
    genres : tuple of str
        What the answer names, the likeliest first.
    """

    key: str
    name: str
    model: str
    state: State = "waiting"
    path: Path | None = None
    progress: Progress | None = None
    scored: TrackAnalysis | None = None
    entry: TrackRecord | None = None
    genres: tuple[str, ...] = ()

    @property
    def is_settled(self) -> bool:
        """Whether nothing more happens to the track."""
        return self.state in {"done", "failed", "cancelled"}


class CollectionRun:
    """Listens to the tracks of one visitor, a few at a time, in the order in which they arrive.

    Parameters
    ----------
    score : callable
        Scores a file.
    n_workers : int
        How many tracks are listened to at a time.
    max_file_mb : int
        Larger files are refused.
    """

    def __init__(self, score: Score, *, n_workers: int, max_file_mb: int) -> None:
        self._score = score
        self._max_file_mb = max_file_mb
        self._rows: dict[str, Row] = {}
        self._n_left_out = 0
        self._lock = threading.Lock()
        self._cancel = threading.Event()
        self._workers = ThreadPoolExecutor(n_workers, thread_name_prefix="many")

    def rows(self) -> tuple[Row, ...]:
        """Return the list as it stands now, in the order in which it was made."""
        with self._lock:
            return tuple(self._rows.values())

    @property
    def n_left_out(self) -> int:
        """Files that the list had no room for."""
        return self._n_left_out

    def find(self, key: str) -> Row | None:
        """Return a track as it stands now."""
        with self._lock:
            return self._rows.get(key)

    def announce(self, files: Sequence[Announced], model: str, *, n_left_out: int = 0) -> None:
        """Put files on the list that will arrive.

        Parameters
        ----------
        files : sequence of Announced
            Those that are too large fail at once; those that the list has no room for are left out.
        model : str
            Name of the model that is to answer.
        n_left_out : int
            Files that the browser has left out already.
        """
        with self._lock:
            self._n_left_out += n_left_out
            for file in files:
                if file.key in self._rows:
                    continue
                if len(self._rows) >= MAX_TRACKS:
                    self._n_left_out += 1
                    continue
                row = Row(file.key, _legible(file.name), model)
                size_mb = file.size_bytes / 1e6
                if size_mb > self._max_file_mb:
                    row = _failed(row, f"This file has {size_mb:.0f} MB; up to {self._max_file_mb} are allowed.")
                self._rows[file.key] = row

    def begin(self, key: str, path: Path) -> None:
        """Listen to a file that has arrived, once those before it are done."""
        with self._lock:
            row = self._rows.get(key)
            if row is None or row.state != "waiting" or row.path is not None:
                return
            self._rows[key] = replace(row, path=path)
            # The visitor's quota of a lent GPU is found through the context.
            self._workers.submit(copy_context().run, self._listen, row, path, self._cancel)

    def lose(self, key: str) -> None:
        """Note that a file did not arrive."""
        with self._lock:
            row = self._rows.get(key)
            if row is not None and row.state == "waiting" and row.path is None:
                self._rows[key] = _failed(row, _LOST)

    def cancel(self) -> None:
        """Stop what is not done; files that are announced later are listened to again."""
        with self._lock:
            self._stop()
            for row in self._rows.values():
                if not row.is_settled:
                    self._rows[row.key] = replace(row, state="cancelled", progress=None)

    def clear(self) -> None:
        """Stop everything and empty the list."""
        with self._lock:
            self._stop()
            self._rows.clear()
            self._n_left_out = 0

    def close(self) -> None:
        """Stop everything for good; does not wait."""
        self.clear()
        self._workers.shutdown(wait=False, cancel_futures=True)

    def _stop(self) -> None:
        self._cancel.set()
        self._cancel = threading.Event()

    def _listen(self, row: Row, path: Path, cancel: threading.Event) -> None:
        """Answer for one track, in a worker's thread; whatever happens becomes its row."""
        if cancel.is_set():
            return

        def tell(progress: Progress) -> None:
            self._change(row.key, cancel, state="scoring", progress=progress)

        try:
            scored = replace(self._score(path, row.model, tell, cancel), name=row.name)
            result = build_result(scored, OPTIONS)
        except CancelledError:
            return
        except Exception as error:  # noqa: BLE001 - one odd file must not end the others
            if not isinstance(error, GenreAppError):
                _log.exception("listening to one of many tracks failed")
            reason = str(error) if isinstance(error, GenreAppError) else _FAILURE
            self._change(row.key, cancel, state="failed", entry=TrackRecord.failure(row.name, reason), progress=None)
        else:
            self._change(
                row.key,
                cancel,
                state="done",
                scored=scored,
                entry=TrackRecord.of(row.name, result),
                genres=tuple(result.verdict.genres),
                progress=None,
            )

    def _change(self, key: str, cancel: threading.Event, **changes: Any) -> None:
        """Change a row, unless it was cancelled meanwhile."""
        with self._lock:
            row = self._rows.get(key)
            if row is not None and not cancel.is_set() and not row.is_settled:
                self._rows[key] = replace(row, **changes)


def _failed(row: Row, reason: str) -> Row:
    return replace(row, state="failed", entry=TrackRecord.failure(row.name, reason))


def _legible(name: str) -> str:
    """Return a file's name without folders, and without what no text can hold."""
    whole = name.encode("utf-8", "replace").decode("utf-8")
    return PurePosixPath(whole.replace("\\", "/")).name or "track"

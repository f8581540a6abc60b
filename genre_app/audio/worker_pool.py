"""Worker processes that decode: they share no interpreter lock, and a file that breaks one costs no other track."""

import os
import sys
import threading
from collections import deque
from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final

from genre_app.audio.resampling import Tap
from genre_app.audio.worker import Order
from genre_app.audio.worker_process import TimeLimits, WorkerProcess
from genre_app.audio.worker_stream import WorkerStream
from genre_app.errors import CancelledError, EngineClosedError, ScoringError

#: ``-P``: the working directory may hold files that are named like modules.
PROGRAM: Final = (sys.executable, "-P", "-m", "genre_app.audio.worker")
#: After so many tracks a worker is replaced: what decoders leak, and what memory is scattered, ends with it.
_TRACKS_PER_WORKER: Final = 300
#: Files from this size on are long tracks. Together they get half of the workers, so that songs are not behind them.
_LONG_BYTES: Final = 64 * 2**20
_POLL_S: Final = 0.1


@dataclass(frozen=True, slots=True, eq=False)
class _Ticket:
    """A track that waits for a worker."""

    is_long: bool


class WorkerPool:
    """Decodes in worker processes; see `genre_app.audio.decoder.Decoder`. Not for Windows.

    Parameters
    ----------
    n_workers : int
        How many tracks are decoded at the same time. One worker is started now, the others when they are needed.
    max_minutes : float
        Longest track to accept.
    program : sequence of str
        What a worker runs.
    limits : TimeLimits, optional
        When a worker is taken for stuck.
    """

    def __init__(
        self,
        n_workers: int,
        *,
        max_minutes: float,
        program: Sequence[str] = PROGRAM,
        limits: TimeLimits | None = None,
    ) -> None:
        self._max_minutes = max_minutes
        self._program = program
        self._limits = limits or TimeLimits()
        self._idle = [WorkerProcess(program, self._limits)]
        self._n_busy = 0
        self._n_workers = n_workers
        self._most_long = max(1, n_workers // 2)
        self._n_long = 0
        self._queue: deque[_Ticket] = deque()
        self._changed = threading.Condition()
        self._closed = False

    def open(
        self, path: str | os.PathLike[str], sample_rate_hz: int, *, cancel: threading.Event, tap: Tap | None = None
    ) -> WorkerStream:
        """Open a track once a worker is free; see `genre_app.audio.decoder.Decoder.open`."""
        is_long = _n_bytes(path) >= _LONG_BYTES
        # Absolute, for the worker may have started elsewhere; Path.resolve() cannot take every name.
        absolute = os.path.abspath(path)  # noqa: PTH100
        order = Order(absolute, sample_rate_hz, self._max_minutes, tap.sample_rate_hz if tap else None)
        return WorkerStream(
            self._acquire(cancel, is_long=is_long),
            order,
            tap=tap,
            release=partial(self._release, is_long=is_long),
            cancel=cancel,
        )

    def turn(self, cancel: threading.Event) -> AbstractContextManager[None]:  # noqa: ARG002 - of the protocol
        """Return at once: a track has its worker from its start to its end."""
        return nullcontext()

    @property
    def n_waiting(self) -> int:
        """Tracks that wait for a worker."""
        with self._changed:
            return len(self._queue)

    @property
    def idle_process_ids(self) -> list[int]:
        """Process IDs of the workers that have no track."""
        with self._changed:
            return [worker.process_id for worker in self._idle]

    def close(self) -> None:
        """Accept no more tracks and end the workers; one that is decoding ends with its track."""
        with self._changed:
            self._closed = True
            idle, self._idle = self._idle, []
            self._changed.notify_all()
        for worker in idle:
            worker.end()

    def _acquire(self, cancel: threading.Event, *, is_long: bool) -> WorkerProcess:
        """Wait for a place, and take a worker that runs or start one."""
        self._wait_for_place(cancel, is_long=is_long)
        try:
            with self._changed:
                idle = self._idle.pop() if self._idle else None
            if idle is not None:
                if idle.is_running:
                    return idle
                idle.end()
            return WorkerProcess(self._program, self._limits)
        except BaseException as error:
            self._free_place(is_long=is_long)
            if isinstance(error, OSError):
                raise ScoringError(
                    "There is too little room on this machine to decode another track; please try again in a moment."
                ) from error
            raise

    def _wait_for_place(self, cancel: threading.Event, *, is_long: bool) -> None:
        """First come, first served, but for long tracks while too many of them have a worker."""
        ticket = _Ticket(is_long)
        with self._changed:
            self._queue.append(ticket)
            try:
                while not self._closed and not cancel.is_set():
                    if self._n_busy < self._n_workers and self._first_in_queue() is ticket:
                        self._n_busy += 1
                        self._n_long += is_long
                        return
                    self._changed.wait(_POLL_S)
            finally:
                self._queue.remove(ticket)
                self._changed.notify_all()
            if self._closed:
                raise EngineClosedError("The app is shutting down; please try again in a moment.")
            raise CancelledError

    def _first_in_queue(self) -> _Ticket | None:
        may_be_long = self._n_long < self._most_long
        return next((ticket for ticket in self._queue if may_be_long or not ticket.is_long), None)

    def _release(self, worker: WorkerProcess, *, is_long: bool) -> None:
        """Take a worker back, unless it has ended or worked long enough; the next track starts another one."""
        with self._changed:
            is_kept = worker.is_running and not self._closed and worker.n_tracks < _TRACKS_PER_WORKER
            if is_kept:
                self._idle.append(worker)
        if not is_kept:
            worker.end()
        self._free_place(is_long=is_long)

    def _free_place(self, *, is_long: bool) -> None:
        with self._changed:
            self._n_busy -= 1
            self._n_long -= is_long
            self._changed.notify_all()


def _n_bytes(path: str | os.PathLike[str]) -> int:
    try:
        return Path(path).stat().st_size
    except (OSError, ValueError):  # ValueError: a name with a null byte; opening says what is wrong
        return 0

"""Worker processes that decode: they share no interpreter lock, and a file that breaks one costs no other track."""

import os
import sys
import threading
from collections import deque
from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
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
_POLL_S: Final = 0.1


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
        self._queue: deque[object] = deque()
        self._changed = threading.Condition()
        self._closed = False

    def open(
        self, path: str | os.PathLike[str], sample_rate_hz: int, *, cancel: threading.Event, tap: Tap | None = None
    ) -> WorkerStream:
        """Open a track once a worker is free; see `genre_app.audio.decoder.Decoder.open`."""
        # Absolute, for the worker may have started elsewhere; Path.resolve() cannot take every name.
        absolute = os.path.abspath(path)  # noqa: PTH100
        order = Order(absolute, sample_rate_hz, self._max_minutes, tap.sample_rate_hz if tap else None)
        return WorkerStream(
            self._acquire(cancel),
            order,
            tap=tap,
            release=self._release,
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

    def _acquire(self, cancel: threading.Event) -> WorkerProcess:
        """Wait for a place, and take a worker that runs or start one."""
        self._wait_for_place(cancel)
        try:
            with self._changed:
                idle = self._idle.pop() if self._idle else None
            if idle is not None:
                if idle.is_running:
                    return idle
                idle.end()
            return WorkerProcess(self._program, self._limits)
        except BaseException as error:
            self._free_place()
            if isinstance(error, OSError):
                raise ScoringError(
                    "There is too little room on this machine to decode another track; please try again in a moment."
                ) from error
            raise

    def _wait_for_place(self, cancel: threading.Event) -> None:
        """First come, first served."""
        ticket = object()
        with self._changed:
            self._queue.append(ticket)
            try:
                while not self._closed and not cancel.is_set():
                    if self._n_busy < self._n_workers and self._queue[0] is ticket:
                        self._n_busy += 1
                        return
                    self._changed.wait(_POLL_S)
            finally:
                self._queue.remove(ticket)
                self._changed.notify_all()
            if self._closed:
                raise EngineClosedError("The app is shutting down; please try again in a moment.")
            raise CancelledError

    def _release(self, worker: WorkerProcess) -> None:
        """Take a worker back, unless it has ended or worked long enough; the next track starts another one."""
        with self._changed:
            is_kept = worker.is_running and not self._closed and worker.n_tracks < _TRACKS_PER_WORKER
            if is_kept:
                self._idle.append(worker)
        if not is_kept:
            worker.end()
        self._free_place()

    def _free_place(self) -> None:
        with self._changed:
            self._n_busy -= 1
            self._changed.notify_all()

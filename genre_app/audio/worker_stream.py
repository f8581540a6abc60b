"""A track that a worker process decodes, as a stream of blocks in this process."""

import json
import logging
import threading
import time
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from genre_app import errors
from genre_app.audio.block_stream import BlockStream
from genre_app.audio.resampling import Tap
from genre_app.audio.source import AudioInfo
from genre_app.audio.worker import BLOCK, DONE, FAILED, OPENED, TAPPED, Order
from genre_app.audio.worker_process import STOP_S, WorkerProcess
from genre_app.errors import AudioError, CancelledError, UndecodableAudioError

_log = logging.getLogger(__name__)


class WorkerStream(BlockStream):
    """A track that a worker decodes.

    Parameters
    ----------
    worker : WorkerProcess
        Free, and from now on this stream's.
    order : Order
        The track.
    tap : Tap or None
        Gets the blocks at the second rate.
    release : callable
        Gets the worker back, once.
    cancel : threading.Event
        Once set, nothing more is awaited.

    Raises
    ------
    AudioError, CancelledError
        As `genre_app.audio.open_audio`; the worker is released.
    """

    def __init__(
        self,
        worker: WorkerProcess,
        order: Order,
        *,
        tap: Tap | None,
        release: Callable[[WorkerProcess], None],
        cancel: threading.Event,
    ) -> None:
        super().__init__(order.sample_rate_hz)
        self.process_id = worker.process_id
        self._worker: WorkerProcess | None = worker
        self._tap = tap
        self._limits = worker.limits
        self._release = release
        self._cancel = cancel
        self._closing = self._is_done = False
        self._lock = threading.Lock()
        try:
            worker.order(order)
            _, content = self._expect(OPENED, self._limits.open_s)
            self.info = AudioInfo(**json.loads(content))
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Stop decoding and release the worker; a second call does nothing."""
        self._closing = True  # ends a reading in another thread, which holds the lock
        with self._lock:
            self._give_back()

    def _next_block(self) -> NDArray[np.float32] | None:
        kind, content = self._expect(BLOCK, self._limits.block_s)
        if kind == DONE:
            self.warnings = tuple(json.loads(content))
            return None
        return np.frombuffer(content, np.float32)

    def _expect(self, wanted: bytes, timeout_s: float) -> tuple[bytes, bytearray]:
        """Wait for a message of a kind, or for the last one; feed the tap meanwhile."""
        with self._lock:
            while True:
                kind, content = self._read(timeout_s)
                if kind == TAPPED:
                    self._feed_tap(np.frombuffer(content, np.float32))
                    continue
                self._is_done = kind in {DONE, FAILED}
                if kind == FAILED:
                    self._give_back()
                    raise _error_from(*json.loads(content))
                if kind not in {wanted, DONE}:
                    raise RuntimeError(f"the worker sent {kind!r} instead of {wanted!r}")
                return kind, content

    def _read(self, timeout_s: float) -> tuple[bytes, bytearray]:
        if self._worker is None or self._closing:
            raise CancelledError
        try:
            return self._worker.read(timeout_s, lambda: self._closing or self._cancel.is_set())
        except (TimeoutError, EOFError, CancelledError) as error:
            self._worker.end()
            self._give_back()
            if isinstance(error, CancelledError):
                raise
            _log.warning("a decoding process was lost (%s)", type(error).__name__)
            what = "takes too long to decode" if isinstance(error, TimeoutError) else "made the decoder crash"
            raise UndecodableAudioError(
                f"The file {{name}} {what}; please convert it to MP3 or WAV and try again."
            ) from error

    def _feed_tap(self, block: NDArray[np.float32]) -> None:
        if self._tap and not self._tap.take(block):
            self._tap = None
            if self._worker:
                self._worker.untap()

    def _give_back(self) -> None:
        """Release the worker, after what is left of a track that it has not finished."""
        worker, self._worker = self._worker, None
        if worker is None:
            return
        if not self._is_done and worker.is_running:
            worker.stop()
            deadline_s = time.monotonic() + STOP_S
            try:
                while worker.read(STOP_S, lambda: time.monotonic() > deadline_s)[0] not in {DONE, FAILED}:
                    pass
            except (TimeoutError, EOFError, CancelledError):
                worker.end()
        self._release(worker)


def _error_from(kind: str, arguments: list[str]) -> Exception:
    """Build the error that a worker reports."""
    found = getattr(errors, kind, AudioError)
    error: Exception = found(*arguments)
    return error

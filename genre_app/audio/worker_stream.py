"""A track that a worker process decodes, as a stream of blocks in this process."""

import contextlib
import json
import logging
import os
import select
import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from types import TracebackType
from typing import Final, Self

import numpy as np
from numpy.typing import NDArray

import genre_app
from genre_app import errors
from genre_app.audio.resampling import Tap
from genre_app.audio.source import AudioInfo
from genre_app.audio.worker import BLOCK, DONE, FAILED, HEADER, OPENED, TAPPED, Order
from genre_app.errors import AudioError, CancelledError, UndecodableAudioError
from genre_app.formatting import short_name

_log = logging.getLogger(__name__)

_POLL_S: Final = 0.1
#: For a worker to stop in the middle of a track, before it is killed.
_STOP_S: Final = 2.0
#: What a worker may decode ahead while its reader is elsewhere: a megabyte, some fifteen blocks.
_PIPE_BYTES: Final = 2**20
#: NumPy would start a thread for each core in every worker.
_ONE_THREAD: Final = dict.fromkeys(("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"), "1")


@dataclass(frozen=True, slots=True)
class TimeLimits:
    """How long a worker may be silent before it is taken for stuck.

    Attributes
    ----------
    open_s : float
        Until a track is open, the start of the process included.
    block_s : float
        Until the next second of audio.
    """

    open_s: float = 60.0
    block_s: float = 15.0


class WorkerProcess:
    """A running worker, used by one stream at a time.

    Parameters
    ----------
    program : sequence of str
        What it runs.
    limits : TimeLimits
        When it is taken for stuck.

    Attributes
    ----------
    n_tracks : int
        Tracks that it was given so far.
    is_running : bool
        Whether the process has not ended.
    """

    def __init__(self, program: Sequence[str], limits: TimeLimits) -> None:
        self.n_tracks = 0
        self.limits = limits
        self._process = subprocess.Popen(
            program,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            bufsize=0,
            env=os.environ | _ONE_THREAD | {"PYTHONPATH": _python_path()},
            start_new_session=True,  # Ctrl-C is for the app, which ends its workers itself
        )
        assert self._process.stdin
        assert self._process.stdout
        self._orders = self._process.stdin
        self._messages = self._process.stdout
        _enlarge(self._messages.fileno())
        self._poll = select.poll()
        self._poll.register(self._messages, select.POLLIN)

    @property
    def is_running(self) -> bool:
        """Whether the process has not ended."""
        return self._process.poll() is None

    @property
    def process_id(self) -> int:
        """Its number in the operating system."""
        return self._process.pid

    def order(self, order: Order) -> None:
        """Have it decode a track."""
        self.n_tracks += 1
        self._say(asdict(order))

    def stop(self) -> None:
        """Ask it to end the track under way."""
        self._say("stop")

    def untap(self) -> None:
        """Ask it for no more blocks at the tap's rate."""
        self._say("untap")

    def read(self, timeout_s: float, is_stopped: Callable[[], bool]) -> tuple[bytes, bytearray]:
        """Wait for a message.

        Raises
        ------
        TimeoutError
            Nothing came for so long.
        CancelledError
            ``is_stopped`` became true; a message may be half read, so the worker must be ended.
        EOFError
            The process has ended.
        """
        header = self._read_bytes(HEADER.size, timeout_s, is_stopped)
        kind, n_bytes = HEADER.unpack(header)
        return kind, self._read_bytes(n_bytes, timeout_s, is_stopped)

    def end(self) -> None:
        """Kill it."""
        self._process.kill()
        # A process that waits for a dead disk or network share does not end before that does.
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(_STOP_S)
        for pipe in (self._orders, self._messages):
            with contextlib.suppress(OSError):
                pipe.close()

    def _say(self, what: object) -> None:
        with contextlib.suppress(OSError):  # it has died: the next reading says so
            self._orders.write(json.dumps(what).encode() + b"\n")

    def _read_bytes(self, n_bytes: int, timeout_s: float, is_stopped: Callable[[], bool]) -> bytearray:
        content = bytearray(n_bytes)
        rest = memoryview(content)
        deadline_s = time.monotonic() + timeout_s
        while rest:
            if self._poll.poll(1000 * _POLL_S):
                n_read = os.readv(self._messages.fileno(), [rest])
                if n_read == 0:
                    raise EOFError
                rest = rest[n_read:]
            elif is_stopped():
                raise CancelledError
            elif time.monotonic() > deadline_s:
                raise TimeoutError
        return content


class WorkerStream:
    """A track that a worker decodes; `genre_app.audio.stream.AudioStream` documents what streams do.

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
        self.sample_rate_hz = order.sample_rate_hz
        self.process_id = worker.process_id
        self.n_samples = 0
        self.warnings: tuple[str, ...] = ()
        self._worker: WorkerProcess | None = worker
        self._name = short_name(order.path)
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

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __iter__(self) -> Iterator[NDArray[np.float32]]:
        """Yield the track block by block; errors are those of `AudioStream`."""
        try:
            while (block := self._next_block()) is not None:
                self.n_samples += block.size
                yield block
        finally:
            self.close()

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
            raise CancelledError(f"Reading the file {self._name} was cancelled.")
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
                f"The file {self._name} {what}; please convert it to MP3 or WAV and try again."
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
            deadline_s = time.monotonic() + _STOP_S
            try:
                while worker.read(_STOP_S, lambda: time.monotonic() > deadline_s)[0] not in {DONE, FAILED}:
                    pass
            except (TimeoutError, EOFError, CancelledError):
                worker.end()
        self._release(worker)


def _python_path() -> str:
    """Return where a worker finds this package, whatever the app was started from."""
    return os.pathsep.join(filter(None, (str(Path(genre_app.__file__).parents[1]), os.environ.get("PYTHONPATH"))))


def _error_from(kind: str, message: str) -> Exception:
    """Build the error that a worker reports."""
    found = getattr(errors, kind, AudioError)
    error: Exception = found(message)
    return error


def _enlarge(pipe: int) -> None:
    """Let a pipe hold more, where the system allows it."""
    try:
        import fcntl  # noqa: PLC0415 - not on Windows

        fcntl.fcntl(pipe, fcntl.F_SETPIPE_SZ, _PIPE_BYTES)
    except (ImportError, AttributeError, OSError):  # macOS, Windows, or beyond the user's limit
        pass

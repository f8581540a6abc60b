"""A worker process, and the pipes to it."""

import contextlib
import json
import os
import select
import subprocess
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

import genre_app
from genre_app.audio.worker import HEADER, Order
from genre_app.errors import CancelledError

#: For a worker to stop in the middle of a track, and for a killed one to end.
STOP_S: Final = 2.0
_POLL_S: Final = 0.1
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
        self._is_ended = False
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
        return not self._is_ended and self._process.poll() is None

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
        """Kill it; from now on it counts as ended."""
        self._is_ended = True
        self._process.kill()
        # A process that waits for a dead disk or network share does not end before that does.
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(STOP_S)
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


def _python_path() -> str:
    """Return where a worker finds this package, whatever the app was started from."""
    return os.pathsep.join(filter(None, (str(Path(genre_app.__file__).parents[1]), os.environ.get("PYTHONPATH"))))


def _enlarge(pipe: int) -> None:
    """Let a pipe hold more, where the system allows it."""
    try:
        import fcntl  # noqa: PLC0415 - not on Windows

        fcntl.fcntl(pipe, fcntl.F_SETPIPE_SZ, _PIPE_BYTES)
    except (ImportError, AttributeError, OSError):  # macOS, Windows, or beyond the user's limit
        pass

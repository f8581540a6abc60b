"""A process that decodes: ``python -m genre_app.audio.worker``; `genre_app.audio.worker_pool` starts and talks to it.

It reads a line of JSON for each order from its standard input, and writes messages to its standard output: a header
(`HEADER`: kind and number of bytes), then as many bytes. It imports no model library, so it starts in a fraction of a
second and needs little memory. When its input ends, because the app closed it or died, it ends at once.
"""

import dataclasses
import json
import os
import struct
import sys
import threading
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from queue import SimpleQueue
from typing import Any, BinaryIO, Final

import numpy as np
from numpy.typing import NDArray

from genre_app.audio.refusals import needs_memory, undecodable
from genre_app.audio.resampling import Tap
from genre_app.audio.stream import open_audio
from genre_app.errors import CancelledError, GenreAppError

HEADER: Final = struct.Struct("<cI")
#: The track is open: its `AudioInfo`.
OPENED: Final = b"o"
#: Samples at the rate that was asked for, and at the tap's rate.
BLOCK: Final = b"b"
TAPPED: Final = b"t"
#: The track is done: its warnings.
DONE: Final = b"d"
#: The track failed, or was stopped: the error's type and arguments.
FAILED: Final = b"f"

#: Address space beyond what the process has at its start; a track takes some tens of megabytes of it.
MEMORY_MB: Final = 768


@dataclass(frozen=True, slots=True)
class Order:
    """A track to decode.

    Attributes
    ----------
    path : str
        The file.
    sample_rate_hz : int
        Rate of the blocks.
    max_minutes : float
        Longest track to accept.
    tap_rate_hz : int or None
        A second rate to send the track at.
    """

    path: str
    sample_rate_hz: int
    max_minutes: float
    tap_rate_hz: int | None = None


class Orders:
    """What the app wants: orders one after another, and what it says while one is carried out."""

    def __init__(self, pipe: BinaryIO) -> None:
        self.stop = threading.Event()
        self.untap = threading.Event()
        self._waiting: SimpleQueue[Order] = SimpleQueue()
        self._pipe = pipe
        # Reads on while a track is decoded, so that the process ends with the app even then.
        threading.Thread(target=self._read, daemon=True).start()

    def next(self) -> Order:
        """Wait for the next order."""
        return self._waiting.get()

    def _read(self) -> None:
        for line in self._pipe:
            said = json.loads(line)
            if said == "stop":
                self.stop.set()
            elif said == "untap":
                self.untap.set()
            else:
                # Cleared here, in the order of the lines: a stop that comes after an order belongs to it.
                self.stop.clear()
                self.untap.clear()
                self._waiting.put(Order(**said))
        os._exit(0)  # whatever the decoder is doing


def carry_out(order: Order, orders: Orders, send: Callable[[bytes, Any], None]) -> None:
    """Decode a track and send it; an error is a message like the others."""

    def take(block: NDArray[np.float32]) -> bool:
        send(TAPPED, block.data)
        return not orders.untap.is_set()

    try:
        tap = Tap(order.tap_rate_hz, take) if order.tap_rate_hz else None
        with open_audio(order.path, order.sample_rate_hz, max_minutes=order.max_minutes, tap=tap) as stream:
            send(OPENED, _json(dataclasses.asdict(stream.info)))
            for block in stream:
                if orders.stop.is_set():
                    raise CancelledError
                send(BLOCK, block.data)
        send(DONE, _json(stream.warnings))
    except Exception as error:  # noqa: BLE001 - whatever a file does to the decoder costs that file one sentence
        send(FAILED, _json(_described(error)))


def _described(error: Exception) -> tuple[str, tuple[object, ...]]:
    """Return the type and arguments of an error that the app may raise for it."""
    if isinstance(error, GenreAppError):
        return type(error).__name__, error.args
    if isinstance(error, MemoryError):
        return _described(needs_memory())
    traceback.print_exception(error, file=sys.stderr)
    return _described(undecodable())


def _json(value: object) -> bytes:
    return json.dumps(value).encode()


def limit_memory(megabytes: int) -> None:
    """Refuse this process more address space than it has now and so many megabytes; only Linux counts it well."""
    if sys.platform == "linux":
        import resource  # noqa: PLC0415 - not on Windows

        with open("/proc/self/statm", encoding="ascii") as statm:  # noqa: PTH123
            taken = int(statm.read().split()[0]) * resource.getpagesize()
        limit = taken + megabytes * 2**20
        resource.setrlimit(resource.RLIMIT_AS, (limit, limit))


def main() -> None:
    """Carry out orders until the app closes the input."""
    pipe = os.fdopen(os.dup(sys.stdout.fileno()), "wb", buffering=0)
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # what a library prints must not come between the messages
    orders = Orders(sys.stdin.buffer)
    limit_memory(MEMORY_MB)

    def send(kind: bytes, content: bytes | memoryview) -> None:
        content = memoryview(content).cast("B")
        _write(pipe, HEADER.pack(kind, len(content)))
        _write(pipe, content)

    try:
        while True:
            carry_out(orders.next(), orders, send)
    except (BrokenPipeError, KeyboardInterrupt):  # the app is gone
        os._exit(0)


def _write(pipe: BinaryIO, content: bytes | memoryview) -> None:
    rest = memoryview(content)
    while rest:
        rest = rest[pipe.write(rest) :]


if __name__ == "__main__":
    main()

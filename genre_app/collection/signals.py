"""Ctrl-C as an event that is checked, instead of an exception at any point."""

import contextlib
import signal
import threading
from collections.abc import Iterator
from types import FrameType


@contextlib.contextmanager
def set_by_signals(event: threading.Event) -> Iterator[None]:
    """Let SIGINT and SIGTERM set an event; a second signal has its usual effect.

    Does nothing outside the main thread, and leaves ignored signals ignored.

    Parameters
    ----------
    event : threading.Event
        Set by the first signal; the program checks it where it can stop.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    before = {number: handler for number, handler in before.items() if handler is not signal.SIG_IGN}

    def restore() -> None:
        for number, handler in before.items():
            signal.signal(number, handler)

    def stop(_number: int, _frame: FrameType | None) -> None:
        event.set()
        restore()

    for number in before:
        signal.signal(number, stop)
    try:
        yield
    finally:
        restore()

"""Ctrl-C as a request, and not as an exception in the middle of anything."""

import contextlib
import signal
import threading
from collections.abc import Iterator
from types import FrameType


@contextlib.contextmanager
def set_by_signals(event: threading.Event) -> Iterator[None]:
    """Let Ctrl-C, and a request to end, set an event; a second one does what it always does.

    Parameters
    ----------
    event : threading.Event
        What the program looks at when it is at a good place to stop.
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

"""Threads in which the page analyses tracks."""

import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextvars import copy_context
from typing import Final, ParamSpec, TypeVar

from genre_app.errors import BusyError

#: Tracks of all visitors that are analysed or wait in the app's line; each has a thread.
MOST_TRACKS: Final = 128

Arguments = ParamSpec("Arguments")
Result = TypeVar("Result")


class AnalysisThreads:
    """A thread for each track that is analysed or waits in line; beyond the limit visitors are turned away.

    Parameters
    ----------
    most : int
        Tracks at the same time.
    """

    def __init__(self, most: int = MOST_TRACKS) -> None:
        self._most = most
        self._free = threading.BoundedSemaphore(most)
        self._executor = ThreadPoolExecutor(most, thread_name_prefix="track")

    def submit(
        self, work: Callable[Arguments, Result], *arguments: Arguments.args, **named: Arguments.kwargs
    ) -> "Future[Result]":
        """Run work in a thread; ZeroGPU finds the visitor's quota through the caller's context.

        Raises
        ------
        BusyError
            There are too many tracks.
        """
        if not self._free.acquire(blocking=False):
            raise BusyError(f"{self._most} tracks are waiting here already; please try again in a few minutes.")

        def run() -> Result:
            try:
                return work(*arguments, **named)
            finally:
                self._free.release()  # here and not in a callback, which comes after the result

        return self._executor.submit(copy_context().run, run)

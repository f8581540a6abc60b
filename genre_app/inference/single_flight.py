"""Concurrent callers with the same key share one computation."""

import logging
import threading
from collections.abc import Callable
from concurrent.futures import Future, wait
from typing import Final, Generic, TypeVar

from genre_app.errors import CancelledError, FileChangedError, GpuUnavailableError, UnreadableFileError
from genre_app.results.progress import Progress, ProgressCallback

T = TypeVar("T")

_log = logging.getLogger(__name__)

_POLL_S: Final = 0.1
#: What ends one caller's work and says nothing about that of another, whose quota and file (with the same content, but
#: perhaps on another disk) are their own: the next in line does it.
_PERSONAL: Final = (CancelledError, FileChangedError, GpuUnavailableError, UnreadableFileError)


class _Flight(Generic[T]):
    """One computation under way and its waiting callers."""

    def __init__(self) -> None:
        self.future: Future[T] = Future()
        self.followers: list[ProgressCallback] = []

    def on_progress(self, progress: Progress) -> None:
        for follower in tuple(self.followers):
            try:
                follower(progress)
            except Exception:  # noqa: BLE001 - a faulty callback is not the fault of the others
                _log.exception("a progress callback failed; the work goes on for the others")


class SingleFlight(Generic[T]):
    """Run work once for each key, however many threads ask for it at the same time."""

    def __init__(self) -> None:
        self._flights: dict[str, _Flight[T]] = {}
        self._lock = threading.Lock()

    def run(
        self,
        key: str,
        work: Callable[[ProgressCallback], T],
        *,
        on_progress: ProgressCallback,
        cancel: threading.Event,
    ) -> T:
        """Return the result of the work, run here or by the caller that came first.

        Parameters
        ----------
        key : str
            Equal keys are equal work.
        work : callable
            Receives a callback that passes progress on to every waiting caller.
        on_progress : callable
            Called with the progress, perhaps from another caller's thread.
        cancel : threading.Event
            Ends the waiting of this caller. Where this caller does the work, the work is expected to heed it; then
            the next in line takes over, as it does where the work fails for a reason of this caller's own.

        Raises
        ------
        CancelledError
            This caller cancelled.
        Exception
            What the work raises.
        """
        while True:
            with self._lock:
                flight = self._flights.get(key)
                leads = flight is None
                if flight is None:
                    flight = self._flights[key] = _Flight()
                flight.followers.append(on_progress)
            if leads:
                return self._lead(key, flight, work)
            try:
                return _wait(flight, cancel)
            except _PERSONAL:
                if cancel.is_set():
                    raise CancelledError from None

    def _lead(self, key: str, flight: _Flight[T], work: Callable[[ProgressCallback], T]) -> T:
        try:
            result = work(flight.on_progress)
        except BaseException as error:
            self._land(key)
            flight.future.set_exception(error)
            raise
        self._land(key)
        flight.future.set_result(result)
        return result

    def _land(self, key: str) -> None:
        with self._lock:
            del self._flights[key]


def _wait(flight: _Flight[T], cancel: threading.Event) -> T:
    while not cancel.is_set():
        if wait([flight.future], timeout=_POLL_S).done:
            return flight.future.result()
    raise CancelledError

"""A pool of worker threads that yields results as they are done and can be cancelled."""

import threading
from collections.abc import Callable, Generator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from itertools import islice
from typing import Generic, TypeVar

from genre_app.errors import CancelledError

Item = TypeVar("Item")
Answer = TypeVar("Answer")

#: Items queued beyond the busy workers, so that a worker need not idle until the caller's thread submits the next.
_AHEAD = 2
_POLL_S = 0.1


class Batch(Generic[Item, Answer]):
    """Works on items in threads and yields each answer when it is done.

    Parameters
    ----------
    work : callable
        Called with an item in a worker's thread. It must not raise, except `CancelledError` once `cancel` is set.
    n_workers : int
        Items that are worked on at the same time.
    cancel : threading.Event
        Once set, no further items are started.
    """

    def __init__(self, work: Callable[[Item], Answer], n_workers: int, cancel: threading.Event) -> None:
        self._work = work
        self._cancel = cancel
        self._n_workers = n_workers
        self._running: dict[Future[Answer], tuple[int, Item]] = {}

    def run(self, items: Sequence[Item]) -> Generator[tuple[int, Item, Answer], None, None]:
        """Yield each item's index, the item and its answer as it is done; few items are held in memory at once.

        After cancellation, answers that are done are still yielded; busy workers are not waited for.
        """
        waiting = enumerate(items)
        pool = ThreadPoolExecutor(self._n_workers, thread_name_prefix="track")
        try:
            while not self._cancel.is_set():
                for index, item in islice(waiting, self._n_workers + _AHEAD - len(self._running)):
                    self._running[pool.submit(self._answer, item)] = index, item
                if not self._running:
                    return
                done, _ = wait(self._running, timeout=_POLL_S, return_when=FIRST_COMPLETED)
                yield from self._collect(done)
        except BaseException:
            self._cancel.set()  # the caller has stopped iterating
            raise
        finally:
            pool.shutdown(wait=False, cancel_futures=True)
        yield from self._collect({future for future in self._running if future.done()})

    def settle(self, timeout_s: float) -> bool:
        """Wait for busy workers; return False if one is still busy after the timeout."""
        return not wait(self._running, timeout=timeout_s).not_done

    def _answer(self, item: Item) -> Answer:
        if self._cancel.is_set():
            raise CancelledError("The run was stopped.")
        return self._work(item)

    def _collect(self, done: set[Future[Answer]]) -> Generator[tuple[int, Item, Answer], None, None]:
        for future in done:
            index, item = self._running.pop(future)
            if future.cancelled() or isinstance(error := future.exception(), CancelledError):
                continue
            if error is not None:
                raise error
            yield index, item, future.result()

"""A run over many tracks: several at a time, a failure never the end, and a way to stop."""

import threading
from collections.abc import Callable, Generator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from itertools import islice
from typing import Generic, TypeVar

from genre_app.errors import CancelledError

Item = TypeVar("Item")
Answer = TypeVar("Answer")

#: Tracks that wait for a free worker: with none, a worker would idle until the run's own thread looks at it.
_AHEAD = 2
_POLL_S = 0.1


class Batch(Generic[Item, Answer]):
    """Works on items in threads and hands over each answer when it is there.

    Parameters
    ----------
    work : callable
        Answers an item in a worker's thread. It must not raise, except for `CancelledError` once `cancel` is set.
    n_workers : int
        How many items are worked on at a time.
    cancel : threading.Event
        Once set, nothing more is begun.
    """

    def __init__(self, work: Callable[[Item], Answer], n_workers: int, cancel: threading.Event) -> None:
        self._work = work
        self._cancel = cancel
        self._n_workers = n_workers
        self._running: dict[Future[Answer], tuple[int, Item]] = {}

    def run(self, items: Sequence[Item]) -> Generator[tuple[int, Item, Answer], None, None]:
        """Yield each item's index, the item and its answer as it is done; few items are held at once.

        After a cancellation, what is finished by then is still yielded, and workers are not waited for.
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
            self._cancel.set()  # whoever asked is gone: nobody needs the rest
            raise
        finally:
            pool.shutdown(wait=False, cancel_futures=True)
        yield from self._collect({future for future in self._running if future.done()})

    def settle(self, timeout_s: float) -> bool:
        """Wait until no worker is busy any more; False where one still is."""
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

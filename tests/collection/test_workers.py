import threading

import pytest

from genre_app.collection.workers import Batch
from genre_app.errors import CancelledError

PATIENCE_S = 30.0


def test_every_item_is_answered_once_under_its_index() -> None:
    batch: Batch[int, int] = Batch(lambda number: number * number, 3, threading.Event())
    assert sorted(batch.run(range(20))) == [(number, number, number * number) for number in range(20)]


def test_as_many_items_are_worked_on_as_there_are_workers() -> None:
    together = threading.Barrier(3, timeout=PATIENCE_S)
    batch: Batch[int, int] = Batch(lambda _: together.wait(), 3, threading.Event())
    assert len(list(batch.run(range(9)))) == 9


def test_what_is_done_first_comes_first() -> None:
    gate = threading.Event()
    batch: Batch[str, bool] = Batch(lambda item: item == "quick" or gate.wait(PATIENCE_S), 2, threading.Event())
    run = batch.run(["slow", "quick"])
    assert next(run)[1] == "quick"
    gate.set()
    assert next(run)[1] == "slow"


def test_a_cancelled_run_stops_and_yields_what_is_done() -> None:
    cancel = threading.Event()
    both_at_work = threading.Barrier(2, action=cancel.set, timeout=PATIENCE_S)
    begun: list[int] = []

    def work(item: int) -> int:
        begun.append(item)
        if item < 2:
            return item
        both_at_work.wait()
        raise CancelledError("stopped")

    batch = Batch(work, 2, cancel)
    assert sorted(item for _, item, _ in batch.run(range(100))) == [0, 1]
    assert batch.settle(PATIENCE_S)
    assert len(begun) == 4, "nothing is begun after the cancellation"


def test_a_busy_worker_is_not_waited_for() -> None:
    cancel, gate = threading.Event(), threading.Event()

    def work(_: int) -> bool:
        cancel.set()
        return gate.wait(PATIENCE_S)

    batch = Batch(work, 1, cancel)
    assert list(batch.run([1])) == []
    assert not gate.is_set()
    assert not batch.settle(0.05)
    gate.set()
    assert batch.settle(PATIENCE_S)


def test_an_error_that_work_was_not_to_raise_is_not_hidden() -> None:
    batch: Batch[int, float] = Batch(lambda item: 1 / item, 1, threading.Event())
    with pytest.raises(ZeroDivisionError):
        list(batch.run([0]))


def test_few_items_are_held_at_once() -> None:
    taken = 0

    class Numbers(list[int]):
        def __iter__(self):  # type: ignore[no-untyped-def]
            nonlocal taken
            for number in range(1000):
                taken += 1
                yield number

    run = Batch[int, int](lambda item: item, 2, threading.Event()).run(Numbers())
    next(run)
    assert taken <= 4
    run.close()

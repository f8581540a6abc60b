import random as stdlib_random
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import contextmanager

import numpy as np
import pytest

from genre_app.errors import EngineClosedError, ScoringError
from genre_app.inference.batching_engine import ScoringEngine
from genre_app.models.base import BatchPolicy
from tests.fakes import GRID, LABELS, POINT_GRID, RATE_HZ, WINDOW_GRID, Array, FakeBackend, loudness_logits, points

PATIENCE_S = 30.0
BAD = 666.0
#: An answer from which the question can be read.
ECHO = np.array([1.0, -1.0, 2.0], np.float32)


def echo(patches: Array) -> Array:
    return patches * ECHO


def echo_but(what: Callable[[Array], Array]) -> Callable[[Array], Array]:
    """Echo, unless a batch holds the number `BAD`."""
    return lambda patches: what(patches) if (patches == BAD).any() else echo(patches)


def explode(patches: Array) -> Array:
    raise RuntimeError("a shape deep inside the network")


@contextmanager
def running(backend: FakeBackend) -> Iterator[ScoringEngine]:
    with ScoringEngine(backend) as engine:
        try:
            yield engine
        finally:
            backend.gate.set()


@contextmanager
def held(backend: FakeBackend) -> Iterator[tuple[ScoringEngine, "Future[Array]"]]:
    """Run an engine whose model is stuck on a first patch, number 1000, so that what comes next has to queue."""
    backend.gate.clear()
    with running(backend) as engine:
        first = engine.submit(points(1, 1000))
        assert backend.busy.wait(PATIENCE_S)
        yield engine, first


def point_backend(
    *, max_patches: int = 4, max_wait_s: float = 0.0, answer: Callable[[Array], Array] = echo
) -> FakeBackend:
    return FakeBackend(grid=POINT_GRID, max_patches=max_patches, max_wait_s=max_wait_s, answer=answer)


def test_rows_come_back_in_the_order_of_the_patches(random: np.random.Generator) -> None:
    patches = random.uniform(-1, 1, (11, GRID.input_samples)).astype(np.float32)
    with running(FakeBackend()) as engine:
        np.testing.assert_array_equal(engine.submit(patches).result(PATIENCE_S), loudness_logits(patches))


def test_a_batch_never_exceeds_the_backend_s_limit() -> None:
    backend = point_backend(max_patches=3)
    with running(backend) as engine:
        engine.submit(points(10)).result(PATIENCE_S)
        assert engine.max_patches == 3
    assert backend.batches == [3, 3, 3, 1]


def test_requests_that_wait_together_share_a_batch() -> None:
    backend = point_backend(max_patches=8)
    with held(backend) as (engine, first):
        futures = [engine.submit(points(2, start)) for start in (0, 10, 20)]
        backend.gate.set()
        rows = [future.result(PATIENCE_S) for future in futures]
        np.testing.assert_array_equal(first.result(PATIENCE_S), echo(points(1, 1000)))
    assert backend.batches == [1, 6]
    for row, start in zip(rows, (0, 10, 20), strict=True):
        np.testing.assert_array_equal(row, echo(points(2, start)))


def test_a_batch_that_is_not_full_waits_for_company() -> None:
    backend = point_backend(max_patches=4, max_wait_s=PATIENCE_S)
    with running(backend) as engine:
        first = engine.submit(points(2))
        time.sleep(0.05)
        assert not first.done()
        wait([first, engine.submit(points(2))], PATIENCE_S / 2)
    assert backend.batches == [4]


def test_company_that_does_not_come_is_not_waited_for_forever() -> None:
    with running(point_backend(max_wait_s=0.01)) as engine:
        assert len(engine.submit(points(1)).result(PATIENCE_S)) == 1


def test_a_short_request_is_not_last_behind_two_long_ones() -> None:
    backend = point_backend()
    finished: list[tuple[str, int]] = []
    with held(backend) as (engine, _):
        futures = {name: engine.submit(points(n)) for name, n in {"long": 40, "longer": 44, "short": 2}.items()}
        for name, future in futures.items():
            future.add_done_callback(lambda _, name=name: finished.append((name, len(backend.batches))))  # type: ignore[misc]
        backend.gate.set()
        wait(futures.values(), PATIENCE_S)
    assert [name for name, _ in finished] == ["short", "long", "longer"]
    assert finished[0][1] <= 3, "of two patches one runs in each of the first two batches after the stuck one"
    assert len(backend.batches) == 1 + -(-86 // 4), "sharing leaves no batch half empty"


def test_equal_requests_finish_in_the_order_they_came() -> None:
    backend = point_backend()
    finished: list[int] = []
    with held(backend) as (engine, _):
        futures = [engine.submit(points(5)) for _ in range(6)]
        for index, future in enumerate(futures):
            future.add_done_callback(lambda _, index=index: finished.append(index))  # type: ignore[misc]
        backend.gate.set()
        wait(futures, PATIENCE_S)
    assert finished == sorted(finished)
    assert len(finished) == 6


@pytest.mark.parametrize(
    ("patches", "complaint"),
    [
        (np.array([[np.nan]], np.float32), "not numbers"),
        (np.array([[1.0], [np.inf]], np.float32), "not numbers"),
        (np.zeros((2, 5), np.float32), r"the shape \(2, 5\)"),
        (np.zeros(1, np.float32), r"the shape \(1,\)"),
        (np.zeros((0, 1), np.float32), r"the shape \(0, 1\)"),
    ],
)
def test_a_malformed_request_fails_alone_and_never_reaches_the_model(patches: Array, complaint: str) -> None:
    backend = point_backend()
    with held(backend) as (engine, _):
        good = engine.submit(points(3))
        with pytest.raises(ScoringError, match=complaint):
            engine.submit(patches).result(PATIENCE_S)
        backend.gate.set()
        np.testing.assert_array_equal(good.result(PATIENCE_S), echo(points(3)))
    assert backend.n_patches == 4


@pytest.mark.parametrize(
    "misbehave",
    [
        explode,
        lambda patches: np.full((len(patches), len(LABELS)), np.nan, np.float32),
        lambda patches: echo(patches)[:-1],
        lambda patches: echo(patches)[:, :-1],
    ],
    ids=["raises", "not a number", "too few rows", "too few labels"],
)
def test_a_request_on_which_the_model_fails_fails_alone(misbehave: Callable[[Array], Array]) -> None:
    backend = point_backend(max_patches=8, answer=echo_but(misbehave))
    with held(backend) as (engine, _):
        good, bad, fine = (
            engine.submit(points(2)),
            engine.submit(np.array([[BAD]], np.float32)),
            engine.submit(points(3)),
        )
        backend.gate.set()
        np.testing.assert_array_equal(good.result(PATIENCE_S), echo(points(2)))
        np.testing.assert_array_equal(fine.result(PATIENCE_S), echo(points(3)))
        with pytest.raises(ScoringError, match="please try again") as caught:
            bad.result(PATIENCE_S)
        assert caught.value.__cause__ is not None
        np.testing.assert_array_equal(engine.submit(points(5)).result(PATIENCE_S), echo(points(5)))
    assert backend.batches[:2] == [1, 6], "they did share a batch"


def test_a_failed_request_is_not_scored_any_further() -> None:
    backend = point_backend(answer=echo_but(explode))
    with running(backend) as engine:
        patches = points(100)
        patches[0] = BAD
        assert engine.submit(patches).exception(PATIENCE_S)
        engine.submit(points(1)).result(PATIENCE_S)
    assert backend.n_patches == 4 + 1


def test_cancelling_drops_what_has_not_run() -> None:
    backend = point_backend()
    with held(backend) as (engine, first):
        dropped, kept = engine.submit(points(100)), engine.submit(points(2))
        assert dropped.cancel()
        backend.gate.set()
        kept.result(PATIENCE_S)
        first.result(PATIENCE_S)
    assert backend.n_patches == 1 + 2


def test_cancelling_under_way_ends_after_the_batch_at_work() -> None:
    backend = point_backend()
    backend.gate.clear()
    with running(backend) as engine:
        dropped = engine.submit(points(100))
        assert backend.busy.wait(PATIENCE_S)
        assert dropped.cancel()
        backend.gate.set()
        engine.submit(points(2)).result(PATIENCE_S)
    assert backend.n_patches == 4 + 2


def test_closing_finishes_the_batch_at_work_and_resolves_the_rest() -> None:
    backend = point_backend()
    with held(backend) as (engine, first), ThreadPoolExecutor() as pool:
        pending = [engine.submit(points(9)) for _ in range(3)]
        closing = pool.submit(engine.close)
        while not engine.submit(points(1)).done():  # until the engine knows that it is closed
            pass
        backend.gate.set()
        closing.result(PATIENCE_S)
        np.testing.assert_array_equal(first.result(0), echo(points(1, 1000)))
        assert {type(future.exception(0)) for future in pending} == {EngineClosedError}
    assert backend.n_patches == 1


def test_a_closed_engine_refuses_work_and_may_be_closed_again() -> None:
    engine = ScoringEngine(point_backend())
    engine.close()
    engine.close()
    assert isinstance(engine.submit(points(1)).exception(0), EngineClosedError)


def test_no_request_of_sixteen_threads_is_lost_or_mixed_up() -> None:
    backend = point_backend(max_patches=7)
    start = threading.Barrier(16)

    def client(number: int) -> int:
        n_patches = 0
        dice = stdlib_random.Random(number)
        start.wait(PATIENCE_S)
        for turn in range(25):
            patches = points(dice.randint(1, 20), start=10_000 * number + 100 * turn)
            np.testing.assert_array_equal(engine.submit(patches).result(PATIENCE_S), echo(patches))
            n_patches += len(patches)
        return n_patches

    with running(backend) as engine, ThreadPoolExecutor(16) as pool:
        n_patches = sum(pool.map(client, range(16)))
    assert backend.n_patches == n_patches
    assert max(backend.batches) == 7


def test_only_the_engine_s_own_thread_calls_the_model() -> None:
    backend = point_backend()
    with running(backend) as engine, ThreadPoolExecutor(4) as pool:
        wait([pool.submit(lambda: engine.submit(points(3)).result(PATIENCE_S)) for _ in range(8)])
    assert backend.threads == {"scoring-engine"}


def test_an_engine_introduces_its_model() -> None:
    backend = FakeBackend()
    with running(backend) as engine:
        assert (engine.info, engine.grid) == (backend.info, GRID)


def test_windows_share_a_batch_only_with_others_of_their_length() -> None:
    lengths: list[tuple[int, int]] = []

    def answer(windows: Array) -> Array:
        lengths.append((len(windows), windows.shape[1]))
        return windows[:, :1] * ECHO

    backend = FakeBackend(grid=WINDOW_GRID, max_patches=4, answer=answer)
    backend.gate.clear()
    with running(backend) as engine:
        engine.submit(np.zeros((1, RATE_HZ), np.float32))
        assert backend.busy.wait(PATIENCE_S)
        second = [engine.submit(np.full((1, RATE_HZ), i, np.float32)) for i in range(3)]
        longer = [engine.submit(np.full((1, 2 * RATE_HZ), i, np.float32)) for i in range(3, 6)]
        mixed = engine.submit(np.full((1, RATE_HZ), 6, np.float32))
        backend.gate.set()
        for i, future in enumerate([*second, *longer, mixed]):
            np.testing.assert_array_equal(future.result(PATIENCE_S), (i * ECHO)[None])
    assert lengths == [(1, RATE_HZ), (4, RATE_HZ), (3, 2 * RATE_HZ)]


def test_no_length_starves_beside_a_long_queue_of_another() -> None:
    order: list[int] = []

    def answer(windows: Array) -> Array:
        order.append(windows.shape[1])
        return np.zeros((len(windows), len(LABELS)), np.float32)

    backend = FakeBackend(grid=WINDOW_GRID, max_patches=2, answer=answer)
    backend.gate.clear()
    with running(backend) as engine:
        many = engine.submit(np.zeros((12, RATE_HZ), np.float32))
        assert backend.busy.wait(PATIENCE_S)
        one = engine.submit(np.zeros((1, 2 * RATE_HZ), np.float32))
        backend.gate.set()
        one.result(PATIENCE_S)
        many.result(PATIENCE_S)
    assert order.index(2 * RATE_HZ) <= 2
    assert order.count(RATE_HZ) == 6


@pytest.mark.parametrize("n_samples", [WINDOW_GRID.min_samples - 1, WINDOW_GRID.max_samples + 1])
def test_a_window_that_the_model_cannot_take_never_reaches_it(n_samples: int) -> None:
    backend = FakeBackend(grid=WINDOW_GRID)
    with running(backend) as engine, pytest.raises(ScoringError, match=str(n_samples)):
        engine.submit(np.zeros((1, n_samples), np.float32)).result(PATIENCE_S)
    assert backend.batches == []


def test_an_error_outside_of_the_model_fails_who_waits_and_the_engine_goes_on(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    with held(backend := point_backend()) as (engine, first):
        waiting = [engine.submit(points(3)), engine.submit(points(5))]
        take_turns = engine._take_turns

        def fail_once() -> object:
            monkeypatch.setattr(engine, "_take_turns", take_turns)
            raise MemoryError

        monkeypatch.setattr(engine, "_take_turns", fail_once)
        backend.gate.set()
        for future in waiting:
            with pytest.raises(ScoringError, match="The model failed"):
                future.result(PATIENCE_S)
        assert first.result(PATIENCE_S) is not None
        np.testing.assert_array_equal(engine.submit(points(2)).result(PATIENCE_S), echo(points(2)))
    assert "outside of the model" in caplog.text


def test_too_little_memory_for_a_shared_batch_costs_nobody_anything(monkeypatch: pytest.MonkeyPatch) -> None:
    with held(backend := point_backend()) as (engine, _):
        waiting = [engine.submit(points(2)), engine.submit(points(2, 7))]
        monkeypatch.setattr(np, "concatenate", _NoMemory(np.concatenate))
        backend.gate.set()
        np.testing.assert_array_equal(waiting[0].result(PATIENCE_S), echo(points(2)))
        np.testing.assert_array_equal(waiting[1].result(PATIENCE_S), echo(points(2, 7)))


class _NoMemory:
    """A function that fails the first time."""

    def __init__(self, function: Callable[..., Array]) -> None:
        self._function = function
        self._has_failed = False

    def __call__(self, arrays: list[Array]) -> Array:
        if not self._has_failed and len(arrays) > 1:
            self._has_failed = True
            raise MemoryError
        return self._function(arrays)


class OverlappingBackend(FakeBackend):
    """Begins a batch at once and answers when it is asked; notes both."""

    def __init__(self, answer: Callable[[Array], Array] = echo) -> None:
        super().__init__(grid=POINT_GRID, max_patches=2, answer=answer)
        self.batching = BatchPolicy(2, n_under_way=2)
        self.events: list[str] = []

    def begin(self, patches: Array) -> Callable[[], Array]:
        self.events.append(f"begin {patches[0, 0]:g}")

        def wait() -> Array:
            self.events.append(f"wait {patches[0, 0]:g}")
            return self.score(patches)

        return wait


def test_the_next_batch_is_on_its_way_while_one_runs() -> None:
    backend = OverlappingBackend()
    backend.gate.clear()
    with running(backend) as engine:
        first = engine.submit(points(1, 100))
        assert backend.busy.wait(PATIENCE_S)
        rest = engine.submit(points(5))
        backend.gate.set()
        np.testing.assert_array_equal(rest.result(PATIENCE_S), echo(points(5)))
        np.testing.assert_array_equal(first.result(PATIENCE_S), echo(points(1, 100)))
    # The last batch is not full, so it waits for company until nothing is at work.
    order = ["begin 100", "wait 100", "begin 0", "begin 2", "wait 0", "wait 2", "begin 4", "wait 4"]
    assert backend.events == order


def test_a_batch_that_fails_on_its_way_takes_no_other_along() -> None:
    backend = OverlappingBackend(echo_but(explode))
    backend.gate.clear()
    with running(backend) as engine:
        first = engine.submit(points(1, 100))
        assert backend.busy.wait(PATIENCE_S)
        good, bad = engine.submit(points(3)), engine.submit(np.full((1, 1), BAD, np.float32))
        backend.gate.set()
        np.testing.assert_array_equal(good.result(PATIENCE_S), echo(points(3)))
        assert isinstance(bad.exception(PATIENCE_S), ScoringError)
        assert first.result(PATIENCE_S) is not None


def test_closing_finishes_all_batches_that_are_on_their_way() -> None:
    backend = OverlappingBackend()
    backend.gate.clear()
    with running(backend) as engine:
        first = engine.submit(points(1, 100))
        assert backend.busy.wait(PATIENCE_S)
        closing = threading.Thread(target=engine.close)
        closing.start()
        backend.gate.set()
        closing.join(PATIENCE_S)
        assert first.result(PATIENCE_S) is not None
        assert isinstance(engine.submit(points(1)).exception(PATIENCE_S), EngineClosedError)

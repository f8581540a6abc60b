"""The line: first come, first served; long tracks beside songs; waiting times that are true; nobody is forgotten."""

import threading
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor

import pytest

from genre_app.errors import CancelledError, EngineClosedError
from genre_app.inference.waiting_line import LONG_S, Place, PostponedError, WaitingLine
from genre_app.results.progress import Progress, no_progress

_TIMEOUT_S = 10.0


class Clock:
    """Seconds that pass when a test says so."""

    def __init__(self) -> None:
        self.now_s = 0.0

    def __call__(self) -> float:
        return self.now_s


class Caller:
    """A track in a thread of its own; it keeps its place until it is told to go."""

    def __init__(self, line: WaitingLine, executor: ThreadPoolExecutor, *, is_long: bool = False) -> None:
        self.cancel = threading.Event()
        self.has_place = threading.Event()
        self.was_told = threading.Event()
        self.told: list[Progress] = []
        self.place: Place | None = None
        self._may_go = threading.Event()
        self._future: Future[None] = executor.submit(self._take, line, is_long)

    def _take(self, line: WaitingLine, is_long: bool) -> None:  # noqa: FBT001
        with line.place(self.cancel, self._on_progress, is_long=is_long) as self.place:
            self.has_place.set()
            assert self._may_go.wait(_TIMEOUT_S)

    def _on_progress(self, progress: Progress) -> None:
        self.told.append(progress)
        self.was_told.set()

    def go(self) -> None:
        self._may_go.set()
        self._future.result(_TIMEOUT_S)

    def next_word(self) -> Progress:
        self.was_told.clear()
        assert self.was_told.wait(_TIMEOUT_S)
        return self.told[-1]

    def result(self) -> None:
        self._future.result(_TIMEOUT_S)


@pytest.fixture
def executor() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(8) as executor:
        yield executor


def seated(line: WaitingLine, executor: ThreadPoolExecutor, *, is_long: bool = False) -> Caller:
    caller = Caller(line, executor, is_long=is_long)
    assert caller.has_place.wait(_TIMEOUT_S)
    return caller


def queued(line: WaitingLine, executor: ThreadPoolExecutor, *, is_long: bool = False) -> Caller:
    caller = Caller(line, executor, is_long=is_long)
    assert caller.was_told.wait(_TIMEOUT_S)
    return caller


def test_who_comes_first_is_served_first(executor: ThreadPoolExecutor) -> None:
    line = WaitingLine(1)
    first = seated(line, executor)
    second = queued(line, executor)
    third = queued(line, executor)
    assert (second.told[0].stage, second.told[0].n_ahead, third.told[0].n_ahead) == ("waiting", 0, 1)
    assert line.n_waiting == 2
    first.go()
    assert second.has_place.wait(_TIMEOUT_S)
    assert not third.has_place.is_set()
    second.go()
    third.go()
    assert line.n_waiting == 0


def test_a_song_overtakes_a_long_track_while_enough_of_those_are_under_way(executor: ThreadPoolExecutor) -> None:
    line = WaitingLine(2)
    first = seated(line, executor, is_long=True)
    second = queued(line, executor, is_long=True)
    song = seated(line, executor)
    assert not second.has_place.is_set()
    song.go()
    first.go()
    second.go()


def test_a_track_that_turns_out_to_be_long_makes_way(executor: ThreadPoolExecutor) -> None:
    line = WaitingLine(2)
    long_one, other = seated(line, executor), seated(line, executor)
    assert long_one.place
    assert other.place
    long_one.place.announce(LONG_S)
    other.place.announce(LONG_S - 1)
    other.place.announce(None)
    with pytest.raises(PostponedError):
        other.place.announce(2 * LONG_S)
    long_one.place.announce(LONG_S)  # once more: it has its place already
    for caller in (long_one, other):
        caller.go()


def test_there_is_a_place_for_one_long_track_at_least(executor: ThreadPoolExecutor) -> None:
    only = seated(WaitingLine(1), executor, is_long=True)
    only.go()


def test_the_waiting_time_follows_from_what_is_under_way(executor: ThreadPoolExecutor) -> None:
    clock = Clock()
    line = WaitingLine(2, clock=clock)
    first, second = seated(line, executor), seated(line, executor)
    third = queued(line, executor)
    assert third.next_word().wait_s is None  # nothing is known yet
    assert first.place
    assert second.place
    clock.now_s = 10.0
    first.place.watching(no_progress)(Progress("scoring", 0.5))  # 10 s more
    second.place.watching(no_progress)(Progress("scoring", 0.25))  # 30 s more
    first.go()  # took 10 s, which is now the mean
    assert third.has_place.wait(_TIMEOUT_S)
    fourth, fifth = queued(line, executor), queued(line, executor)
    assert fourth.next_word().wait_s == pytest.approx(10.0)  # after the third, which has just begun
    assert fifth.next_word().wait_s == pytest.approx(20.0)
    clock.now_s = 14.0
    assert (fifth.next_word(), fifth.next_word())[1].wait_s == pytest.approx(16.0)
    for caller in (third, second, fourth, fifth):
        caller.go()


def test_who_cancels_leaves_the_line(executor: ThreadPoolExecutor) -> None:
    line = WaitingLine(1)
    first = seated(line, executor)
    second, third = queued(line, executor), queued(line, executor)
    second.cancel.set()
    with pytest.raises(CancelledError):
        second.result()
    assert (third.next_word(), third.next_word())[1].n_ahead == 0
    first.go()
    third.go()


def test_an_error_frees_the_place_and_counts_for_no_mean(executor: ThreadPoolExecutor) -> None:
    clock = Clock()
    line = WaitingLine(1, clock=clock)
    with pytest.raises(ZeroDivisionError), line.place(threading.Event(), no_progress):
        raise ZeroDivisionError
    first = seated(line, executor)
    second = queued(line, executor)
    assert second.told[0].wait_s is None
    first.go()
    second.go()


def test_a_closed_line_turns_everybody_away(executor: ThreadPoolExecutor) -> None:
    line = WaitingLine(1)
    first = seated(line, executor)
    second = queued(line, executor)
    line.close()
    with pytest.raises(EngineClosedError):
        second.result()
    with pytest.raises(EngineClosedError), line.place(threading.Event(), no_progress):
        pass
    first.go()

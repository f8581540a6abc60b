import threading
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor

import pytest

from genre_app.errors import (
    CancelledError,
    FileChangedError,
    GenreAppError,
    GpuUnavailableError,
    NotAudioError,
    UnreadableFileError,
)
from genre_app.inference.single_flight import SingleFlight
from genre_app.results.progress import Progress, ProgressCallback

PATIENCE_S = 10.0


class Caller:
    """Asks for some work in a thread of its own, and knows when it has become part of a flight."""

    def __init__(self, stage: "Stage", key: str) -> None:
        self._stage = stage
        self.cancel = threading.Event()
        self.heard: list[Progress] = []
        self.joined = threading.Event()
        self.future: Future[str] = stage.pool.submit(
            stage.shared.run, key, self._work, on_progress=self._note, cancel=self.cancel
        )
        assert self.joined.wait(PATIENCE_S)

    def result(self) -> str:
        return self.future.result(PATIENCE_S)

    def error(self) -> BaseException | None:
        return self.future.exception(PATIENCE_S)

    def _note(self, progress: Progress) -> None:
        self.heard.append(progress)
        self.joined.set()

    def _work(self, report: ProgressCallback) -> str:
        """Tell of progress until the stage opens, then end as it says."""
        self._stage.n_runs += 1
        number = self._stage.n_runs
        while not self._stage.open.wait(0.001):
            report(Progress("scoring", 0.5))
            if self.cancel.is_set():
                raise CancelledError("The analysis was cancelled.")
        if self._stage.error:
            raise self._stage.error
        return f"result {number}"


class Stage:
    """Where several callers meet."""

    def __init__(self, pool: ThreadPoolExecutor) -> None:
        self.shared: SingleFlight[str] = SingleFlight()
        self.pool = pool
        self.open = threading.Event()
        self.error: Exception | None = None
        self.n_runs = 0

    def enter(self, key: str = "track") -> Caller:
        return Caller(self, key)


@pytest.fixture
def stage() -> Iterator[Stage]:
    with ThreadPoolExecutor(8) as pool:
        stage = Stage(pool)
        yield stage
        stage.open.set()


def test_callers_at_the_same_time_share_one_computation(stage: Stage) -> None:
    callers = [stage.enter() for _ in range(4)]
    stage.open.set()
    assert {caller.result() for caller in callers} == {"result 1"}
    assert stage.n_runs == 1


def test_other_keys_are_other_work(stage: Stage) -> None:
    one, other = stage.enter("one"), stage.enter("other")
    stage.open.set()
    assert {one.result(), other.result()} == {"result 1", "result 2"}


def test_a_caller_after_the_landing_computes_anew(stage: Stage) -> None:
    first = stage.enter()
    stage.open.set()
    assert first.result() == "result 1"
    cancel = threading.Event()
    assert stage.shared.run("track", lambda _: "fresh", on_progress=lambda _: None, cancel=cancel) == "fresh"


def test_everyone_hears_the_progress(stage: Stage) -> None:
    leader, follower = stage.enter(), stage.enter()
    assert leader.heard
    assert follower.heard[0] == Progress("scoring", 0.5)


def test_an_error_reaches_everyone(stage: Stage) -> None:
    stage.error = NotAudioError("That is no audio file.")
    callers = [stage.enter() for _ in range(3)]
    stage.open.set()
    assert [caller.error() for caller in callers] == [stage.error] * 3
    assert stage.n_runs == 1


def test_a_timeout_inside_the_work_is_an_error_like_any_other(stage: Stage) -> None:
    stage.error = TimeoutError("the network disk does not answer")
    callers = [stage.enter(), stage.enter()]
    stage.open.set()
    assert [caller.error() for caller in callers] == [stage.error] * 2


def test_a_failed_key_may_be_tried_again(stage: Stage) -> None:
    stage.error = NotAudioError("That is no audio file.")
    failed = stage.enter()
    stage.open.set()
    assert failed.error()
    cancel = threading.Event()
    assert stage.shared.run("track", lambda _: "better", on_progress=lambda _: None, cancel=cancel) == "better"


def test_a_follower_takes_over_from_a_leader_who_cancels(stage: Stage) -> None:
    leader, follower, other = stage.enter(), stage.enter(), stage.enter()
    leader.cancel.set()
    assert isinstance(leader.error(), CancelledError)
    stage.open.set()
    assert {follower.result(), other.result()} <= {"result 2", "result 3"}


@pytest.mark.parametrize(
    "failure",
    [
        GpuUnavailableError("Your time on the shared GPU is used up."),
        UnreadableFileError("The file {name} was not found; please check its name or choose another one."),
        FileChangedError("The file {name} changed while it was read."),
    ],
    ids=lambda failure: type(failure).__name__,
)
def test_a_failure_of_the_leader_s_own_is_no_answer_to_the_others(stage: Stage, failure: GenreAppError) -> None:
    stage.error = failure
    callers = [stage.enter() for _ in range(3)]
    stage.open.set()
    assert [caller.error() for caller in callers] == [failure] * 3
    assert stage.n_runs == 3  # each has tried for itself


def test_a_follower_who_cancels_hears_nothing_of_the_leader_s_failure(stage: Stage) -> None:
    stage.error = GpuUnavailableError("Your time on the shared GPU is used up.")
    leader, follower = stage.enter(), stage.enter()
    follower.cancel.set()
    assert isinstance(follower.error(), CancelledError)
    stage.open.set()
    assert leader.error() is stage.error


def test_the_one_who_takes_over_is_followed_by_the_rest(stage: Stage) -> None:
    leader, *followers = [stage.enter() for _ in range(4)]
    leader.cancel.set()
    assert isinstance(leader.error(), CancelledError)
    for follower in followers:  # from now on only the new leader tells of progress
        follower.joined.clear()
    assert all(follower.joined.wait(PATIENCE_S) for follower in followers)
    stage.open.set()
    assert {follower.result() for follower in followers} == {"result 2"}
    assert stage.n_runs == 2


def test_a_follower_who_cancels_leaves_the_others_alone(stage: Stage) -> None:
    leader, leaver, follower = stage.enter(), stage.enter(), stage.enter()
    leaver.cancel.set()
    assert isinstance(leaver.error(), CancelledError)
    stage.open.set()
    assert (leader.result(), follower.result()) == ("result 1", "result 1")

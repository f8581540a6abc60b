"""A queue of tracks: it survives failures, can be cancelled, and never mixes up its rows."""

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from genre_app.errors import CancelledError, NotAudioError
from genre_app.results.build import TrackAnalysis
from genre_app.results.progress import Progress, ProgressCallback
from genre_app.ui.many_tracks.messages import MAX_TRACKS, Announced
from genre_app.ui.many_tracks.queue import TrackQueue
from tests.results.test_build import scored_track

_TIMEOUT_S = 10.0


class GatedScorer:
    """Scores files by their names once its gate is open; records its calls."""

    def __init__(self) -> None:
        self.gate = threading.Event()
        self.asked: list[str] = []
        self.busy = threading.Event()
        self.stopped = 0

    def __call__(self, path: Path, model: str, on_progress: ProgressCallback, cancel: threading.Event) -> TrackAnalysis:
        self.asked.append(f"{path.name} by {model}")
        on_progress(Progress("scoring", 0.4, 10.0))
        self.busy.set()
        while not self.gate.wait(0.005):
            if cancel.is_set():
                self.stopped += 1
                raise CancelledError("cancelled")
        if path.suffix == ".txt":
            raise NotAudioError("This is not an audio file.")
        if path.suffix == ".bug":
            raise ZeroDivisionError
        return replace(scored_track(60.0), name=path.name)


@pytest.fixture
def scorer() -> GatedScorer:
    return GatedScorer()


@pytest.fixture
def run(scorer: GatedScorer) -> Iterator[TrackQueue]:
    with ThreadPoolExecutor(4) as executor:
        run = TrackQueue(scorer, executor, n_at_once=1, max_file_mb=5)
        yield run
        run.clear()


def announced(*names: str, size_bytes: int = 1000, first: int = 1) -> list[Announced]:
    return [Announced(key=str(key), name=name, size_bytes=size_bytes) for key, name in enumerate(names, first)]


def wait_until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + _TIMEOUT_S
    while not condition():
        assert time.monotonic() < deadline
        threading.Event().wait(0.005)


def states(run: TrackQueue) -> list[str]:
    return [row.state for row in run.rows()]


def settle(run: TrackQueue) -> list[str]:
    wait_until(lambda: all(row.is_settled for row in run.rows()))
    return states(run)


def test_a_failure_is_not_the_end(run: TrackQueue, scorer: GatedScorer) -> None:
    scorer.gate.set()
    run.announce(announced("a.wav", "b.txt", "c.bug", "d.wav"), "musicnn")
    assert states(run) == ["waiting"] * 4
    for key, name in (("1", "a.wav"), ("2", "b.txt"), ("3", "c.bug"), ("4", "d.wav")):
        run.begin(key, Path(name))

    assert settle(run) == ["done", "failed", "failed", "done"]

    first, second, third, _ = run.rows()
    assert first.scored
    assert first.record
    assert first.genres
    assert second.record
    assert second.record.sentence == "This is not an audio file."
    assert third.record
    assert "ZeroDivisionError" not in third.record.sentence


def test_rows_keep_their_order_and_their_names_whichever_arrives_first(run: TrackQueue, scorer: GatedScorer) -> None:
    scorer.gate.set()
    run.announce(announced("a.wav", "b.wav"), "musicnn")
    run.begin("2", Path("sanitised_b.wav"))
    run.begin("2", Path("again.wav"))
    run.begin("1", Path("sanitised_a.wav"))
    settle(run)
    assert (
        [row.name for row in run.rows()] == [row.scored.name for row in run.rows() if row.scored] == ["a.wav", "b.wav"]
    )
    assert scorer.asked == ["sanitised_b.wav by musicnn", "sanitised_a.wav by musicnn"]


def test_progress_is_reported(run: TrackQueue, scorer: GatedScorer) -> None:
    run.announce(announced("a.wav"), "cnn")
    run.begin("1", Path("a.wav"))
    wait_until(lambda: states(run) == ["scoring"])
    assert run.rows()[0].progress == Progress("scoring", 0.4, 10.0)


def test_cancel_keeps_finished_rows_and_later_files_are_scored(run: TrackQueue, scorer: GatedScorer) -> None:
    scorer.gate.set()
    run.announce(announced("a.wav"), "musicnn")
    run.begin("1", Path("a.wav"))
    settle(run)
    scorer.gate.clear()
    scorer.busy.clear()
    run.announce(announced("b.wav", "c.wav", "d.wav", first=2), "musicnn")
    run.begin("2", Path("b.wav"))
    run.begin("3", Path("c.wav"))
    scorer.busy.wait(_TIMEOUT_S)

    run.cancel()

    assert states(run) == ["done", "cancelled", "cancelled", "cancelled"]
    wait_until(lambda: scorer.stopped == 1)
    scorer.gate.set()
    run.begin("4", Path("d.wav"))  # it was being uploaded when the visitor cancelled
    run.announce(announced("e.wav", first=5), "musicnn")
    run.begin("5", Path("e.wav"))
    assert settle(run) == ["done", "cancelled", "cancelled", "cancelled", "done"]
    assert [asked[:1] for asked in scorer.asked] == ["a", "b", "e"]


def test_clear_empties_the_list_and_stops(run: TrackQueue, scorer: GatedScorer) -> None:
    run.announce(announced("a.wav"), "musicnn")
    run.begin("1", Path("a.wav"))
    scorer.busy.wait(_TIMEOUT_S)
    run.clear()
    wait_until(lambda: scorer.stopped == 1)
    run.begin("1", Path("a.wav"))
    assert run.rows() == ()


def test_a_file_that_is_too_large_or_lost_fails_alone(run: TrackQueue) -> None:
    run.announce([*announced("a.wav", size_bytes=6_000_000), *announced("b.wav", first=2)], "musicnn")
    run.lose("2")
    large, lost = run.rows()
    assert large.record
    assert large.record.sentence == "This file has 6 MB; up to 5 are allowed."
    assert lost.record
    assert "did not arrive" in lost.record.sentence
    run.begin("1", Path("a.wav"))
    assert states(run) == ["failed", "failed"]


def test_a_full_list_takes_no_more_and_counts_them(run: TrackQueue) -> None:
    run.announce(announced(*(f"{i}.wav" for i in range(MAX_TRACKS + 3))), "musicnn", n_left_out=4)
    assert len(run.rows()) == MAX_TRACKS
    assert run.n_left_out == 7
    run.skip(["album/cover.jpg"], 2)
    assert (run.skipped.n_files, run.skipped.names) == (2, ("cover.jpg",))
    run.clear()
    assert run.n_left_out == run.skipped.n_files == 0


@pytest.mark.parametrize(
    ("name", "shown"),
    [("../../etc/a.wav", "a.wav"), ("C:\\music\\a.wav", "a.wav"), ("", "track"), ("\ud800.wav", "?.wav")],
)
def test_a_name_is_only_a_name(run: TrackQueue, name: str, shown: str) -> None:
    run.announce([Announced.model_construct(key="1", name=name, size_bytes=0)], "musicnn")
    assert run.rows()[0].name == shown

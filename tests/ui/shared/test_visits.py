"""What visits take on the disk: it is kept while they last, limited, and goes with them."""

import os
import shutil
import threading
import time
from pathlib import Path

import pytest

from genre_app.errors import StorageLimitError
from genre_app.ui.run_folder import RunFolder
from genre_app.ui.shared.visits import GRACE_S, LONGEST_S, ORPHAN_S, Visits


class Clock:
    """The time, and more where a test adds it: files are as old as they are."""

    def __init__(self) -> None:
        self.passed_s = 0.0

    def __call__(self) -> float:
        return time.time() + self.passed_s


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def visits(run_folder: RunFolder, clock: Clock) -> Visits:
    return Visits(run_folder, max_visit_mb=0.01, max_uploads_mb=0.05, clock=clock)


@pytest.fixture
def song(run_folder: RunFolder) -> Path:
    return uploaded(run_folder, "song.mp3")


def uploaded(run: RunFolder, name: str, n_bytes: int = 4000) -> Path:
    folder = run.uploads / f"hash-of-{name}"
    folder.mkdir()
    (folder / name).write_bytes(bytes(n_bytes))
    return folder / name


def test_a_file_stays_as_long_as_its_visitor(visits: Visits, clock: Clock, song: Path) -> None:
    visits.hold("ana", "one", song)
    clock.passed_s = 20 * ORPHAN_S
    visits.sweep()
    assert song.exists()
    visits.leave("ana")
    visits.sweep()
    assert song.exists()
    clock.passed_s += GRACE_S + 1
    visits.sweep()
    assert list(visits.uploads.iterdir()) == []


def test_who_comes_back_in_time_keeps_everything(visits: Visits, clock: Clock, song: Path) -> None:
    visits.hold("ana", "one", song)
    visits.leave("ana")
    visits.hold("ana", "one", song)
    clock.passed_s = 2 * GRACE_S
    visits.sweep()
    assert song.exists()


def test_two_visitors_with_the_same_file_do_not_take_it_from_each_other(
    visits: Visits, clock: Clock, song: Path
) -> None:
    visits.hold("ana", "one", song)
    visits.hold("bo", "many:1", song)
    visits.leave("ana")
    clock.passed_s = 20 * ORPHAN_S
    visits.sweep()
    assert song.exists()
    visits.release("bo", "many")
    visits.sweep()
    assert not song.exists()


def test_a_file_that_is_replaced_goes_a_little_later(
    visits: Visits, clock: Clock, run_folder: RunFolder, song: Path
) -> None:
    visits.hold("ana", "one", song)
    visits.hold("ana", "one", uploaded(run_folder, "next.mp3"))
    visits.sweep()
    assert song.exists()
    clock.passed_s = ORPHAN_S + 1
    visits.sweep()
    assert [path.name for path in visits.uploads.iterdir()] == ["hash-of-next.mp3"]


def test_what_nobody_holds_goes_even_if_it_was_copied_from_something_older(
    visits: Visits, clock: Clock, run_folder: RunFolder
) -> None:
    broken_off = run_folder.uploads / "tmp-of-an-upload"
    broken_off.write_bytes(b"half of a song")
    visits.sweep()
    assert broken_off.exists()
    clock.passed_s = ORPHAN_S + 1
    visits.sweep()
    assert not broken_off.exists()


def test_downloads_go_with_their_visitor(visits: Visits, clock: Clock) -> None:
    """At once: a visitor who comes back makes them again with a click."""
    made = visits.downloads_of("ana") / "song.mp3.json"
    made.parent.mkdir()
    made.write_text("{}")
    assert "ana" not in str(made.parent)
    visits.leave("ana")
    assert not made.parent.exists()
    made.parent.mkdir()
    made.write_text("{}")  # of a click just before
    clock.passed_s = GRACE_S + 1
    visits.sweep()
    assert not made.parent.exists()


def test_a_page_that_is_left_open_for_a_day_is_forgotten(visits: Visits, clock: Clock, song: Path) -> None:
    visits.hold("ana", "one", song)
    clock.passed_s = LONGEST_S + 1
    visits.sweep()
    assert not song.exists()


def test_a_visit_holds_no_more_than_it_may(visits: Visits, run_folder: RunFolder, song: Path) -> None:
    visits.hold("ana", "many:1", song)
    visits.hold("ana", "many:2", uploaded(run_folder, "2.mp3"))
    visits.hold("ana", "many:1", song)  # once more is not more
    with pytest.raises(StorageLimitError, match=r"more than 0\.01 MB together"):
        visits.hold("ana", "many:3", uploaded(run_folder, "3.mp3"))
    visits.hold("bo", "many:1", song)
    with pytest.raises(StorageLimitError):
        visits.check_room("ana", 3000)
    visits.check_room("ana", 2000)
    visits.release("ana", "many")
    visits.check_room("ana", 10_000)


def test_all_visitors_together_leave_the_disk_some_room(visits: Visits, run_folder: RunFolder) -> None:
    assert visits.has_room(50_000)
    uploaded(run_folder, "1.mp3", 30_000)
    assert not visits.has_room(20_001)
    assert visits.has_room(20_000)


def test_a_call_of_the_api_holds_its_file_until_it_ends(visits: Visits, clock: Clock, song: Path) -> None:
    clock.passed_s = 2 * ORPHAN_S
    with visits.holding(song):
        visits.sweep()
        assert song.exists()
    visits.sweep()
    assert not song.exists()


def test_files_elsewhere_are_not_its_own(visits: Visits, clock: Clock, tmp_path: Path) -> None:
    example = tmp_path / "example.mp3"
    example.write_bytes(bytes(1_000_000))
    visits.hold("ana", "one", example)
    visits.leave("ana")
    clock.passed_s = 2 * LONGEST_S
    visits.sweep()
    assert example.exists()


def test_folders_may_go_while_files_are_counted_and_swept(
    visits: Visits, run_folder: RunFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    uploaded(run_folder, "1.mp3")
    gone = uploaded(run_folder, "2.mp3").parent
    scan = os.scandir

    def scan_late(path: object = ".") -> object:
        if str(path) == str(gone):
            shutil.rmtree(gone, ignore_errors=True)
        return scan(path)  # type: ignore[call-overload]

    monkeypatch.setattr(os, "scandir", scan_late)
    assert visits.has_room(46_000)
    visits.sweep()


def test_sweeps_end_in_silence_once_the_app_has_taken_its_files_away(
    run_folder: RunFolder, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    visits = Visits(run_folder, max_visit_mb=0.01, max_uploads_mb=0.05)
    monkeypatch.setattr(f"{Visits.__module__}._SWEEP_S", 0.01)
    shutil.rmtree(run_folder.uploads)
    before = set(threading.enumerate())
    visits.start(lambda _: None)
    (sweeps,) = set(threading.enumerate()) - before
    sweeps.join(10)
    assert not sweeps.is_alive()
    assert caplog.text == ""

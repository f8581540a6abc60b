"""Folders that are watched: new files are done as they come, once they are whole."""

import itertools
import os
import shutil
import signal
import threading
import time
from collections.abc import Callable
from pathlib import Path, PurePosixPath

import pytest
from click.testing import Result

from genre_app.collection.journal import JOURNAL_NAME
from genre_app.collection.tracks import Track
from genre_app.collection.watch import FilesAtRest, watch
from genre_app.errors import WatchError
from tests.collection.program import PATIENCE_S, Program, statuses
from tests.fakes import RATE_HZ
from tests.sounds import tone, write_wav

#: Long before now.
LONG_AGO = (1_000_000_000, 1_000_000_000)


def track(path: Path, content: bytes = b"x", *, is_old: bool = False) -> Track:
    path.write_bytes(content)
    if is_old:
        os.utime(path, LONG_AGO)
    return Track(path, PurePosixPath(path.name))


def whole(files: FilesAtRest, *tracks: Track) -> list[int]:
    return files.select(tracks, range(len(tracks)))


def test_a_file_is_whole_if_it_has_been_so_for_a_while(tmp_path: Path) -> None:
    files = FilesAtRest(rest_s=0.2)
    old, new = track(tmp_path / "old.mp3", is_old=True), track(tmp_path / "new.mp3")
    assert whole(files, old, new) == [0]
    assert files.is_waiting
    new.path.write_bytes(b"xx")
    time.sleep(0.1)
    assert whole(files, old, new) == [0]
    time.sleep(0.25)
    assert whole(files, old, new) == [0, 1]
    assert not files.is_waiting


def test_a_copy_with_the_time_of_its_original_is_waited_for(tmp_path: Path) -> None:
    files = FilesAtRest(rest_s=0.2)
    copy = track(tmp_path / "copy.mp3", is_old=True)
    files.touch([str(copy.path)])
    assert whole(files, copy) == []
    time.sleep(0.25)
    assert whole(files, copy) == [0]


def test_a_clock_that_is_ahead_does_not_keep_a_file_waiting_for_ever(tmp_path: Path) -> None:
    files = FilesAtRest(rest_s=0.1)
    ahead = track(tmp_path / "ahead.mp3")
    os.utime(ahead.path, (time.time() + 3600,) * 2)
    assert whole(files, ahead) == []
    time.sleep(0.15)
    assert whole(files, ahead) == [0]


def test_a_file_that_went_away_is_not_waited_for(tmp_path: Path) -> None:
    files = FilesAtRest()
    assert whole(files, track(tmp_path / "new.mp3")) == []
    assert whole(files) == []
    assert not files.is_waiting


def test_changes_are_seen_but_for_those_of_the_output_folder(tmp_path: Path) -> None:
    stop = threading.Event()
    (tmp_path / "out").mkdir()
    changes = watch([tmp_path], leave_out=tmp_path / "out", stop=stop)
    assert next(changes) == set(), "the watch has begun"
    (tmp_path / "out" / "report.json").write_bytes(b"x")
    (tmp_path / "new.mp3").write_bytes(b"x")
    assert next(filter(None, changes)) == {str(tmp_path / "new.mp3")}
    stop.set()
    assert set(itertools.chain.from_iterable(changes)) == set()


def test_a_folder_that_goes_away_ends_the_watch(tmp_path: Path) -> None:
    folder = tmp_path / "music"
    folder.mkdir()
    changes = watch([folder], leave_out=None, stop=threading.Event())
    next(changes)
    folder.rmdir()
    with pytest.raises(WatchError, match="is gone"):
        list(changes)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("music", "--watch"), "--output-dir"),
        (("music/CD 0/0.wav", "--watch", "--output-dir", "results"), "folders"),
        (("music", "--watch", "--write-tags", "--dry-run", "--output-dir", "results"), "give one of them"),
    ],
)
def test_a_watch_needs_folders(
    run: Callable[..., Result], music: Path, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...], said: str
) -> None:
    monkeypatch.chdir(music.parent)
    outcome = run(*arguments)
    assert outcome.exit_code == 2
    assert said in outcome.stderr


def wait_for(folder: Path, *names: str) -> None:
    """Wait until the summary lists just these tracks."""
    deadline = time.monotonic() + PATIENCE_S
    while not (folder / "summary.csv").exists() or statuses(folder).keys() != set(names):
        assert time.monotonic() < deadline, "the program does not get on"
        time.sleep(0.05)


def test_files_come_change_move_and_go(tmp_path: Path) -> None:
    music, folder = tmp_path / "music", tmp_path / "music" / "results"
    music.mkdir()
    sounds = [write_wav(tmp_path / f"{i}.wav", tone(3, RATE_HZ, amplitude=0.3 + 0.1 * i), RATE_HZ) for i in range(4)]
    shutil.copy(sounds[0], music / "first.wav")
    arguments = (music, "--output-dir", folder, "--watch")
    with Program(tmp_path, 1000, *arguments) as program:
        wait_for(folder, "first.wav")
        content = sounds[1].read_bytes()
        with (music / "slow.wav").open("wb") as copy:
            for start in range(0, len(content), len(content) // 4):
                copy.write(content[start : start + len(content) // 4])
                copy.flush()
                time.sleep(0.7)
        (music / "album").mkdir()
        shutil.copy(sounds[2], music / "album" / "new.wav")
        wait_for(folder, "first.wav", "slow.wav", "album/new.wav")
        (music / "album").rename(music / "renamed")
        (music / "first.wav").unlink()
        wait_for(folder, "slow.wav", "renamed/new.wav")
        shutil.copy(sounds[3], music / "slow.wav")
        journal = folder / JOURNAL_NAME
        deadline = time.monotonic() + PATIENCE_S
        while journal.read_bytes().count(b'"track":"slow.wav"') < 2 and time.monotonic() < deadline:
            time.sleep(0.05)
        wait_for(folder, "slow.wav", "renamed/new.wav")
        program.process.send_signal(signal.SIGINT)
        _, log = program.process.communicate(timeout=PATIENCE_S)
    assert program.process.returncode == 0, log
    assert "2 tracks in " in log
    assert "error" not in log
    assert "gone: the summary names them no more" in log
    assert journal.read_bytes().count(b'"track":"slow.wav"') == 2, "it was not read while it was being written"
    n_scored = program.n_scored
    shutil.copy(sounds[0], music / "while away.wav")
    with Program(tmp_path, 1001, *arguments) as program:
        wait_for(folder, "slow.wav", "renamed/new.wav", "while away.wav")
        program.process.send_signal(signal.SIGKILL)
    assert program.n_scored == 3 < n_scored, "what was done before is kept"

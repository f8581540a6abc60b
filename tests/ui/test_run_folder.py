"""A run's folder is private, goes with its process, and the next run removes what a killed one left."""

import stat
import subprocess
import sys
from pathlib import Path

import pytest

from genre_app.ui.run_folder import RunFolder
from tests.paths import ROOT

#: Makes a folder, says where, and waits to be killed.
_RUN = """
import sys, time
from pathlib import Path
from genre_app.ui.run_folder import RunFolder
run = RunFolder(Path(sys.argv[1]))
(run.uploads / "song.mp3").write_bytes(b"sound")
print(run.path, flush=True)
time.sleep(600)
"""


def start(parent: Path) -> "tuple[subprocess.Popen[str], Path]":
    process = subprocess.Popen([sys.executable, "-c", _RUN, str(parent)], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert process.stdout
    return process, Path(process.stdout.readline().strip())


def test_only_its_user_may_enter_it(tmp_path: Path) -> None:
    run = RunFolder(tmp_path)
    assert stat.S_IMODE(run.path.stat().st_mode) == 0o700
    run.remove()
    assert list(tmp_path.iterdir()) == []
    run.remove()


def test_a_parent_that_is_missing_is_not_made(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        RunFolder(tmp_path / "missing")
    assert list(tmp_path.iterdir()) == []


def test_what_a_killed_run_left_goes_and_a_living_one_stays(tmp_path: Path) -> None:
    (tmp_path / "genre-app-of-somebody-else").mkdir()
    (killed, dead), (living, alive) = start(tmp_path), start(tmp_path)
    with killed, living:
        try:
            killed.kill()
            killed.wait()
            assert (dead / "uploads" / "song.mp3").exists()
            run = RunFolder(tmp_path)
            assert not dead.exists()
            assert (alive / "uploads" / "song.mp3").exists()
        finally:
            living.kill()
    RunFolder(tmp_path).remove()
    run.remove()
    assert [path.name for path in tmp_path.iterdir()] == ["genre-app-of-somebody-else"]

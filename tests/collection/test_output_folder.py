"""One output folder and several runs: nothing that one has done is lost by the next."""

from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result
from filelock import FileLock

from genre_app.collection.journal import JOURNAL_NAME
from tests.collection.program import files_in, statuses
from tests.fakes import FakeBackend

Run = Callable[..., Result]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "results"


@pytest.fixture
def unfinished(run: Run, music: Path, folder: Path) -> bytes:
    """Leave the folder as a run does that was killed after nine tracks; return its journal."""
    assert run(music, "--output-dir", folder).exit_code == 0
    journal = b"".join((folder / JOURNAL_NAME).read_bytes().splitlines(keepends=True)[:9])
    (folder / JOURNAL_NAME).write_bytes(journal)
    return journal


def test_a_run_leaves_its_lock_behind_nowhere(run: Run, music: Path, folder: Path) -> None:
    run(music, "--output-dir", folder)
    assert {name for name in files_in(folder) if Path(name).name.startswith(".")} == {JOURNAL_NAME}


def test_a_second_run_keeps_out_of_the_folder_of_the_first(run: Run, music: Path, folder: Path) -> None:
    folder.mkdir()
    (folder / ".genre-app-1.part.json").write_text("{")  # the first one is writing it
    with FileLock(folder / ".genre-app.lock"):
        outcome = run(music, "--output-dir", folder)
    assert outcome.exit_code == 2
    assert f"Another command is at work in the folder {folder}" in outcome.stderr
    assert files_in(folder).keys() == {".genre-app-1.part.json", ".genre-app.lock"}
    assert run(music, "--output-dir", folder).exit_code == 0


def test_an_unfinished_run_is_not_begun_anew_by_accident(
    run: Run, music: Path, folder: Path, unfinished: bytes, backend: FakeBackend
) -> None:
    n_patches = backend.n_patches
    before = files_in(folder)
    outcome = run(music, "--output-dir", folder)
    assert outcome.exit_code == 2
    assert "holds an unfinished run (tracks done: 9)" in outcome.stderr
    assert f"--resume {music} --output-dir {folder}" in outcome.stderr
    assert f"--restart {music} --output-dir {folder}" in outcome.stderr
    assert (backend.n_patches, files_in(folder)) == (n_patches, before)


@pytest.mark.parametrize(("option", "n_done"), [("--resume", 3), ("--restart", 12)])
def test_an_unfinished_run_is_resumed_or_restarted(
    run: Run, music: Path, folder: Path, unfinished: bytes, backend: FakeBackend, option: str, n_done: int
) -> None:
    n_patches = backend.n_patches
    assert run(option, music, "--output-dir", folder).exit_code == 0
    assert backend.n_patches - n_patches == 3 * n_done
    assert len(statuses(folder)) == 12
    assert (folder / JOURNAL_NAME).read_bytes().startswith(unfinished)
    assert run(music, "--output-dir", folder).exit_code == 0, "it has come to its end"


def test_resume_and_restart_exclude_each_other(run: Run, music: Path, folder: Path) -> None:
    outcome = run(music, "--output-dir", folder, "--resume", "--restart")
    assert outcome.exit_code == 2
    assert "give one of them" in outcome.stderr


def test_the_order_of_formats_makes_no_other_run(run: Run, music: Path, folder: Path, backend: FakeBackend) -> None:
    run(music, "--output-dir", folder, "--formats", "json,csv")
    run(music, "--output-dir", folder, "--formats", "csv,json", "--resume")
    assert backend.n_patches == 36


def test_an_overview_that_was_not_written_is_not_announced(run: Run, music: Path, folder: Path) -> None:
    assert f"Overview: {folder}/overview.html" in run(music, "--output-dir", folder).stderr
    (folder / "overview.html").unlink()
    (folder / "overview.html").mkdir()
    outcome = run(music, "--output-dir", folder)
    assert outcome.exit_code == 1
    assert "overview.html cannot be written" in outcome.stderr
    assert "Overview:" not in outcome.stderr


def test_a_command_that_goes_on_can_be_typed_whatever_the_names(run: Run, music: Path, tmp_path: Path) -> None:
    folder = tmp_path / "it's\x1b[31m caf\udce9"
    try:
        run(music, "--output-dir", folder)
    except OSError:
        pytest.skip("this file system takes only Unicode")
    with (folder / JOURNAL_NAME).open("r+b") as journal:
        journal.truncate(3000)
    said = run(music, "--output-dir", folder).stderr
    assert r"--output-dir $'" in said
    assert r"it\x27s\x1b[31m caf\xe9'" in said
    assert "\x1b" not in said


def test_no_name_reaches_the_terminal_as_a_command(run: Run, tmp_path: Path) -> None:
    (tmp_path / "music").mkdir()
    for name in ("red\x1b[31m.mp3", "title\x1b]0;x\x07.mp3", "c1\x9b31m.mp3", "\u202egnp.mp3", "line\nerror: x.mp3"):
        (tmp_path / "music" / name).write_bytes(b"")
    for arguments in ((), ("--output-dir", tmp_path / "results"), ("--json",)):
        said = run(tmp_path / "music", *arguments).output
        assert not set(said) & {"\x1b", "\x07", "\x9b", "\u202e"}
        assert [line for line in said.splitlines() if line.startswith("error: x")] == []
    assert len(statuses(tmp_path / "results")) == 5


def test_a_scan_says_what_it_left_out(run: Run, music: Path) -> None:
    (music / "cover.jpg").touch()
    (music / "bought.m4p").touch()
    assert "Left out: 1 .m4p (protected), 1 picture." in run(music).stderr
    assert "Left out" not in run(music / "CD 0").stderr
    assert "Left out" not in run(music, "--quiet").stderr

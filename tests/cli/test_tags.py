"""``genre tags undo``: what it refuses; that it brings files back is shown by the runs that tag them."""

import errno
from pathlib import Path
from unittest import mock

import pytest
from click.testing import CliRunner
from filelock import FileLock

from genre_app.cli.tags import tags
from genre_app.collection.folder_lock import LOCK_NAME
from genre_app.collection.tagging.undo import UNDO_NAME, Change, UndoJournal


def test_there_must_be_something_to_undo(tmp_path: Path) -> None:
    outcome = CliRunner().invoke(tags, ["undo", str(tmp_path)])
    assert outcome.exit_code == 2
    assert f"it holds no {UNDO_NAME}" in outcome.stderr


def test_nothing_is_undone_in_the_folder_of_a_run_that_goes_on(tmp_path: Path) -> None:
    (tmp_path / UNDO_NAME).touch()
    with FileLock(tmp_path / LOCK_NAME):
        outcome = CliRunner().invoke(tags, ["undo", str(tmp_path)])
    assert (outcome.exit_code, outcome.stdout) == (2, "")
    assert f"Another command is at work in the folder {tmp_path}" in outcome.stderr
    outcome = CliRunner().invoke(tags, ["undo", str(tmp_path / UNDO_NAME)])
    assert (outcome.exit_code, outcome.stderr) == (0, "There was nothing to undo.\n")
    assert [file.name for file in tmp_path.iterdir()] == [UNDO_NAME]


def test_a_journal_where_nothing_can_be_written_is_followed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / UNDO_NAME).touch()
    refused = mock.Mock(side_effect=PermissionError(errno.EACCES, "Permission denied"))
    monkeypatch.setattr(FileLock, "acquire", refused)
    outcome = CliRunner().invoke(tags, ["undo", str(tmp_path)])
    assert (outcome.exit_code, outcome.stderr) == (0, "There was nothing to undo.\n")


def test_a_file_that_was_renamed_is_named_with_what_to_do(tmp_path: Path) -> None:
    track, changed = tmp_path / "old\n.mp3", tmp_path / "changed"
    track.write_bytes(b"before")
    changed.write_bytes(b"after")
    UndoJournal(tmp_path / UNDO_NAME).add(Change.between(track, changed))
    changed.rename(tmp_path / "new.mp3")
    track.unlink()
    outcome = CliRunner().invoke(tags, ["undo", str(tmp_path)])
    assert (outcome.exit_code, outcome.stderr.splitlines()) == (
        1,
        [
            f"error: {tmp_path}/old\N{REPLACEMENT CHARACTER}.mp3 is no longer there under the name that was tagged. "
            "It is called new.mp3 now.",
            "1 no longer there.",
            "If a file was renamed or moved, give it the name above again, and repeat this command.",
        ],
    )

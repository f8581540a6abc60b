"""Files that are whole or not there."""

from pathlib import Path
from unittest.mock import Mock

import pytest

from genre_app.report.atomic_files import write_atomically


def test_a_share_that_refuses_to_change_rights_gets_its_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Path, "chmod", Mock(side_effect=PermissionError(1, "Operation not permitted")))
    write_atomically(tmp_path / "song.json", "{}")
    assert [(file.name, file.read_text()) for file in tmp_path.iterdir()] == [("song.json", "{}")]


def test_a_full_disk_leaves_the_old_file_and_nothing_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_atomically(tmp_path / "song.json", "old")
    monkeypatch.setattr(Path, "write_bytes", Mock(side_effect=OSError(28, "No space left on device")))
    with pytest.raises(OSError, match="No space"):
        write_atomically(tmp_path / "song.json", "new")
    assert [(file.name, file.read_text()) for file in tmp_path.iterdir()] == [("song.json", "old")]

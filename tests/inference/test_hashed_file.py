"""A hash holds as long as its file's content does."""

import hashlib
import os
from pathlib import Path

import pytest

from genre_app.errors import EmptyFileError, FileChangedError, UnreadableFileError
from genre_app.inference.hashed_file import HashedFile


@pytest.fixture
def file(tmp_path: Path) -> HashedFile:
    (tmp_path / "song.mp3").write_bytes(b"sound")
    return HashedFile.of(tmp_path / "song.mp3")


def test_an_unchanged_file_holds(file: HashedFile) -> None:
    assert file.audio_sha256 == hashlib.sha256(b"sound").hexdigest()
    file.check()


@pytest.mark.parametrize("content", [b"other", b"sound and more", b""])
def test_another_content_does_not(file: HashedFile, content: bytes) -> None:
    file.path.write_bytes(content)
    os.utime(file.path, ns=(1, 1))  # a clock may be coarse
    with pytest.raises(FileChangedError):
        file.check()


def test_a_file_that_is_gone_does_not(file: HashedFile) -> None:
    file.path.unlink()
    with pytest.raises(FileChangedError):
        file.check()


def test_the_same_upload_in_its_place_does(file: HashedFile) -> None:
    again = file.path.with_name("again.mp3")
    again.write_bytes(b"sound")
    again.replace(file.path)
    file.check()


def test_what_cannot_be_hashed_says_why(tmp_path: Path) -> None:
    (tmp_path / "empty.mp3").touch()
    with pytest.raises(EmptyFileError):
        HashedFile.of(tmp_path / "empty.mp3")
    for name in ("missing.mp3", "\0"):
        with pytest.raises(UnreadableFileError):
            HashedFile.of(tmp_path / name)

"""What FFmpeg reads of a file: a stretch, corrected, and never an exception."""

import os
from io import BytesIO

import pytest

from genre_app.audio.layout.part import Part
from genre_app.audio.local_file import FileView

CONTENT = bytes(range(100))


def view_of(part: Part) -> FileView:
    return FileView(BytesIO(CONTENT), part)


def test_a_part_reads_as_a_file() -> None:
    view = view_of(Part(10, 20))
    assert (view.read(4), view.tell()) == (CONTENT[10:14], 4)
    assert view.read(100) == CONTENT[14:20]
    assert view.read(1) == b""
    assert view.seek(0, os.SEEK_END) == 10
    assert view.seek(-3, os.SEEK_CUR) == 7
    assert view.read(2) == CONTENT[17:19]
    assert view.seek(0) == 0


@pytest.mark.parametrize(("offset", "whence"), [(-1, os.SEEK_SET), (-11, os.SEEK_END), (-1, os.SEEK_CUR), (0, 65_536)])
def test_an_impossible_place_is_an_error_number(offset: int, whence: int) -> None:
    view = view_of(Part(10, 20))
    assert view.seek(offset, whence) < 0
    assert view.tell() == 0


def test_behind_the_end_there_is_nothing() -> None:
    view = view_of(Part(10, 20))
    assert view.seek(2**63) == 2**63
    assert view.read(10) == b""


@pytest.mark.parametrize("size", [1, 2, 3, 7, 50])
def test_corrections_show_however_they_are_read(size: int) -> None:
    view = view_of(Part(10, 30, ((12, b"abcd"), (29, b"e"))))
    read = b"".join(iter(lambda: view.read(size), b""))
    assert read == CONTENT[10:12] + b"abcd" + CONTENT[16:29] + b"e"


def test_a_disk_that_fails_is_remembered() -> None:
    class FailingDisk(BytesIO):
        def read(self, n_bytes: int | None = -1) -> bytes:
            raise OSError(5, "Input/output error")

    view = FileView(FailingDisk(CONTENT), Part(0, 100))
    assert view.read(10) == b""
    assert isinstance(view.disk_error, OSError)

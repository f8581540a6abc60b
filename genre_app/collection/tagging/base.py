"""What every family of files can do with its tags, and the reading and writing that they share."""

import errno
import io
import os
from abc import ABC, abstractmethod
from collections.abc import Iterable
from pathlib import Path
from typing import Any, BinaryIO, Final

from genre_app.collection.tagging.fields import Values


class TaggedFile(ABC):
    """The tags of a file; the file itself is only read.

    Attributes
    ----------
    values : mapping of str to tuple of str
        What the file says, for each of `FIELDS`.
    remarks : list of str
        Sentences on what its tags cannot say, known after `write`.
    """

    values: Values

    def __init__(self) -> None:
        self.remarks: list[str] = []

    @abstractmethod
    def write(self, target: Path, values: Values) -> None:
        """Write a copy of the file with other values of these fields; everything else in it stays.

        Parameters
        ----------
        target : Path
            An existing file that is overwritten.
        values : mapping of str to tuple of str
            Fields that are left out stay as they are.
        """


_BLOCK_BYTES: Final = 1 << 20


class BoundedReader(io.FileIO):
    """A file of which only so much can be read: what its tags say of their own length may be anything.

    Parameters
    ----------
    path : Path
        The file.
    max_bytes : int
        Reading more raises an `OSError`.
    """

    def __init__(self, path: Path, max_bytes: int) -> None:
        super().__init__(path)
        self._left_bytes = max_bytes

    def readinto(self, buffer: Any, /) -> int | None:
        """Read into a buffer, which a buffered reader does in place of `read`."""
        self._take(len(memoryview(buffer).cast("B")))
        return super().readinto(buffer)

    def readall(self) -> bytes:
        """Read the rest."""
        self._take(os.fstat(self.fileno()).st_size - self.tell())
        return super().readall()

    def _take(self, n_bytes: int) -> None:
        self._left_bytes -= n_bytes
        if self._left_bytes < 0:
            raise OSError(errno.EFBIG, "its tags are too large")


#: A stretch of the original, as start and stop in bytes, or new content.
Piece = tuple[int, int] | bytes


def write_pieces(source: Path, target: Path, pieces: Iterable[Piece]) -> None:
    """Put a file together from stretches of another one and new content."""
    with source.open("rb") as original, target.open("wb") as file:
        for piece in pieces:
            if isinstance(piece, bytes):
                file.write(piece)
            else:
                _copy(original, file, *piece)


def _copy(original: BinaryIO, file: BinaryIO, start: int, stop: int) -> None:
    original.seek(start)
    while start < stop:
        block = original.read(min(stop - start, _BLOCK_BYTES))
        if not block:
            raise OSError("the file became shorter while it was copied")
        file.write(block)
        start += len(block)

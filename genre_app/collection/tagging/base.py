"""What every family of files can do with its tags."""

from abc import ABC, abstractmethod
from collections.abc import Iterable
from pathlib import Path
from typing import BinaryIO, Final

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

"""A file and the hash of its content, which holds as long as the file does not change."""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from genre_app.audio.local_file import hash_file
from genre_app.errors import AudioError, FileChangedError


@dataclass(frozen=True, slots=True)
class HashedFile:
    """A file as it was when it was hashed.

    Attributes
    ----------
    path : Path
        The file.
    audio_sha256 : str
        Hash of its content, its identity in the cache.
    state : tuple of int
        What the file system said of it before: number, size, and time of the last change.
    """

    path: Path
    audio_sha256: str
    state: tuple[int, int, int]

    @classmethod
    def of(cls, path: Path) -> Self:
        """Hash a file.

        Raises
        ------
        UnreadableFileError, EmptyFileError
            As `genre_app.audio.open_audio`.
        """
        state = _state_of(path)
        return cls(path, hash_file(path), state)

    def check(self) -> None:
        """Make sure that what was read since then has this hash.

        Raises
        ------
        FileChangedError
            The file has changed, or is gone.
        """
        if _state_of(self.path) != self.state and not self._is_the_same():
            raise FileChangedError("The file {name} changed while it was read; please try again once it is complete.")

    def _is_the_same(self) -> bool:
        """Hash the file again: the same upload may have been put in its place."""
        try:
            return hash_file(self.path) == self.audio_sha256
        except AudioError:
            return False


def _state_of(path: Path) -> tuple[int, int, int]:
    try:
        stat = os.stat(path)  # noqa: PTH116  a name with a null byte is a ValueError in both
    except (OSError, ValueError):
        return (0, 0, 0)  # hashing says what is wrong
    return stat.st_ino, stat.st_size, stat.st_mtime_ns

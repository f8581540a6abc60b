"""A local file: opened, hashed, and as FFmpeg reads a part of it."""

import errno
import hashlib
import os
import stat
from io import FileIO
from pathlib import Path
from typing import BinaryIO

from genre_app.audio.layout.part import Part
from genre_app.audio.refusals import disk_failed
from genre_app.errors import EmptyFileError, UnreadableFileError


def open_file(path: str | os.PathLike[str]) -> tuple[FileIO, int]:
    """Open a regular file for unbuffered reading; also return its size in bytes.

    Raises
    ------
    UnreadableFileError
        It is missing, a folder or a device, or may not be read.
    EmptyFileError
        It has zero bytes.
    """
    try:
        status = Path(path).stat()
        if stat.S_ISDIR(status.st_mode):
            raise UnreadableFileError("The folder {name} is not a track; please choose a single audio file.")
        if not stat.S_ISREG(status.st_mode):  # pipes and devices block or never end
            raise UnreadableFileError("The path {name} is not that of an ordinary file; please choose an audio file.")
        if status.st_size == 0:
            raise EmptyFileError("The file {name} is empty; please choose another one.")
        return Path(path).open("rb", buffering=0), status.st_size
    except PermissionError as error:
        raise UnreadableFileError(
            "This app may not read the file {name}; please change its permissions or choose another one."
        ) from error
    except (OSError, ValueError) as error:  # ValueError: a name with a null byte
        raise UnreadableFileError(
            "The file {name} was not found; please check its name or choose another one."
        ) from error


def hash_file(path: Path) -> str:
    """Compute the SHA-256 of a file, its identity in the cache.

    Returns
    -------
    str
        64 hexadecimal digits.

    Raises
    ------
    UnreadableFileError, EmptyFileError
        As `open_file`.
    """
    file, _ = open_file(path)
    with file:
        try:
            return hashlib.file_digest(file, "sha256").hexdigest()
        except OSError as error:
            raise disk_failed() from error


class FileView:
    """A part of a file, from its own start to its own end, with corrections of its header.

    FFmpeg sees no name, which it would use to guess the format. No exception leaves a method: PyAV prints some of those
    to the standard error, and what FFmpeg makes of the others depends on the format.

    Parameters
    ----------
    file : BinaryIO
        The whole file; only this view moves its position while it is in use.
    part : Part
        What to show of it.

    Attributes
    ----------
    disk_error : OSError or None
        Set once the operating system failed to read the file; from then on it ends where that happened.
    """

    def __init__(self, file: BinaryIO, part: Part) -> None:
        self.disk_error: OSError | None = None
        self._file = file
        self._part = part
        self._position = 0

    def read(self, n_bytes: int) -> bytes:
        """Return up to so many bytes; none at the end."""
        start = self._part.start + self._position
        n_bytes = min(n_bytes, self._part.end - start)
        if n_bytes <= 0 or self.disk_error:
            return b""
        try:
            self._file.seek(start)
            content = self._file.read(n_bytes)
        except OSError as error:
            self.disk_error = error
            return b""
        self._position += len(content)
        return self._part.corrected(content, start)

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        """Move, and return the new position, or a negative error number: a damaged file asks for any place."""
        base = {os.SEEK_SET: 0, os.SEEK_CUR: self._position, os.SEEK_END: self._part.n_bytes}.get(whence)
        if base is None or base + offset < 0:
            return -errno.EINVAL
        self._position = base + offset
        return self._position

    def tell(self) -> int:
        """Return the position."""
        return self._position

"""A stretch of a file, as FFmpeg reads it."""

import errno
import os
from typing import BinaryIO

from genre_app.audio.layout.part import Part


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

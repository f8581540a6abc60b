"""A whole decoded track on disk instead of in memory."""

import contextlib
import os
import tempfile
from collections.abc import Iterator
from types import TracebackType
from typing import Final, Self

import numpy as np
from numpy.typing import NDArray

from genre_app.errors import NoSpaceError, is_full

_SAMPLE_BYTES: Final = np.dtype(np.float32).itemsize


class DiskBuffer:
    """Decoded audio in a temporary file, which is deleted on closing.

    Two hours at 16 kHz are 460 MB: too much for memory that many visitors share. Where the disk is full, making it and
    writing to it raise `NoSpaceError`.

    Attributes
    ----------
    n_samples : int
        Samples written so far.
    """

    def __init__(self) -> None:
        with _full_disk_in_words():
            # Unbuffered: what does not fit is noticed where it is written.
            self._file = tempfile.TemporaryFile(prefix="genre-app-", buffering=0)  # noqa: SIM115 - closed by __exit__
        self.n_samples = 0

    def write(self, block: NDArray[np.float32]) -> None:
        """Append mono audio of shape (n,)."""
        rest = memoryview(np.ascontiguousarray(block, np.float32).tobytes())
        self._file.seek(0, os.SEEK_END)
        with _full_disk_in_words():
            while rest:
                rest = rest[self._file.write(rest) :]
        self.n_samples += len(block)

    def read(self, start: int, n_samples: int) -> NDArray[np.float32]:
        """Return ``n_samples`` samples from index ``start`` on; fewer at the end of the track."""
        self._file.seek(start * _SAMPLE_BYTES)
        return np.frombuffer(self._file.read(n_samples * _SAMPLE_BYTES), np.float32)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()


@contextlib.contextmanager
def _full_disk_in_words() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if not is_full(error):
            raise
        raise NoSpaceError from error

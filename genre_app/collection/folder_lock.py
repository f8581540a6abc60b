"""The lock of an output folder: one process at a time writes into it, and what it did is undone by none meanwhile."""

import contextlib
from pathlib import Path
from typing import Final

from filelock import FileLock, Timeout

from genre_app.errors import FolderBusyError, OutputError
from genre_app.formatting import printable

LOCK_NAME: Final = ".genre-app.lock"


class FolderLock:
    """Holds the lock of an output folder until it is closed; the operating system drops that of a process that died.

    Parameters
    ----------
    folder : Path
        An existing folder.

    Raises
    ------
    FolderBusyError
        Another process holds it.
    OutputError
        The folder is not writable.
    """

    def __init__(self, folder: Path) -> None:
        self._lock = FileLock(folder / LOCK_NAME)
        name = printable(str(folder))
        try:
            self._lock.acquire(blocking=False)
        except Timeout as error:
            raise FolderBusyError(f"Another command is at work in the folder {name}; wait until it is done.") from error
        except OSError as error:
            raise OutputError(f"The folder {name} cannot be written to: {error.strerror}.") from error

    def close(self) -> None:
        """Let others write into the folder."""
        with contextlib.suppress(OSError):  # Windows keeps it while it is open
            Path(self._lock.lock_file).unlink()
        self._lock.release()

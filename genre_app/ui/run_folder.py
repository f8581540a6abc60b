"""The temporary files of one run of the app, in one folder, which the next run removes if this one was killed."""

import secrets
import shutil
from contextlib import suppress
from pathlib import Path
from typing import Final

from filelock import FileLock, Timeout

_PREFIX: Final = "genre-app-"
_LOCK: Final = ".lock"


class RunFolder:
    """A private folder that is locked while its process lives.

    The lock lies beside the folder and is taken before the folder is made, so a folder without a locked one belongs to
    a process that has died.

    Parameters
    ----------
    parent : Path
        Where it is made; folders of dead processes there are removed.

    Raises
    ------
    OSError
        It cannot be made there.

    Attributes
    ----------
    path : Path
        The folder, which only this user may enter.
    uploads : Path
        What visitors send, and Gradio's copies of what they get.
    downloads : Path
        What is made for visitors; inside of the uploads, for Gradio serves copies of what is elsewhere.
    """

    def __init__(self, parent: Path) -> None:
        parent.stat()  # filelock would make a folder that is missing
        self.path = parent / f"{_PREFIX}{secrets.token_hex(8)}"
        self._lock = FileLock(f"{self.path}{_LOCK}")
        self._lock.acquire(blocking=False)
        self.path.mkdir(mode=0o700)
        self.uploads, self.downloads = self.path / "uploads", self.path / "uploads" / "downloads"
        self.downloads.mkdir(parents=True)
        _remove_dead(parent)

    def remove(self) -> None:
        """Remove the folder and all that is in it; a second call does nothing."""
        shutil.rmtree(self.path, ignore_errors=True)
        self._lock.release()
        Path(f"{self.path}{_LOCK}").unlink(missing_ok=True)


def _remove_dead(parent: Path) -> None:
    """Remove the folders of processes that have died; those of others, and what cannot be removed, stay."""
    for folder in parent.glob(f"{_PREFIX}*/"):
        lock = Path(f"{folder}{_LOCK}")
        # Without a lock file the folder is something else's; OSError: another user's.
        with suppress(Timeout, OSError):
            if lock.exists() and not folder.is_symlink():
                with FileLock(lock, blocking=False):
                    shutil.rmtree(folder, ignore_errors=True)
                    lock.unlink()

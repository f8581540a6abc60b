"""Writing files atomically."""

import contextlib
import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final

#: Names of unfinished files: hidden, and recognisably ours.
_PREFIX: Final = ".genre-app-"
_PART: Final = ".part"


@contextlib.contextmanager
def temporary_beside(path: Path, *, like: Path | None = None) -> Iterator[Path]:
    """Provide a temporary file that replaces `path` on success and is deleted on failure.

    Parameters
    ----------
    path : Path
        The final path; its folder exists.
    like : Path, optional
        A file whose owner, rights, times and extended attributes it gets. It is then on the disk, not only in the
        system's memory, before it takes the place of `path`: a loss of power leaves one of the two files whole.

    Yields
    ------
    Path
        An empty file in the same folder, with the same extension.
    """
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=_PREFIX, suffix=f"{_PART}{path.suffix}")
    os.close(handle)
    temporary = Path(name)
    try:
        yield temporary
        if like is None:
            with contextlib.suppress(OSError):  # a network share has its own idea of rights: the file counts
                temporary.chmod(0o644)
        else:
            _make_alike(temporary, like)
            _sync(temporary)
        temporary.replace(path)
        if like is not None:
            _sync(path.parent)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def _make_alike(path: Path, like: Path) -> None:
    status = like.stat()
    with contextlib.suppress(OSError, AttributeError):  # only the system's administrator gives files away
        os.chown(path, status.st_uid, status.st_gid)
    shutil.copystat(like, path)


def _sync(path: Path) -> None:
    """Wait until a file, or the names in a folder, are on the disk."""
    try:  # Windows opens no folders
        handle = os.open(path, os.O_RDONLY if path.is_dir() else os.O_RDWR)
    except OSError:
        return
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def write_atomically(path: Path, content: str | bytes) -> None:
    """Write a file atomically; text as UTF-8.

    Raises
    ------
    OSError
        The folder does not exist or is not writable.
    """
    with temporary_beside(path) as temporary:
        temporary.write_bytes(content.encode("utf-8") if isinstance(content, str) else content)


def sweep_partial(folder: Path, *, min_age_s: float = 0.0, is_deep: bool = True) -> None:
    """Remove unfinished files of a killed run.

    Parameters
    ----------
    folder : Path
        Where they are.
    min_age_s : float
        Younger ones stay: in a folder that others write into, they may be in use.
    is_deep : bool
        Whether subfolders are searched too.
    """
    pattern = f"{_PREFIX}*{_PART}*"
    for rest in folder.rglob(pattern) if is_deep else folder.glob(pattern):
        with contextlib.suppress(OSError):
            if time.time() - rest.stat().st_mtime >= min_age_s:
                rest.unlink()

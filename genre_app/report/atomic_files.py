"""Writing files atomically."""

import contextlib
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Final

#: Names of unfinished files: hidden, and recognisably ours.
_PREFIX: Final = ".genre-app-"
_PART: Final = ".part"


@contextlib.contextmanager
def temporary_beside(path: Path) -> Iterator[Path]:
    """Provide a temporary file that replaces `path` on success and is deleted on failure.

    Parameters
    ----------
    path : Path
        The final path; its folder exists.

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
        with contextlib.suppress(OSError):  # a network share has its own idea of rights: the file counts
            temporary.chmod(0o644)
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def write_atomically(path: Path, content: str | bytes) -> None:
    """Write a file atomically; text as UTF-8.

    Raises
    ------
    OSError
        The folder does not exist or is not writable.
    """
    with temporary_beside(path) as temporary:
        temporary.write_bytes(content.encode("utf-8") if isinstance(content, str) else content)


def sweep_partial(folder: Path) -> None:
    """Remove unfinished files of a killed run from a folder and its subfolders."""
    for rest in folder.rglob(f"{_PREFIX}*{_PART}*"):
        with contextlib.suppress(OSError):
            rest.unlink()

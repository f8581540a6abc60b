"""Files that are there as a whole or not at all."""

import contextlib
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Final

#: What is being written carries such a name: hidden, and told apart from everybody else's files.
_PREFIX: Final = ".genre-app-"
_PART: Final = ".part"


@contextlib.contextmanager
def temporary_beside(path: Path) -> Iterator[Path]:
    """Give a file to write to, which takes `path`'s place at the end, or vanishes where writing fails.

    Parameters
    ----------
    path : Path
        Where the content belongs; its folder exists.

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
        temporary.chmod(0o644)
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def write_atomically(path: Path, content: str | bytes) -> None:
    """Write a file so that a reader, or a crash, sees all of it or nothing; text as UTF-8.

    Raises
    ------
    OSError
        The folder does not exist or may not be written to.
    """
    with temporary_beside(path) as temporary:
        temporary.write_bytes(content.encode("utf-8") if isinstance(content, str) else content)


def sweep_partial(folder: Path) -> None:
    """Remove what a killed run left half-written in a folder and below."""
    for rest in folder.rglob(f"{_PREFIX}*{_PART}*"):
        with contextlib.suppress(OSError):
            rest.unlink()

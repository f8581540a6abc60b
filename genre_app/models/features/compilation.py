"""One process at a time compiles librosa's functions for the first time.

numba keeps what it compiled in files. Two processes that fill them at the same moment leave files that make every later
process crash (numba 0.68: about every second time that two begin within two seconds).
"""

import atexit
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

import librosa
import platformdirs
from filelock import FileLock, Timeout
from numba import config

#: Compiling takes half a minute on a slow machine; a process that is stuck must not stop all others.
_LONGEST_S: Final = 120.0
_NAME: Final = "genre-app-compiles.lock"


@contextmanager
def alone_on_this_machine() -> Iterator[None]:
    """Wait until no other process that shares numba's files is in such a context; without a place to lock, go on."""
    _provide_a_place()
    lock: FileLock | None = None
    with suppress(OSError, NotImplementedError, Timeout):
        lock = FileLock(_folder() / _NAME)
        lock.acquire(timeout=_LONGEST_S)
    try:
        yield
    finally:
        if lock:
            lock.release()


def _provide_a_place() -> None:
    """Name a temporary folder for numba's files where it may write to none: without one it refuses to compile."""
    if any(_is_writable(place) for place in _places()):
        return
    folder = tempfile.mkdtemp(prefix="genre-app-numba-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    config.CACHE_DIR = folder


def _folder() -> Path:
    """Return a folder that is common to all processes that share numba's files."""
    return next(filter(_is_writable, _places()), Path(tempfile.gettempdir()))


def _places() -> tuple[Path, ...]:
    """Return where numba keeps its files, in the order in which it tries."""
    if config.CACHE_DIR:
        return (Path(config.CACHE_DIR),)
    return Path(librosa.__file__).parent, platformdirs.user_cache_path()


def _is_writable(folder: Path) -> bool:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        tempfile.TemporaryFile(dir=folder).close()
    except OSError:
        return False
    return True

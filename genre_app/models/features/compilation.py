"""One process at a time compiles librosa's functions for the first time.

numba keeps what it compiled in files. Two processes that fill them at the same moment leave files that make every later
process crash (numba 0.68: about every second time that two begin within two seconds).
"""

import os
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
    lock: FileLock | None = None
    with suppress(OSError, NotImplementedError, Timeout):
        lock = FileLock(_folder() / _NAME)
        lock.acquire(timeout=_LONGEST_S)
    try:
        yield
    finally:
        if lock:
            lock.release()


def _folder() -> Path:
    """Return a folder that is common to all processes that share numba's files."""
    if config.CACHE_DIR:
        return Path(config.CACHE_DIR)
    beside_librosa = Path(librosa.__file__).parent  # where numba writes if it may
    return beside_librosa if os.access(beside_librosa, os.W_OK) else platformdirs.user_cache_path(ensure_exists=True)

"""What visits take on the disk: uploads and downloads, which go when their visitors go."""

import hashlib
import logging
import os
import secrets
import shutil
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from genre_app.errors import StorageLimitError
from genre_app.ui.run_folder import RunFolder

_log = logging.getLogger(__name__)

#: A visitor whose connection broke may come back for so long; then everything of the visit is removed.
GRACE_S: Final = 30.0
#: Files that nobody holds are removed from this age on: uploads that broke off, and copies of what was downloaded.
ORPHAN_S: Final = 180.0
#: A page that nobody has used for so long holds nothing any more.
LONGEST_S: Final = 86_400.0
_SWEEP_S: Final = 10.0


@dataclass(slots=True)
class _Visit:
    """The files that a visit holds, by what they are for, and when something was last held, and the visitor left."""

    held: dict[str, Path] = field(default_factory=dict)
    sizes: dict[str, int] = field(default_factory=dict)
    used_s: float = 0.0
    left_s: float = float("inf")

    def is_over(self, now_s: float) -> bool:
        return now_s - self.left_s >= GRACE_S or now_s - self.used_s >= LONGEST_S


class Visits:
    """Owner of the files of all visits.

    Parameters
    ----------
    run : RunFolder
        Where they lie.
    max_visit_mb, max_uploads_mb : float
        Uploads that one visit, and all together, may hold, in megabytes.
    clock : callable, optional
        Returns seconds since the epoch, as the ages of files count.
    """

    def __init__(
        self,
        run: RunFolder,
        *,
        max_visit_mb: float,
        max_uploads_mb: float,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._run = run
        self._max_visit_mb = max_visit_mb
        self._max_uploads_mb = max_uploads_mb
        self._clock = clock
        self._visits: dict[str, _Visit] = {}
        self._lock = threading.Lock()
        self._on_gone: Callable[[list[str]], None] = lambda _: None

    @property
    def uploads(self) -> Path:
        """Folder of what visitors send."""
        return self._run.uploads

    @property
    def examples(self) -> Path:
        """Folder of the example recordings, which are nobody's."""
        return self._run.path / "examples"

    def start(self, on_gone: Callable[[list[str]], None]) -> None:
        """Sweep from now on, in the background, until the process ends; ``on_gone`` gets the sessions that are over."""
        self._on_gone = on_gone
        threading.Thread(target=self._run_sweeps, name="sweep", daemon=True).start()

    def hold(self, session: str | None, purpose: str, path: Path) -> None:
        """Keep an uploaded file while the visit lasts, in place of the one held before for the same purpose.

        A file elsewhere, such as an example, needs nobody to hold it.

        Raises
        ------
        StorageLimitError
            The visit would hold more than it may; nothing changes.
        """
        if not session or not path.is_relative_to(self._run.uploads):
            return
        size = _size(path)
        with self._lock:
            visit = self._visits.setdefault(session, _Visit())
            visit.used_s, visit.left_s = self._clock(), float("inf")
            others = sum(each for key, each in visit.sizes.items() if key != purpose)
            if others + size > self._max_visit_mb * 1e6:
                raise self._too_much()
            visit.held[purpose], visit.sizes[purpose] = path, size

    @contextmanager
    def holding(self, path: Path) -> Iterator[None]:
        """Keep an uploaded file for one call of the API."""
        call = secrets.token_hex(8)
        self.hold(call, "call", path)
        try:
            yield
        finally:
            with self._lock:
                self._visits.pop(call, None)

    def check_room(self, session: str | None, n_bytes: int) -> None:
        """Refuse files that a visitor is about to send and that are more than the visit may hold.

        Raises
        ------
        StorageLimitError
            There is no room for so many bytes.
        """
        with self._lock:
            visit = self._visits.get(session or "", _Visit())
            if sum(visit.sizes.values()) + n_bytes > self._max_visit_mb * 1e6:
                raise self._too_much()

    def has_room(self, n_bytes: int) -> bool:
        """Return whether so many bytes more may be uploaded, by all visitors together, and leave the disk some room."""
        n_kept = sum(map(_size, _files_in(self._run.uploads)))
        try:
            n_free = shutil.disk_usage(self._run.uploads).free
        except OSError:
            return False
        return n_kept + n_bytes <= self._max_uploads_mb * 1e6 and 2 * n_bytes <= n_free

    def release(self, session: str | None, purpose: str) -> None:
        """Let go of the files held for a purpose, or for one that begins so and a colon: ``many`` for ``many:7``."""
        with self._lock:
            visit = self._visits.get(session or "")
            if visit is None:
                return
            for key in [key for key in visit.held if key == purpose or key.startswith(f"{purpose}:")]:
                del visit.held[key], visit.sizes[key]

    def leave(self, session: str | None) -> None:
        """Note that a visitor has left: downloads go now, and without a sign of life the rest goes after `GRACE_S`."""
        shutil.rmtree(self.downloads_of(session), ignore_errors=True)
        if session:
            with self._lock:
                visit = self._visits.setdefault(session, _Visit())
                visit.used_s = visit.left_s = self._clock()

    def downloads_of(self, session: str | None) -> Path:
        """Return the path of a visit's folder for downloads, which may not exist yet.

        Its name does not reveal the session.
        """
        return self._run.downloads / hashlib.sha256((session or "").encode()).hexdigest()

    def sweep(self) -> None:
        """Remove what belongs to visitors who are gone, and uploads that nobody holds any more."""
        now_s = self._clock()
        with self._lock:
            gone = [session for session, visit in self._visits.items() if visit.is_over(now_s)]
            freed = {path for session in gone for path in self._visits.pop(session).held.values()}
            held = {path for visit in self._visits.values() for path in visit.held.values()}
        for session in gone:
            shutil.rmtree(self.downloads_of(session), ignore_errors=True)
        if gone:
            self._on_gone(gone)
        for path in _files_in(self._run.uploads):
            if path not in held and (path in freed or now_s - _born_s(path) >= ORPHAN_S):
                path.unlink(missing_ok=True)
        for folder in self._run.uploads.iterdir():
            if folder.is_dir() and now_s - _born_s(folder) >= ORPHAN_S:
                with suppress(OSError):  # not empty
                    folder.rmdir()

    def _run_sweeps(self) -> None:
        while True:
            time.sleep(_SWEEP_S)
            try:
                self.sweep()
            except OSError:
                if not self._run.uploads.exists():  # the app has ended, and took its files with it
                    return
                _log.warning("temporary files cannot be removed", exc_info=True)

    def _too_much(self) -> StorageLimitError:
        return StorageLimitError(
            f"Your recordings here would take more than {self._max_visit_mb:g} MB together, which is the limit; "
            "please remove some first."
        )


def _files_in(folder: Path) -> Iterator[Path]:
    """Yield all files in a folder, while others may add and remove some."""
    for place, _, names in os.walk(folder):
        yield from (Path(place, name) for name in names)


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0


def _born_s(path: Path) -> float:
    """Return when a file came here; a copy may be younger than what it was copied from."""
    try:
        stat = path.stat()
    except OSError:
        return 0.0
    return max(stat.st_ctime, stat.st_mtime)

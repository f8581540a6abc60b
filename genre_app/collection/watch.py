"""Folders that are watched for new and changed files."""

import os
import time
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from threading import Event
from typing import Final, NamedTuple

import watchfiles

from genre_app.collection.tracks import Track, absolute
from genre_app.errors import WatchError
from genre_app.formatting import printable

#: How often a watch looks up without a change, for files to come to rest.
_TICK_MS: Final = 500


class _Look(NamedTuple):
    """What a file was like when it was first seen so."""

    size_bytes: int
    changed_ns: int
    seen_s: float


class FilesAtRest:
    """Tells files that are still being written or copied from those that are whole.

    Parameters
    ----------
    rest_s : float
        A file that has not changed for so long is taken to be whole.
    """

    def __init__(self, rest_s: float = 2.0) -> None:
        self._rest_s = rest_s
        self._looks: dict[str, _Look] = {}
        self._touched_s: dict[str, float] = {}

    @property
    def is_waiting(self) -> bool:
        """Whether a file that was asked for has not come to rest yet."""
        return bool(self._looks)

    def touch(self, paths: Iterable[str]) -> None:
        """Note that files, by their absolute paths, are being changed, even if size and time do not say so."""
        now_s = time.monotonic()
        self._touched_s = {path: when_s for path, when_s in self._touched_s.items() if now_s - when_s < self._rest_s}
        self._touched_s.update(dict.fromkeys(paths, now_s))

    def select(self, tracks: Sequence[Track], indexes: Iterable[int]) -> list[int]:
        """Return those indexes whose tracks' files are whole; the others are waited for until the next question."""
        before, self._looks = self._looks, {}
        paths = ((index, tracks[index].path) for index in indexes)
        return [index for index, path in paths if self._is_whole(path, before.get(absolute(path)))]

    def _is_whole(self, path: Path, before: _Look | None) -> bool:
        try:
            status = path.stat()
        except OSError:  # whoever reads it will say so
            return True
        now_s = time.monotonic()
        look = _Look(status.st_size, status.st_mtime_ns, now_s)
        if before is not None and before[:2] == look[:2]:
            look = before
        # Without an earlier look the file's own time counts; with one it does not, for clocks may disagree.
        age_s = now_s - look.seen_s if before is not None else time.time() - status.st_mtime
        is_touched = now_s - self._touched_s.get(absolute(path), -self._rest_s) < self._rest_s
        if age_s >= self._rest_s and not is_touched:
            return True
        self._looks[absolute(path)] = look
        return False


def watch(folders: Sequence[Path], *, leave_out: Path | None, stop: Event) -> Iterator[set[str]]:
    """Yield the files that were added, changed or removed, by their absolute paths.

    Yields without a change too, about twice a second, so that files can be waited for; the first time once the folders
    are watched: what had changed before then has to be looked for.

    Parameters
    ----------
    folders : sequence of Path
        Watched to their depth. For network shares that tell of no changes, the environment variable
        ``WATCHFILES_FORCE_POLLING`` has the library look for them.
    leave_out : Path or None
        A folder whose files do not count.
    stop : threading.Event
        Ends the watch once it is set.

    Raises
    ------
    WatchError
        A folder is gone, or the operating system watches no more.
    """
    left_out = f"{absolute(leave_out)}{os.sep}" if leave_out else None

    def is_wanted(_change: watchfiles.Change, path: str) -> bool:
        return left_out is None or not path.startswith(left_out)

    try:
        for changed in watchfiles.watch(
            *map(absolute, folders),
            watch_filter=is_wanted,
            stop_event=stop,
            rust_timeout=_TICK_MS,
            yield_on_timeout=True,
        ):
            for folder in folders:
                if not folder.is_dir():
                    raise WatchError(f"The folder {printable(str(folder))} is gone: it is watched no more.")
            yield {path for _, path in changed}
    except OSError as error:
        reason = error.strerror or printable(str(error))
        raise WatchError(f"The folders cannot be watched: {reason}.") from error

"""One playlist: an M3U file in UTF-8, whose last line tells it from those of others."""

import contextlib
import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from genre_app.report import temporary_beside

#: Begins the last line, a comment to players: SHA-256 of the file's name and of all that stands above.
_MARK: Final = b"#GENRE-APP:"
_MARK_BYTES: Final = len(_MARK) + 65
_BUFFER_BYTES: Final = 16_384


class Playlist:
    """Writes a playlist a part at a time, without holding it in memory or keeping the file open.

    Parameters
    ----------
    path : Path
        An empty file.
    name : str
        The file's name in the end.
    """

    def __init__(self, path: Path, name: str) -> None:
        self._path = path
        self._hash = hashlib.sha256(name.encode())
        self._buffer = bytearray(b"#EXTM3U\n")

    def add(self, entry: str) -> None:
        """Add the lines of a track."""
        self._buffer += entry.encode()
        if len(self._buffer) >= _BUFFER_BYTES:
            self._flush()

    def end(self) -> None:
        """Write the rest, and the last line."""
        self._flush()
        self._buffer = bytearray(_MARK + self._hash.hexdigest().encode() + b"\n")
        self._flush()

    def _flush(self) -> None:
        self._hash.update(self._buffer)
        with self._path.open("ab") as file:
            file.write(self._buffer)
        self._buffer.clear()


@contextlib.contextmanager
def playlist_at(path: Path) -> Iterator[Playlist]:
    """Write a playlist, which takes its place once it is whole.

    Raises
    ------
    OSError
        It cannot be written.
    """
    with temporary_beside(path) as temporary:
        playlist = Playlist(temporary, path.name)
        yield playlist
        playlist.end()


def is_ours(path: Path) -> bool:
    """Return whether a file is a playlist as a run wrote it: under this name, and unchanged since."""
    if path.is_symlink() or not path.is_file() or (n_bytes := path.stat().st_size - _MARK_BYTES) < 0:
        return False
    digest = hashlib.sha256(path.name.encode("utf-8", "surrogateescape"))
    with path.open("rb") as file:
        while n_bytes and (part := file.read(min(n_bytes, 2**16))):
            digest.update(part)
            n_bytes -= len(part)
        return file.read() == _MARK + digest.hexdigest().encode() + b"\n"


def entry_of(listed: str, title: str, duration_s: float | None) -> str:
    """Return the two lines of a track: length and title, and where it is."""
    seconds = -1 if duration_s is None else round(duration_s)  # -1: not known
    return f"#EXTINF:{seconds},{title}\n{listed}\n"

"""Playlists of a collection, by genre, style, mood and tempo, in a folder of their own."""

import bisect
import contextlib
import os
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from pathlib import Path, PurePath, PurePosixPath
from typing import Final

from genre_app.collection.m3u import Playlist, entry_of, is_ours, playlist_at
from genre_app.collection.places import folded, portable
from genre_app.collection.record import TrackRecord
from genre_app.collection.tracks import Track
from genre_app.formatting import printable
from genre_app.genres import display_name

PLAYLISTS_FOLDER: Final = "playlists"
_EXTENSION: Final = ".m3u8"
#: Where one range of beats a minute ends and the next begins.
_TEMPI_BPM: Final = (60, 80, 100, 120, 140, 160)
#: Of a name without extension; file systems allow 255.
_MAX_NAME_BYTES: Final = 200


def write_playlists(folder: Path, tracks: Iterable[Track], records: Iterable[TrackRecord]) -> list[str]:
    """Write the playlists of all tracks, and remove those of earlier runs that no track belongs to any more.

    Files in the folder that no run wrote, or that somebody has changed since, stay as they are.

    Parameters
    ----------
    folder : Path
        Created where it is missing.
    tracks : iterable of Track
        The collection; the playlists keep its order.
    records : iterable of TrackRecord
        Those of the tracks that are done, in the same order; they are read one by one.

    Returns
    -------
    list of str
        Sentences on tracks that no playlist can name, and on playlists that were not written.

    Raises
    ------
    OSError
        A playlist cannot be written.
    """
    folder.mkdir(exist_ok=True)
    listing = _Listing(folder)
    with ExitStack() as stack:
        playlists = _PlaylistFolder(folder, stack)
        for track, record in _pairs(tracks, records):
            names = playlists_of(record)
            if names and (entry := listing.entry(track, record)):
                for name in names:
                    playlists.add(name, entry)
    playlists.remove_stale()
    return [*listing.remarks(), *playlists.remarks()]


def playlists_of(record: TrackRecord) -> list[str]:
    """Name the playlists that a track belongs to; genres are those that its tags name, and so only sure ones.

    Styles, moods and tempo need no sure genre. What is outside the ten genres stands in its styles' playlists too.
    """
    if record.status in {"failed", "not_music"}:
        return []
    genres, styles = record.written_genres, record.written_styles
    if "written_genres" not in record.model_fields_set:  # an older journal
        genres = (display_name(record.genre),) if record.status == "confident" and record.genre else ()
        styles = tuple(map(display_name, record.styles))
    if record.status == "outside":
        styles = (*genres, *styles)
    return [
        *(f"Genre - {genre}" for genre in genres),
        *(f"Style - {style}" for style in styles),
        *(f"Mood - {display_name(mood)}" for mood in record.written_moods),
        *([f"Tempo - {_tempo_range(round(record.tempo_bpm))}"] if record.tempo_bpm else []),
    ]


def _tempo_range(tempo_bpm: int) -> str:
    index = bisect.bisect(_TEMPI_BPM, tempo_bpm)
    if index == 0:
        return f"under {_TEMPI_BPM[0]} BPM"
    if index == len(_TEMPI_BPM):
        return f"{_TEMPI_BPM[-1]} BPM and more"
    return f"{_TEMPI_BPM[index - 1]} to {_TEMPI_BPM[index] - 1} BPM"


def _pairs(tracks: Iterable[Track], records: Iterable[TrackRecord]) -> Iterator[tuple[Track, TrackRecord]]:
    """Find each record's track; some tracks have none."""
    waiting = iter(tracks)
    for record in records:
        yield next(track for track in waiting if str(track.place) == record.track), record


class _PlaylistFolder:
    """The playlists of a run, and files of others among them.

    Parameters
    ----------
    folder : Path
        Where they are.
    stack : ExitStack
        Puts them into their places when it is closed.
    """

    def __init__(self, folder: Path, stack: ExitStack) -> None:
        self._folder = folder
        self._stack = stack
        self._by_file: dict[str, Playlist | None] = {}
        self._by_name: dict[str, Playlist | None] = {}
        self._paths: list[Path] = []
        self._not_ours: list[str] = []

    def add(self, name: str, entry: str) -> None:
        """Add a track to a playlist; names that a file system may take for one are one playlist."""
        if name not in self._by_name:
            self._by_name[name] = self._playlist(name)
        if playlist := self._by_name[name]:
            playlist.add(entry)

    def _playlist(self, name: str) -> Playlist | None:
        path = self._folder / f"{portable(name.encode()[:_MAX_NAME_BYTES].decode(errors='ignore'))}{_EXTENSION}"
        key = folded(PurePosixPath(path.name))
        if key not in self._by_file:
            self._by_file[key] = self._opened(path)
        return self._by_file[key]

    def _opened(self, path: Path) -> Playlist | None:
        """Begin a playlist; None where its file is not ours."""
        if (path.is_symlink() or path.exists()) and not is_ours(path):
            self._not_ours.append(path.name)
            return None
        self._paths.append(path)
        return self._stack.enter_context(playlist_at(path))

    def remove_stale(self) -> None:
        """Remove playlists of earlier runs, and the folder if nothing is left in it."""
        written = {path.stat().st_ino for path in self._paths}
        for path in self._folder.glob(f"*{_EXTENSION}"):
            if path.is_file() and path.stat().st_ino not in written and is_ours(path):
                path.unlink()
        with contextlib.suppress(OSError):
            self._folder.rmdir()

    def remarks(self) -> list[str]:
        """Name the playlists that were not written."""
        return [
            f"The playlist {printable(name)} was not written: a file of this name is there that no run wrote, or that "
            "was changed since."
            for name in sorted(self._not_ours)
        ]


class _Listing:
    """Says where tracks are, seen from the folder of the playlists.

    Parameters
    ----------
    folder : Path
        Must exist.
    """

    def __init__(self, folder: Path) -> None:
        self._start = os.path.realpath(folder)
        self._folder: Path | None = None
        self._folder_shown = ""
        self._first_unlisted = ""
        self._n_unlisted = 0
        self._is_elsewhere = False

    def entry(self, track: Track, record: TrackRecord) -> str | None:
        """Return the lines of a track; None if its path cannot be one line of a text."""
        path = track.path
        if path.parent != self._folder:
            self._folder, self._folder_shown = path.parent, self._folder_from_here(path.parent)
        listed = f"{self._folder_shown}/{path.name}"
        if not _is_one_line(listed):
            self._n_unlisted += 1
            self._first_unlisted = self._first_unlisted or record.track
            return None
        return entry_of(listed, printable(path.stem), record.duration_seconds)

    def remarks(self) -> list[str]:
        """Say what is odd about the tracks."""
        said = []
        if self._n_unlisted:
            which = f"{self._n_unlisted} tracks are" if self._n_unlisted > 1 else "1 track is"
            said.append(
                f"{which} in no playlist, because of line breaks or undecodable characters in file names: "
                f"{self._first_unlisted}{' and others' if self._n_unlisted > 1 else ''}."
            )
        if self._is_elsewhere:
            said.append("The playlists name tracks on another drive by their whole paths: they break when it moves.")
        return said

    def _folder_from_here(self, folder: Path) -> str:
        """Return a folder's path relative to the playlists. Links are followed: ``..`` leads out of their targets."""
        whole = os.path.realpath(folder)
        try:
            return PurePath(os.path.relpath(whole, self._start)).as_posix()
        except ValueError:  # another drive of Windows
            self._is_elsewhere = True
            return PurePath(whole).as_posix()


def _is_one_line(path: str) -> bool:
    try:
        path.encode()
    except UnicodeEncodeError:
        return False
    return path.splitlines() == [path.strip()]

"""Finding the tracks in files and folders, and naming their outputs."""

import hashlib
import os
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Final

from genre_app.audio import SUPPORTED_EXTENSIONS
from genre_app.formatting import printable

#: File systems allow 255 bytes; this leaves room for an extension and a number.
_MAX_NAME_BYTES: Final = 240


@dataclass(frozen=True, slots=True)
class Track:
    """A recording of a collection.

    Attributes
    ----------
    path : Path
        The file.
    place : PurePosixPath
        Its path in the collection, such as ``Album/01.mp3``; always valid Unicode.
    """

    path: Path
    place: PurePosixPath


@dataclass(slots=True)
class Collection:
    """The tracks found, in the order of the paths and of their names, and the problems on the way."""

    tracks: list[Track] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)


def find_tracks(paths: Sequence[Path], *, leave_out: Iterable[Path] = ()) -> Collection:
    """Find the tracks in files and folders.

    A file is taken whatever its name. Folders are searched recursively for files with an audio extension, without
    hidden files and folders; links to folders are followed, but no folder is searched twice.

    Parameters
    ----------
    paths : sequence of Path
        Files and folders. Places are relative to a single folder; with several paths they begin with the folder's name.
    leave_out : iterable of Path
        Folders that are not searched, such as the output folder, unless they are in `paths`.

    Returns
    -------
    Collection
        A file that is in `paths` twice is there twice; one that a folder holds as well is not.
    """
    found = Collection()
    known = {_absolute(path) for path in paths}
    seen = {_identity(folder) for folder in leave_out if folder.is_dir()}
    for path in paths:
        if not path.is_dir():
            found.tracks.append(Track(path, _place(PurePosixPath(path.name))))
            continue
        top = PurePosixPath(path.resolve().name if len(paths) > 1 else "")
        n_problems = len(found.problems)
        files = _walk(path, seen, found.problems)
        if not files and len(found.problems) == n_problems:
            found.problems.append(f"The folder {printable(str(path))} holds no audio files.")
        new = sorted(file for file in files if _absolute(file) not in known)
        known.update(map(_absolute, new))
        found.tracks += [Track(file, _place(top / file.relative_to(path).as_posix())) for file in new]
    return found


def _walk(top: Path, seen: set[tuple[int, int]], problems: list[str]) -> list[Path]:
    """List the audio files below a folder; links come last, so that real folders keep their places."""
    files: list[Path] = []
    folders, links = [top], list[Path]()
    is_top = True
    while folders or links:
        folder = folders.pop() if folders else links.pop(0)
        try:
            if _identity(folder) in seen and not is_top:
                continue
            seen.add(_identity(folder))
            entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
        except OSError as error:
            problems.append(f"The folder {printable(str(folder))} cannot be opened: {error.strerror}.")
            continue
        is_top = False
        for entry in entries:
            if entry.name.startswith("."):
                continue
            if _is_folder(entry):
                (links if entry.is_symlink() else folders).append(Path(entry.path))
            elif Path(entry.name).suffix.lower() in SUPPORTED_EXTENSIONS:
                files.append(Path(entry.path))
    return files


def _is_folder(entry: "os.DirEntry[str]") -> bool:
    try:
        return entry.is_dir()
    except OSError:  # a link to itself
        return False


def name_outputs(tracks: Iterable[Track], extensions: Sequence[str], *, taken: Iterable[str] = ()) -> list[Track]:
    """Assign places whose outputs cannot collide, even on case-insensitive file systems.

    Parameters
    ----------
    tracks : iterable of Track
        Repeated paths are dropped.
    extensions : sequence of str
        Suffixes that name a place's outputs, such as ``".json"``.
    taken : iterable of str
        Names of other files in the output folder.

    Returns
    -------
    list of Track
        Places that would collide are numbered (``song.mp3-2``); places that are too long are shortened.
    """
    unique = list({_absolute(track.path): track for track in tracks}.values())
    used = {_folded(PurePosixPath(name)) for name in taken}
    used |= {_folded(parent) for track in unique for parent in _shortened(track.place).parents}
    named = []
    for track in unique:
        base = _shortened(track.place)
        place, count = base, 1
        while used & (names := {_folded(place.with_name(f"{place.name}{extension}")) for extension in extensions}):
            count += 1
            place = base.with_name(f"{base.name}-{count}")
        used |= names
        named.append(Track(track.path, place))
    return named


def _place(place: PurePosixPath) -> PurePosixPath:
    return PurePosixPath(printable(str(place)))


def _absolute(path: Path) -> str:
    return os.path.abspath(path)  # noqa: PTH100 - Path.resolve follows links, and a link is a track of its own


def _identity(folder: Path) -> tuple[int, int]:
    status = folder.stat()
    return status.st_dev, status.st_ino


def _folded(place: PurePosixPath) -> str:
    return unicodedata.normalize("NFC", str(place)).casefold()


def _shortened(place: PurePosixPath) -> PurePosixPath:
    name = place.name.encode()
    if len(name) <= _MAX_NAME_BYTES:
        return place
    digest = hashlib.sha256(name).hexdigest()[:8]
    return place.with_name(f"{name[: _MAX_NAME_BYTES - 9].decode('utf-8', 'ignore')}~{digest}")

"""Finding the tracks in files and folders."""

import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from genre_app.audio import SUPPORTED_EXTENSIONS
from genre_app.collection.left_out import LeftOut
from genre_app.formatting import printable


class Track:
    """A recording of a collection. There may be a hundred thousand: it holds text, of a seventh of a path's size.

    Parameters
    ----------
    path : Path
        The file.
    place : PurePosixPath
        Its path in the collection, such as ``Album/01.mp3``; always valid Unicode.
    """

    __slots__ = ("_path", "_place")

    def __init__(self, path: Path, place: PurePosixPath) -> None:
        self._path = str(path)
        self._place = str(place)

    @property
    def path(self) -> Path:
        """The file."""
        return Path(self._path)

    @property
    def place(self) -> PurePosixPath:
        """Its path in the collection."""
        return PurePosixPath(self._place)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Track) and (self._path, self._place) == (other._path, other._place)

    def __hash__(self) -> int:
        return hash((self._path, self._place))

    def __repr__(self) -> str:
        return f"Track({self._path!r}, {self._place!r})"


@dataclass(slots=True)
class Collection:
    """What was found.

    Attributes
    ----------
    tracks : list of Track
        In the order of the paths and of their names.
    problems : list of str
        Folders that cannot be opened.
    nothing_found : list of str
        Folders among the paths that hold no track.
    left_out : LeftOut
        The other files of the folders.
    """

    tracks: list[Track] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    nothing_found: list[str] = field(default_factory=list)
    left_out: LeftOut = field(default_factory=LeftOut)


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
    known = {absolute(path) for path in paths}
    seen = {_identity(folder) for folder in leave_out if folder.is_dir()}
    for path in paths:
        if not path.is_dir():
            found.tracks.append(Track(path, _place(PurePosixPath(path.name))))
            continue
        top = PurePosixPath(path.resolve().name if len(paths) > 1 else "")
        n_problems = len(found.problems)
        files = _walk(str(path), seen, found)
        if not files and len(found.problems) == n_problems:
            found.nothing_found.append(f"The folder {printable(str(path))} holds no audio files.")
        new = sorted((file for file in files if absolute(file) not in known), key=lambda file: Path(file).parts)
        known.update(map(absolute, new))
        found.tracks += [Track(Path(file), _place(top / Path(file).relative_to(path).as_posix())) for file in new]
    return found


def absolute(path: str | Path) -> str:
    """Return the path from the root; a link keeps its own, for it is a track of its own."""
    return os.path.abspath(path)  # noqa: PTH100 - Path.resolve follows links


def _walk(top: str, seen: set[tuple[int, int]], found: Collection) -> list[str]:
    """List the audio files below a folder; links come last, so that real folders keep their places."""
    files: list[str] = []
    folders, links = [top], list[str]()
    is_top = True
    while folders or links:
        folder = folders.pop() if folders else links.pop(0)
        try:
            if _identity(folder) in seen and not is_top:
                continue
            seen.add(_identity(folder))
            entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
        except OSError as error:
            found.problems.append(f"The folder {printable(folder)} cannot be opened: {error.strerror}.")
            continue
        is_top = False
        for entry in entries:
            if entry.name.startswith("."):
                found.left_out.add(entry.name)
            elif _is_folder(entry):
                (links if entry.is_symlink() else folders).append(entry.path)
            elif Path(entry.name).suffix.lower() in SUPPORTED_EXTENSIONS:
                files.append(entry.path)
            else:
                found.left_out.add(entry.name)
    return files


def _is_folder(entry: "os.DirEntry[str]") -> bool:
    try:
        return entry.is_dir()
    except OSError:  # a link to itself
        return False


def _place(place: PurePosixPath) -> PurePosixPath:
    return PurePosixPath(printable(str(place)))


def _identity(folder: str | Path) -> tuple[int, int]:
    status = os.stat(folder)  # noqa: PTH116 - of text too
    return status.st_dev, status.st_ino

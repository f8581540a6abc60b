"""The journal of the files that were tagged in place, and undoing the changes with it."""

import contextlib
import hashlib
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal, Self
from urllib.parse import quote, unquote_to_bytes

from pydantic import BaseModel, ConfigDict, ValidationError

from genre_app.collection.tagging.delta import Delta
from genre_app.errors import UndoError
from genre_app.report import temporary_beside

UNDO_NAME: Final = "tags-undo.jsonl"


class FileState(BaseModel):
    """A version of a file: its length in bytes, and its hash."""

    model_config = ConfigDict(frozen=True)

    n_bytes: int
    sha256: str

    @classmethod
    def of(cls, path: Path) -> Self:
        """Read a file."""
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
            return cls(n_bytes=file.tell(), sha256=digest)


class Change(BaseModel):
    """A file that was tagged in place: a line of the journal.

    Attributes
    ----------
    location : str
        The file's absolute path; bytes that are no ASCII, as file names may hold any, are percent-encoded.
    before, after : FileState
        The file before and after the change.
    delta : Delta
        What it takes to make the one out of the other.
    """

    model_config = ConfigDict(frozen=True)

    location: str
    before: FileState
    after: FileState
    delta: Delta

    @classmethod
    def between(cls, path: Path, changed: Path) -> Self:
        """Compare a file with the one that is about to take its place."""
        return cls(
            location=quote(os.fsencode(path), safe="/:\\ "),
            before=FileState.of(path),
            after=FileState.of(changed),
            delta=Delta.between(path, changed),
        )

    @property
    def path(self) -> Path:
        """The file."""
        return Path(os.fsdecode(unquote_to_bytes(self.location)))

    def undo(self) -> None:
        """Put the earlier version in the place of the later one.

        Raises
        ------
        UndoError
            The journal is damaged.
        OSError
            The file cannot be written.
        """
        with temporary_beside(self.path, like=self.path) as earlier:
            if self.delta.restore(self.path, earlier) != self.before.sha256:
                raise UndoError("What the journal holds of it is damaged.")


class UndoJournal:
    """The changes of one or more runs, one JSON line each; what is in it is never removed.

    Parameters
    ----------
    path : Path
        The file; it need not exist.
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    def add(self, change: Change) -> None:
        """Write a change, and wait until it is on the disk.

        Raises
        ------
        OSError
            It cannot be written: the file must not be changed.
        """
        with self.path.open("a+b") as file:
            line = f"{change.model_dump_json()}\n".encode()
            if file.seek(0, os.SEEK_END):
                file.seek(-1, os.SEEK_END)
                if file.read(1) != b"\n":  # the last line was cut off by a crash
                    line = b"\n" + line
            file.write(line)
            file.flush()
            os.fsync(file.fileno())

    def newest_first(self) -> Iterator[Change]:
        """Yield the changes; a line that a crash cut off belongs to a file that was not changed."""
        with self.path.open("rb") as file:
            starts = [0]
            for line in file:
                starts.append(starts[-1] + len(line))
            for start in reversed(starts[:-1]):
                file.seek(start)
                try:
                    yield Change.model_validate_json(file.readline())
                except ValidationError:
                    continue


@dataclass(frozen=True, slots=True)
class Undone:
    """What became of a file.

    Attributes
    ----------
    path : Path
        What it was called when it was tagged.
    outcome : {"restored", "untouched", "left", "gone"}
        Restored now, as it was already, left for a reason, or not there any more under this name.
    reason : str
        A sentence on why it was left.
    renamed : Path or None
        Where it is now, if it was only renamed within its folder.
    """

    path: Path
    outcome: Literal["restored", "untouched", "left", "gone"]
    reason: str = ""
    renamed: Path | None = None


def undo_all(journal: UndoJournal) -> Iterator[Undone]:
    """Undo the changes in a journal, the newest first; what was undone before is left as it is.

    Yields
    ------
    Undone
        One for each file, and for each version that it went back through.
    """
    left: dict[Path, str] = {}
    gone: dict[Path, Change] = {}
    met: set[Path] = set()
    for change in journal.newest_first():
        path = change.path
        try:
            now = FileState.of(path)
            if now == change.after:
                change.undo()
                yield Undone(path, "restored")
            elif now == change.before:
                if path not in met:
                    yield Undone(path, "untouched")
            else:
                left.setdefault(path, "It has been changed since it was tagged.")
                continue
        except (FileNotFoundError, NotADirectoryError):
            gone.setdefault(path, change)
        except UndoError as error:
            left[path] = str(error)
        except OSError as error:
            left[path] = f"It cannot be written: {error.strerror}."
        else:
            met.add(path)
    # A file whose newest version is not here may still have been an older one of those that the journal knows.
    yield from (Undone(path, "left", reason) for path, reason in left.items() if path not in met)
    yield from _look_for(gone)


def _look_for(gone: Mapping[Path, Change]) -> Iterator[Undone]:
    """Look for files beside the names that they had when they were tagged."""
    folders: dict[Path, dict[int, list[Path]]] = {}
    for path, change in gone.items():
        if path.parent not in folders:
            folders[path.parent] = _by_size(path.parent)
        alike = folders[path.parent].get(change.after.n_bytes, [])
        yield Undone(path, "gone", renamed=next((file for file in alike if _is_in_state(file, change.after)), None))


def _by_size(folder: Path) -> dict[int, list[Path]]:
    """List the files of a folder by their length in bytes; nothing where it cannot be read."""
    files: dict[int, list[Path]] = {}
    with contextlib.suppress(OSError):
        for file in sorted(folder.iterdir()):
            if file.is_file():
                files.setdefault(file.stat().st_size, []).append(file)
    return files


def _is_in_state(file: Path, state: FileState) -> bool:
    try:
        return FileState.of(file) == state
    except OSError:
        return False

"""The journal of an output folder: a line for each track that is done, from which an interrupted run resumes."""

import errno
import hashlib
import os
import threading
from collections.abc import Container, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from pydantic import BaseModel, ValidationError

from genre_app.collection.record import TrackRecord
from genre_app.collection.tracks import Track
from genre_app.errors import OutputError
from genre_app.formatting import printable

JOURNAL_NAME: Final = ".genre-app-journal.jsonl"
#: The line of a run that came to its end. Lines of tracks behind it are those of a run that did not.
_END: Final = b'{"end":true}\n'


class _Line(BaseModel):
    """A track that was done, and a hash of everything that its outputs depend on."""

    fingerprint: str
    entry: TrackRecord


@dataclass(slots=True)
class _Entry:
    """Where the last line of a track is, and what has to be known of it without reading it.

    `is_current` is set once this run has written the line or taken it over from an earlier one; then `is_kept` is too.
    """

    offset: int
    fingerprint: str
    is_current: bool
    is_kept: bool = False


class Journal:
    """Tracks that are done, one JSON line each; thread-safe.

    The file only grows: a track that is done again gets another line, and the last one counts. A line is written after
    its track's outputs. A truncated line, left by a killed process, is ignored and its track done again. Records stay
    on the disk; in memory there is an index of them.

    Parameters
    ----------
    folder : Path
        The output folder.
    options : str
        Hash of everything but the track that the outputs depend on; a track with other options is done again.

    Raises
    ------
    OSError
        The file cannot be read or written to.
    """

    def __init__(self, folder: Path, options: str) -> None:
        self._folder = folder
        self._options = options
        self._lock = threading.Lock()
        self._entries: dict[str, _Entry] = {}
        self._has_ended = True
        self._path = folder / JOURNAL_NAME
        self._file = self._path.open("ab", buffering=0)
        self._reader = self._path.open("rb")
        self._read_index()

    @property
    def n_unfinished(self) -> int:
        """Number of tracks that are done if the last run did not come to its end, else 0."""
        return 0 if self._has_ended else len(self._entries)

    def fingerprint(self, track: Track) -> str:
        """Hash the current state of what a track's outputs depend on; empty if the file does not exist."""
        try:
            status = track.path.stat()
        except OSError:
            return ""
        parts = f"{track.place}\n{status.st_size}\n{status.st_mtime_ns}\n{self._options}"
        return hashlib.sha256(parts.encode()).hexdigest()

    def is_current(self, track: Track) -> bool:
        """Return whether this run has done a track, or failed at it, as the file is now."""
        entry = self._entries.get(str(track.place))
        return entry is not None and entry.is_current and entry.fingerprint == self.fingerprint(track)

    def take_over(self, track: Track) -> bool:
        """Keep what an earlier run did of a track, and return True.

        False if it failed, if its file or the options have changed since, or if an output is gone.
        """
        entry = self._entries.get(str(track.place))
        if entry is None or not entry.fingerprint or entry.fingerprint != self.fingerprint(track):
            return False
        record = self._record_at(entry)
        entry.is_current = record.status != "failed" and all((self._folder / name).is_file() for name in record.outputs)
        entry.is_kept = entry.is_current
        return entry.is_current

    def add(self, fingerprint: str, record: TrackRecord) -> None:
        """Add a track whose outputs are all written, or that failed.

        Parameters
        ----------
        fingerprint : str
            Taken before the track was read, so that a file that changes meanwhile is done again.
        record : TrackRecord
            The outcome.

        Raises
        ------
        OutputError
            The disk is full, or the file cannot be written to.
        """
        line = f"{_Line(fingerprint=fingerprint, entry=record).model_dump_json()}\n".encode()
        with self._lock:
            self._entries[record.track] = _Entry(self._append(line), fingerprint, is_current=True)
            self._has_ended = False

    def records(self, tracks: Iterable[Track]) -> Iterator[TrackRecord]:
        """Read the records of those tracks that this run has done or taken over, in their order."""
        for track in tracks:
            entry = self._entries.get(str(track.place))
            if entry is not None and entry.is_current:
                yield self._record_at(entry).model_copy(update={"is_kept": entry.is_kept})

    def end(self) -> None:
        """Note that the run has come to its end.

        Raises
        ------
        OutputError
            As `add`.
        """
        with self._lock:
            if not self._has_ended:
                self._append(_END)
                self._has_ended = True

    def close(self) -> None:
        """Close the file."""
        self._file.close()
        self._reader.close()

    def _append(self, line: bytes) -> int:
        """Write a line, all of it or nothing, and return where it begins."""
        offset = self._file.seek(0, os.SEEK_END)
        try:
            if self._file.write(line) != len(line):  # the next one must not be joined to a part of it
                self._file.truncate(offset)
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        except OSError as error:
            raise OutputError(f"{printable(str(self._path))} cannot be written: {error.strerror}.") from error
        return offset

    def _record_at(self, entry: _Entry) -> TrackRecord:
        with self._lock:
            self._reader.seek(entry.offset)
            return _Line.model_validate_json(self._reader.readline()).entry

    def _read_index(self) -> None:
        """Find the last line of each track. Only a line feed ends a line: texts may hold U+2028 and its like."""
        offset, raw = 0, b"\n"
        for raw in self._reader:
            if raw == _END:
                self._has_ended = True
            elif (line := _parsed(raw)) is not None:
                self._entries[line.entry.track] = _Entry(offset, line.fingerprint, is_current=False)
                self._has_ended = False
            offset += len(raw)
        if not raw.endswith(b"\n"):
            self._append(b"\n")


def read_records(folder: Path, listed: Container[str] | None) -> dict[str, TrackRecord]:
    """Read what runs kept of their tracks, by track, without writing anything; nothing where there is no journal.

    Parameters
    ----------
    folder : Path
        The output folder.
    listed : container of str or None
        The tracks in the summary of the last run that came to its end, None where there is none. Others are left out,
        unless they were done since: their files may be gone.
    """
    records: dict[str, TrackRecord] = {}
    done_since: set[str] = set()
    try:
        with (folder / JOURNAL_NAME).open("rb") as file:
            for raw in file:
                if raw == _END:
                    done_since.clear()
                elif (line := _parsed(raw)) is not None:
                    records[line.entry.track] = line.entry
                    done_since.add(line.entry.track)
    except FileNotFoundError:
        return {}
    return {
        track: record for track, record in records.items() if listed is None or track in listed or track in done_since
    }


def _parsed(raw: bytes) -> _Line | None:
    """Parse a line; None if it was truncated by a kill."""
    try:
        return _Line.model_validate_json(raw)
    except ValidationError:
        return None

"""The journal of finished tracks in an output folder, from which an interrupted run resumes."""

import hashlib
import threading
from pathlib import Path
from typing import Final

from pydantic import BaseModel, ValidationError

from genre_app.collection.record import TrackRecord
from genre_app.collection.tracks import Track
from genre_app.report import write_atomically

JOURNAL_NAME: Final = ".genre-app-journal.jsonl"


class _Line(BaseModel):
    """A finished track, and a hash of everything that its outputs depend on."""

    fingerprint: str
    entry: TrackRecord


class Journal:
    """Finished tracks of an output folder, one JSON line each; thread-safe.

    A line is written after its track's outputs, so every track in the journal is finished. A truncated line, left by
    a killed process, is ignored and its track done again.

    Parameters
    ----------
    folder : Path
        The output folder.
    options : str
        Hash of everything but the track that the outputs depend on; a track with other options is done again.
    keep : bool
        Whether existing lines are kept.
    """

    def __init__(self, folder: Path, options: str, *, keep: bool) -> None:
        self._folder = folder
        self._options = options
        self._lock = threading.Lock()
        self._path = folder / JOURNAL_NAME
        self._lines = _read(self._path) if keep else {}
        write_atomically(self._path, "".join(f"{line.model_dump_json()}\n" for line in self._lines.values()))

    def fingerprint(self, track: Track) -> str | None:
        """Hash the current state of what a track's outputs depend on; None if the file does not exist."""
        try:
            status = track.path.stat()
        except OSError:
            return None
        parts = f"{track.place}\n{status.st_size}\n{status.st_mtime_ns}\n{self._options}"
        return hashlib.sha256(parts.encode()).hexdigest()

    def finished(self, track: Track) -> TrackRecord | None:
        """Return a track's record if neither file nor options have changed and its outputs exist."""
        line = self._lines.get(str(track.place))
        if line is None or line.fingerprint != self.fingerprint(track):
            return None
        return line.entry if all((self._folder / output).is_file() for output in line.entry.outputs) else None

    def record(self, fingerprint: str | None, record: TrackRecord) -> None:
        """Add a track whose outputs are all written; failures are not added, so that they are tried again.

        Parameters
        ----------
        fingerprint : str or None
            Taken before the track was read, so that a file that changes meanwhile is done again.
        record : TrackRecord
            The outcome.
        """
        if record.status == "failed" or fingerprint is None:
            return
        line = _Line(fingerprint=fingerprint, entry=record).model_dump_json()
        with self._lock, self._path.open("a", encoding="utf-8") as file:
            file.write(f"{line}\n")


def read_records(folder: Path) -> list[TrackRecord]:
    """Read what a run kept of its tracks, without writing anything."""
    return [line.entry for line in _read(folder / JOURNAL_NAME).values()]


def _read(path: Path) -> dict[str, _Line]:
    """Read a journal; the last line of a track wins."""
    lines: dict[str, _Line] = {}
    try:
        text = path.read_text(encoding="utf-8", errors="replace")
    except FileNotFoundError:
        return lines
    for raw in text.splitlines():
        try:
            line = _Line.model_validate_json(raw)
        except ValidationError:  # truncated by a kill
            continue
        lines[line.entry.track] = line
    return lines

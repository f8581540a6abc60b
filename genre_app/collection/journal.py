"""What is finished in an output folder, so that an interrupted run can go on."""

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
    """A finished track, and a hash of all that its outputs depend on."""

    fingerprint: str
    entry: TrackRecord


class Journal:
    """Finished tracks of an output folder, one JSON line each; any number of threads may record.

    A line is written after its track's outputs, so a track that is in the journal is finished; of a line that a
    killed process left unfinished, the track is done again.

    Parameters
    ----------
    folder : Path
        The output folder.
    options : str
        Says everything that the outputs depend on beside the track: other options do a track again.
    keep : bool
        Whether what is there is kept, or forgotten.
    """

    def __init__(self, folder: Path, options: str, *, keep: bool) -> None:
        self._folder = folder
        self._options = options
        self._lock = threading.Lock()
        self._path = folder / JOURNAL_NAME
        self._lines = _read(self._path) if keep else {}
        write_atomically(self._path, "".join(f"{line.model_dump_json()}\n" for line in self._lines.values()))

    def fingerprint(self, track: Track) -> str | None:
        """Hash what a track's outputs depend on, as it is now; None where the file is not there."""
        try:
            status = track.path.stat()
        except OSError:
            return None
        parts = f"{track.place}\n{status.st_size}\n{status.st_mtime_ns}\n{self._options}"
        return hashlib.sha256(parts.encode()).hexdigest()

    def finished(self, track: Track) -> TrackRecord | None:
        """Return what was found for a track, if neither the file nor the options changed and its outputs are there."""
        line = self._lines.get(str(track.place))
        if line is None or line.fingerprint != self.fingerprint(track):
            return None
        return line.entry if all((self._folder / output).is_file() for output in line.entry.outputs) else None

    def record(self, fingerprint: str | None, record: TrackRecord) -> None:
        """Note that a track and all its outputs are finished; a failure is not noted, so that it is tried again.

        Parameters
        ----------
        fingerprint : str or None
            From before the track was read: a file that changes meanwhile is not finished.
        record : TrackRecord
            How the track went.
        """
        if record.status == "failed" or fingerprint is None:
            return
        line = _Line(fingerprint=fingerprint, entry=record).model_dump_json()
        with self._lock, self._path.open("a", encoding="utf-8") as file:
            file.write(f"{line}\n")


def _read(path: Path) -> dict[str, _Line]:
    """Read a journal, the last line of a track being the one that counts."""
    lines: dict[str, _Line] = {}
    try:
        text = path.read_text(encoding="utf-8", errors="replace")
    except FileNotFoundError:
        return lines
    for raw in text.splitlines():
        try:
            line = _Line.model_validate_json(raw)
        except ValidationError:  # cut off by a kill
            continue
        lines[line.entry.track] = line
    return lines

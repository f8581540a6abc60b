"""The output folder of a run: naming and writing its files."""

import hashlib
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Final

from genre_app.collection.journal import JOURNAL_NAME, Journal
from genre_app.collection.options import RunOptions
from genre_app.collection.overview import to_overview
from genre_app.collection.record import TrackRecord
from genre_app.collection.summary import to_csv
from genre_app.collection.tagging.files import can_be_tagged, file_genres, write_tagged_copy
from genre_app.collection.tagging.in_place import InPlaceTagger
from genre_app.collection.tagging.undo import UNDO_NAME, UndoJournal
from genre_app.collection.tagging.wanted import Tags, tags_for
from genre_app.collection.tracks import Track, name_outputs
from genre_app.errors import OutputError, TaggingError
from genre_app.report import Report, sweep_partial, write_atomically, writer_of
from genre_app.results.model_info import ModelInfo
from genre_app.version import __version__

SUMMARY_NAME: Final = "summary.csv"
OVERVIEW_NAME: Final = "overview.html"
#: Tagged copies have a folder of their own, which can be moved into a music library.
TAGGED_FOLDER: Final = "tagged"
_OWN_NAMES: Final = (SUMMARY_NAME, OVERVIEW_NAME, TAGGED_FOLDER, JOURNAL_NAME, UNDO_NAME)


class OutputFolder:
    """Writes the reports of tracks and of the whole collection.

    Parameters
    ----------
    folder : Path
        An existing folder.
    options : RunOptions
        Formats and tagging.
    """

    def __init__(self, folder: Path, options: RunOptions) -> None:
        self.path = folder
        self._options = options
        self._tagger = InPlaceTagger(UndoJournal(folder / UNDO_NAME), options.destination.tags)
        self._writers = {f".{name}": writer_of(name) for name in options.destination.formats}
        sweep_partial(folder)

    @property
    def changes_tracks(self) -> bool:
        """Whether tracks are tagged in place."""
        return self._options.destination.tagging == "in_place"

    def name(self, tracks: Sequence[Track]) -> list[Track]:
        """Assign each track a place whose outputs cannot collide with others."""
        return name_outputs(tracks, ["", *self._writers], taken=_OWN_NAMES)

    def open_journal(self, model: ModelInfo) -> Journal:
        """Open the journal of finished tracks; other options or another model invalidate its lines.

        Raises
        ------
        OutputError
            The folder is not writable.
        """
        run = self._options
        parts = (
            *(__version__, model.name, model.revision, model.precision, run.slicing.model_dump_json()),
            *(run.destination.formats, run.destination.tagging, run.destination.tags, run.with_facts, run.with_moods),
        )
        options = hashlib.sha256(repr(parts).encode()).hexdigest()
        try:
            return Journal(self.path, options, keep=run.destination.is_resumed)
        except OSError as error:
            raise OutputError(f"The folder {self.path} cannot be written to: {error.strerror}.") from error

    def save(self, track: Track, report: Report, *, is_unchanged: bool) -> TrackRecord:
        """Write all outputs of a track and return its record.

        Parameters
        ----------
        track : Track
            The track.
        report : Report
            Its result.
        is_unchanged : bool
            Whether the file is the one that was analysed; another one is not tagged in place.

        Raises
        ------
        OutputError
            An output, or the track itself, cannot be written.
        """
        outputs = []
        for extension, writer in self._writers.items():
            output = f"{track.place}{extension}"
            self._write(self.path / output, partial(write_atomically, content=writer.render(report)))
            outputs.append(output)
        carried = file_genres(track.path)
        record = TrackRecord.of(str(track.place), report.result, tuple(outputs), file_genres=carried)
        destination = self._options.destination
        if destination.tagging == "none" or (tags := tags_for(report.result, destination.tags.fields)) is None:
            return record
        return self._tagged(track, tags, record, is_unchanged=is_unchanged)

    def save_collection(self, records: Sequence[TrackRecord]) -> None:
        """Write summary and overview of all tracks.

        Raises
        ------
        OutputError
            An output cannot be written.
        """
        for name, text in ((SUMMARY_NAME, to_csv(records)), (OVERVIEW_NAME, to_overview(records))):
            self._write(self.path / name, partial(write_atomically, content=text))

    def _tagged(self, track: Track, tags: Tags, record: TrackRecord, *, is_unchanged: bool) -> TrackRecord:
        """Tag a track or a copy of it, and return its record with what there is to say about that."""
        if not can_be_tagged(track.path.name):
            return record.with_warnings(f"It was not tagged: {track.place.suffix or 'such'} files take no tags here.")
        remarks: list[str] = []
        output = f"{TAGGED_FOLDER}/{track.place}"

        def write(target: Path) -> None:
            if self.changes_tracks:
                remarks.extend(self._tagger.tag(target, tags, is_unchanged=is_unchanged) or ())
            else:
                remarks.extend(write_tagged_copy(target, track.path, tags, self._options.destination.tags))

        try:
            self._write(track.path if self.changes_tracks else self.path / output, write)
        except TaggingError as error:
            return record.with_warnings(str(error))
        record = record.with_warnings(*remarks)
        outputs = record.outputs if self.changes_tracks else (*record.outputs, output)
        return record.model_copy(update={"outputs": outputs})

    def _write(self, target: Path, write: Callable[[Path], None]) -> None:
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            write(target)
        except OSError as error:
            raise OutputError(f"{target} cannot be written: {error.strerror}.") from error

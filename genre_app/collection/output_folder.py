"""The output folder of a run: naming and writing its files."""

import hashlib
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from pathlib import Path
from typing import Final, TypeVar

from genre_app.collection.embedding_file import EMBEDDINGS_NAME, EmbeddingFile, EmbeddingModel, read_embeddings
from genre_app.collection.embedding_table import EmbeddingTable
from genre_app.collection.folder_lock import LOCK_NAME, FolderLock
from genre_app.collection.growing_layout import GrowingLayout
from genre_app.collection.journal import JOURNAL_NAME, Journal
from genre_app.collection.options import RunOptions
from genre_app.collection.overview import to_overview
from genre_app.collection.places import name_outputs
from genre_app.collection.playlists import PLAYLISTS_FOLDER, write_playlists
from genre_app.collection.record import TrackRecord
from genre_app.collection.sound_map import sound_map
from genre_app.collection.summary import Tally, to_csv
from genre_app.collection.tagging.files import TagPlan, file_genres, write_tagged_copy
from genre_app.collection.tagging.in_place import InPlaceTagger
from genre_app.collection.tagging.outcome import attempt
from genre_app.collection.tagging.undo import UNDO_NAME, UndoJournal
from genre_app.collection.tagging.wanted import Tags
from genre_app.collection.tracks import Track
from genre_app.errors import OutputError, UnfinishedRunError
from genre_app.formatting import printable
from genre_app.report import FORMATS, Report, sweep_partial, write_atomically, writer_of
from genre_app.results.model_info import ModelInfo
from genre_app.results.schema import ClassificationResult
from genre_app.version import __version__

SUMMARY_NAME: Final = "summary.csv"
OVERVIEW_NAME: Final = "overview.html"
#: Tagged copies have a folder of their own, which can be moved into a music library.
TAGGED_FOLDER: Final = "tagged"
_OWN_NAMES: Final = (
    *(SUMMARY_NAME, OVERVIEW_NAME, TAGGED_FOLDER, PLAYLISTS_FOLDER),
    *(JOURNAL_NAME, EMBEDDINGS_NAME, UNDO_NAME, LOCK_NAME),
)

Written = TypeVar("Written")


class OutputFolder:
    """Writes the reports of tracks and of the whole collection; one run at a time, until it is closed.

    Its files are named after the tracks, and names that Windows forbids are not mended: what the tracks' file system
    holds, one that takes their reports mostly holds as well, and a tagged copy keeps the name that its owner gave it.

    Parameters
    ----------
    folder : Path
        An existing folder.
    options : RunOptions
        Formats and tagging.

    Raises
    ------
    FolderBusyError
        Another command is at work in the folder. The operating system drops the lock of a process that has died.
    OutputError
        The folder is not writable.
    """

    def __init__(self, folder: Path, options: RunOptions) -> None:
        self.path = folder
        self._options = options
        self._tagger = InPlaceTagger(UndoJournal(folder / UNDO_NAME), options.destination.tags)
        self._formats = tuple(name for name in FORMATS if name in options.destination.formats)
        self._writers = {f".{name}": writer_of(name) for name in self._formats}
        self._layout = GrowingLayout()
        self._lock = FolderLock(folder)
        sweep_partial(folder)

    @property
    def changes_tracks(self) -> bool:
        """Whether tracks are tagged in place."""
        return self._options.destination.tagging == "in_place"

    def close(self) -> None:
        """Let other runs write into the folder."""
        self._lock.close()

    def name(self, tracks: Sequence[Track]) -> list[Track]:
        """Assign each track a place whose outputs cannot collide with others."""
        return name_outputs(tracks, ["", *self._writers], taken=_OWN_NAMES)

    def open_journal(self, model: ModelInfo) -> Journal:
        """Open the journal of finished tracks; other options or another model invalidate its lines.

        Raises
        ------
        UnfinishedRunError
            The last run did not come to its end, and neither resuming nor restarting was asked for.
        OutputError
            The folder is not writable.
        """
        run, wanted = self._options, self._options.destination
        parts = (
            *(__version__, model.name, model.revision, model.precision, run.slicing.model_dump_json()),
            *(self._formats, wanted.tagging, wanted.tags, run.with_facts, run.with_moods),
            *([wanted.tags.vocabulary] if wanted.tags.vocabulary else []),
        )
        options = hashlib.sha256(repr(parts).encode()).hexdigest()
        try:
            journal = Journal(self.path, options)
        except OSError as error:
            raise self._not_writable(error) from error
        if journal.n_unfinished and not (wanted.is_resumed or wanted.is_restarted):
            journal.close()
            raise UnfinishedRunError(
                f"The folder {self._name} holds an unfinished run (tracks done: {journal.n_unfinished}). Go on with:\n"
                f"  {run.resume_command}\nor do every track again with:\n  {run.restart_command}"
            )
        return journal

    def open_embeddings(self, model: ModelInfo) -> EmbeddingFile | None:
        """Open the file of what the tracks sound like; None if the model cannot say, and then none of another is kept.

        Raises
        ------
        OutputError
            The folder is not writable.
        """
        if model.n_dimensions:
            return EmbeddingFile(self.path, EmbeddingModel.of(model))
        self._write(self.path / EMBEDDINGS_NAME, partial(Path.unlink, missing_ok=True))
        return None

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
        destination, wanted = self._options.destination, self._options.destination.tags
        record = TrackRecord.of(
            str(track.place), report.result, tuple(outputs), file_genres=carried, vocabulary=wanted.vocabulary
        )
        if destination.tagging == "none":
            return record
        return self._tagged(track, report.result, record, is_unchanged=is_unchanged)

    def save_collection(self, records: Callable[[], Iterable[TrackRecord]], tally: Tally) -> None:
        """Write summary and overview of all tracks.

        Parameters
        ----------
        records : callable
            Returns the records, one after the other; called more than once.
        tally : Tally
            Their counts, and which are the same recording.

        Raises
        ------
        OutputError
            An output cannot be written.
        """
        self._write(self.path / SUMMARY_NAME, partial(write_atomically, content=to_csv(tally.marked(records()))))
        overview = to_overview(
            tally.marked(records()),
            tally,
            sound_map(self.embeddings(records()), records(), self._layout),
            has_vocabulary=bool(self._options.destination.tags.vocabulary),
        )
        self._write(self.path / OVERVIEW_NAME, partial(write_atomically, content=overview))

    def embeddings(self, records: Iterable[TrackRecord]) -> EmbeddingTable:
        """Read what tracks sound like; those that failed are left out."""
        return read_embeddings(self.path, (record.track for record in records if record.status != "failed"))

    def save_playlists(self, tracks: Sequence[Track], records: Iterable[TrackRecord]) -> list[str]:
        """Write the playlists, where they are wanted, and return what there is to say about them.

        Raises
        ------
        OutputError
            A playlist cannot be written.
        """
        if not self._options.destination.with_playlists:
            return []
        folder = self.path / PLAYLISTS_FOLDER
        try:
            return write_playlists(folder, tracks, records)
        except OSError as error:
            raise OutputError(
                f"The playlists in {printable(str(folder))} cannot be written: {error.strerror}."
            ) from error

    def _tagged(
        self, track: Track, result: ClassificationResult, record: TrackRecord, *, is_unchanged: bool
    ) -> TrackRecord:
        """Tag a track or a copy of it, and return its record with what there is to say about that."""
        options = self._options.destination.tags
        output = f"{TAGGED_FOLDER}/{track.place}"
        outputs = record.outputs

        def write(tags: Tags) -> TagPlan | None:
            nonlocal outputs
            if self.changes_tracks:
                return self._write(track.path, lambda target: self._tagger.tag(target, tags, is_unchanged=is_unchanged))
            plan = self._write(self.path / output, lambda target: write_tagged_copy(target, track.path, tags, options))
            outputs = (*outputs, output)
            return plan

        outcome = attempt(track.path, result, options, write)
        return record.with_warnings(*outcome.warnings).with_tags(outcome).model_copy(update={"outputs": outputs})

    @property
    def _name(self) -> str:
        return printable(str(self.path))

    def _not_writable(self, error: OSError) -> OutputError:
        return OutputError(f"The folder {self._name} cannot be written to: {error.strerror}.")

    def _write(self, target: Path, write: Callable[[Path], Written]) -> Written:
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            return write(target)
        except OSError as error:
            raise OutputError(f"{printable(str(target))} cannot be written: {error.strerror}.") from error

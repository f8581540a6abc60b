"""The output folder of a run: naming and writing its files."""

import hashlib
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Final

from genre_app.collection.embedding_file import EMBEDDINGS_NAME, EmbeddingFile, EmbeddingModel, read_embeddings
from genre_app.collection.file_tags import can_be_tagged, tags_for, write_tagged_copy
from genre_app.collection.journal import JOURNAL_NAME, Journal
from genre_app.collection.options import RunOptions
from genre_app.collection.overview import to_overview
from genre_app.collection.record import TrackRecord
from genre_app.collection.same_recording import same_recordings
from genre_app.collection.sound_map import sound_map
from genre_app.collection.summary import copies_text, to_csv
from genre_app.collection.tracks import Track, name_outputs
from genre_app.errors import OutputError, TaggingError
from genre_app.report import Report, sweep_partial, write_atomically, writer_of
from genre_app.results.model_info import ModelInfo
from genre_app.version import __version__

SUMMARY_NAME: Final = "summary.csv"
OVERVIEW_NAME: Final = "overview.html"
#: Tagged copies have a folder of their own, which can be moved into a music library.
TAGGED_FOLDER: Final = "tagged"
_OWN_NAMES: Final = (SUMMARY_NAME, OVERVIEW_NAME, TAGGED_FOLDER, JOURNAL_NAME, EMBEDDINGS_NAME)


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
        self._writers = {f".{name}": writer_of(name) for name in options.destination.formats}
        sweep_partial(folder)

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
            *(run.destination.formats, run.destination.tagging, run.with_facts, run.with_moods),
        )
        options = hashlib.sha256(repr(parts).encode()).hexdigest()
        try:
            return Journal(self.path, options, keep=run.destination.is_resumed)
        except OSError as error:
            raise OutputError(f"The folder {self.path} cannot be written to: {error.strerror}.") from error

    def open_embeddings(self, model: ModelInfo) -> EmbeddingFile | None:
        """Open the file of what the tracks sound like; None if the model cannot say, and then there is none of others.

        Raises
        ------
        OutputError
            The folder is not writable.
        """
        if model.n_dimensions:
            return EmbeddingFile(self.path, EmbeddingModel.of(model))
        self._write(EMBEDDINGS_NAME, partial(Path.unlink, missing_ok=True))
        return None

    def save(self, track: Track, report: Report) -> TrackRecord:
        """Write all outputs of a track and return its record.

        Raises
        ------
        OutputError
            An output cannot be written.
        """
        outputs = []
        for extension, writer in self._writers.items():
            output = f"{track.place}{extension}"
            self._write(output, partial(write_atomically, content=writer.render(report)))
            outputs.append(output)
        record = TrackRecord.of(str(track.place), report.result, tuple(outputs))
        return self._tagged(track, report, record) if self._options.destination.tagging == "copies" else record

    def save_collection(self, records: Sequence[TrackRecord]) -> list[str]:
        """Write summary and overview of all tracks.

        Returns
        -------
        list of str
            What is to be said of all of them together: which are the same recording.

        Raises
        ------
        OutputError
            An output cannot be written.
        """
        embeddings = read_embeddings(self.path, [record.track for record in records])
        copies = same_recordings(embeddings)
        overview = to_overview(records, sound_map(embeddings, records), copies)
        for name, text in ((SUMMARY_NAME, to_csv(records)), (OVERVIEW_NAME, overview)):
            self._write(name, partial(write_atomically, content=text))
        return [copies_text(copies)] if copies else []

    def _tagged(self, track: Track, report: Report, record: TrackRecord) -> TrackRecord:
        tags = tags_for(report.result)
        if tags is None:
            return record
        if not can_be_tagged(track.path.name):
            return record.with_warning(f"It was not tagged: {track.place.suffix or 'such'} files take no tags here.")
        output = f"{TAGGED_FOLDER}/{track.place}"
        try:
            self._write(output, partial(write_tagged_copy, source=track.path, tags=tags))
        except TaggingError as error:
            return record.with_warning(str(error))
        return record.model_copy(update={"outputs": (*record.outputs, output)})

    def _write(self, output: str, write: Callable[[Path], None]) -> None:
        target = self.path / output
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            write(target)
        except OSError as error:
            raise OutputError(f"{target} cannot be written: {error.strerror}.") from error

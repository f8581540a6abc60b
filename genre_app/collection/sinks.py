"""Where the results of a run go: the saving sink, and the choice of a sink."""

import contextlib
import sys
from collections.abc import Callable, Iterator, Sequence
from typing import Protocol

from genre_app.collection.options import RunOptions
from genre_app.collection.output_folder import OutputFolder
from genre_app.collection.printed import PrintedJson, PrintedReports, PrintedTags
from genre_app.collection.record import TrackRecord
from genre_app.collection.same_recording import same_recordings
from genre_app.collection.summary import Tally
from genre_app.collection.tracks import Track
from genre_app.errors import OutputError
from genre_app.report import Report
from genre_app.results.model_info import ModelInfo


class ResultSink(Protocol):
    """Receives the results of a run; only `deliver` is called from several threads.

    Attributes
    ----------
    is_for_people : bool
        Whether what `accept` yields says the answer and its notes in words.
    """

    is_for_people: bool

    def place(self, tracks: Sequence[Track]) -> list[Track]:
        """Return the tracks to analyse, with their final places."""

    def is_done(self, track: Track) -> bool:
        """Return whether this run has done a track as its file is now, or an earlier one has, whose work is kept."""

    def deliver(self, track: Track, analyse: Callable[[], Report]) -> TrackRecord:
        """Analyse a track and write those outputs that do not depend on the order of tracks."""

    def accept(self, index: int, track: Track, record: TrackRecord) -> Iterator[str]:
        """Take note of the outcome of the track with this index; yield the texts to print to standard output."""

    def tally(self, tracks: Sequence[Track]) -> Tally:
        """Count the answers of those tracks that are done."""

    def complete(self, tracks: Sequence[Track], tally: Tally) -> list[str]:
        """Write the outputs that cover all tracks that are done; return what is to be said of them."""

    def end(self) -> None:
        """Note that the run has come to its end."""

    def close(self) -> None:
        """Let go of what the sink holds."""


class SavedResults:
    """Writes reports into a folder and keeps a journal of finished tracks.

    Parameters
    ----------
    folder : OutputFolder
        The output folder.
    model : ModelInfo
        The model of the run.
    is_resumed : bool
        Whether what earlier runs finished is kept.
    """

    is_for_people = False

    def __init__(self, folder: OutputFolder, model: ModelInfo, *, is_resumed: bool) -> None:
        self._folder = folder
        self._is_resumed = is_resumed
        self._journal = folder.open_journal(model)
        self._embeddings = folder.open_embeddings(model)
        #: The fingerprints of the tracks that are worked on.
        self._under_way: dict[Track, str] = {}

    def place(self, tracks: Sequence[Track]) -> list[Track]:
        """Assign each track a place whose outputs cannot collide with others."""
        return self._folder.name(tracks)

    def is_done(self, track: Track) -> bool:
        """Look the track up in the journal; what an earlier run did counts if this one resumes it."""
        return self._journal.is_current(track) or (self._is_resumed and self._is_kept(track))

    def deliver(self, track: Track, analyse: Callable[[], Report]) -> TrackRecord:
        """Write the track's outputs and embedding, then its journal line."""
        fingerprint = self._under_way[track] = self._journal.fingerprint(track)
        report = analyse()
        is_unchanged = self._journal.fingerprint(track) == fingerprint
        record = self._folder.save(track, report, is_unchanged=is_unchanged)
        if self._folder.changes_tracks and is_unchanged:  # the next run finds the track as it is now
            fingerprint = self._journal.fingerprint(track)
        if self._embeddings:
            self._embeddings.append(record.track, report.embedding)
        self._journal.add(fingerprint, record)
        return record

    def accept(self, index: int, track: Track, record: TrackRecord) -> Iterator[str]:  # noqa: ARG002
        """Put a failure into the journal; print nothing."""
        fingerprint = self._under_way.pop(track, "")
        if record.status == "failed":
            with contextlib.suppress(OutputError):  # it failed, perhaps, for the same reason
                self._journal.add(fingerprint, record)
        yield from ()

    def tally(self, tracks: Sequence[Track]) -> Tally:
        """Count the answers in the journal, and find what is the same recording."""
        embeddings = self._folder.embeddings(self._journal.records(tracks))
        return Tally.of(self._journal.records(tracks), same_recordings(embeddings))

    def complete(self, tracks: Sequence[Track], tally: Tally) -> list[str]:
        """Write summary, overview and playlists."""
        self._folder.save_collection(lambda: self._journal.records(tracks), tally)
        return self._folder.save_playlists(tracks, self._journal.records(tracks))

    def end(self) -> None:
        """Put the end into the journal."""
        self._journal.end()

    def _is_kept(self, track: Track) -> bool:
        """Return whether everything is there that an earlier run wrote of a track."""
        has_embedding = self._embeddings is None or self._embeddings.had(str(track.place))
        return has_embedding and self._journal.take_over(track)

    def close(self) -> None:
        """Close the journal and leave the folder to others."""
        self._journal.close()
        self._folder.close()


def sink_for(options: RunOptions, model: ModelInfo) -> ResultSink:
    """Create the sink for the options."""
    if options.destination.is_preview:
        return PrintedTags(options.destination)
    if options.destination.folder:
        folder = OutputFolder(options.destination.folder, options)
        try:
            return SavedResults(folder, model, is_resumed=options.destination.is_resumed)
        except BaseException:
            folder.close()
            raise
    is_for_people = sys.stdout.isatty() and not options.destination.is_json_wanted
    return (PrintedReports if is_for_people else PrintedJson)(options.destination.tags.vocabulary)

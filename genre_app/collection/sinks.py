"""What becomes of results: printed, shown as tags, or saved in a folder."""

import sys
from collections.abc import Callable, Iterator, Sequence
from typing import Protocol

from genre_app.collection.file_tags import can_be_tagged, tags_for
from genre_app.collection.options import RunOptions
from genre_app.collection.output_folder import OutputFolder
from genre_app.collection.record import TrackRecord
from genre_app.collection.tracks import Track
from genre_app.report import Report, to_json
from genre_app.results.model_info import ModelInfo


class ResultSink(Protocol):
    """Where the results of a run go. Only `deliver` is called from several threads."""

    def place(self, tracks: Sequence[Track]) -> list[Track]:
        """Settle which tracks there are, and their places."""

    def finished(self, track: Track) -> TrackRecord | None:
        """Return what a run before found for a track and need not be done again."""

    def deliver(self, track: Track, analyse: Callable[[], Report]) -> TrackRecord:
        """Analyse a track and hand over what needs no order."""

    def show(self, index: int, record: TrackRecord) -> Iterator[str]:
        """Yield the texts that standard output gets now that the track with this index is done."""

    def complete(self, records: Sequence[TrackRecord]) -> None:
        """Hand over what concerns all tracks that are done."""


class _Printed:
    """What the printing sinks share: nothing is kept."""

    def place(self, tracks: Sequence[Track]) -> list[Track]:
        return list(tracks)

    def finished(self, track: Track) -> TrackRecord | None:  # noqa: ARG002
        return None

    def deliver(self, track: Track, analyse: Callable[[], Report]) -> TrackRecord:
        result = analyse().result
        return TrackRecord.of(str(track.place), result).with_result(result)

    def complete(self, records: Sequence[TrackRecord]) -> None:
        pass


class PrintedResults(_Printed):
    """Prints each result as JSON, in the order of the tracks, whichever is done first."""

    def __init__(self) -> None:
        self._held: dict[int, TrackRecord] = {}
        self._next = 0

    def show(self, index: int, record: TrackRecord) -> Iterator[str]:
        """Yield this result once those before it are out, and those that waited for it."""
        self._held[index] = record
        while (ready := self._held.pop(self._next, None)) is not None:
            self._next += 1
            if ready.result:
                yield to_json(ready.result, indent=2 if sys.stdout.isatty() else None)


class PrintedTags(_Printed):
    """Prints the tags that copies of the tracks would get."""

    def show(self, index: int, record: TrackRecord) -> Iterator[str]:  # noqa: ARG002
        """Yield a line a track."""
        if record.result is None:
            return
        tags = tags_for(record.result)
        if tags is None:
            yield f"{record.track}: no tags, for the answer is not sure"
        elif not can_be_tagged(record.track):
            yield f"{record.track}: no tags, for this kind of file takes none"
        else:
            yield f"{record.track}: {tags}"


class SavedResults:
    """Writes files into a folder and keeps a journal of what is finished there.

    Parameters
    ----------
    folder : OutputFolder
        Where to write.
    model : ModelInfo
        The model that answers.
    """

    def __init__(self, folder: OutputFolder, model: ModelInfo) -> None:
        self._folder = folder
        self._journal = folder.open_journal(model)

    def place(self, tracks: Sequence[Track]) -> list[Track]:
        """Give each track a place whose outputs collide with no others."""
        return self._folder.name(tracks)

    def finished(self, track: Track) -> TrackRecord | None:
        """Ask the journal."""
        return self._journal.finished(track)

    def deliver(self, track: Track, analyse: Callable[[], Report]) -> TrackRecord:
        """Write the track's outputs, then its line in the journal."""
        fingerprint = self._journal.fingerprint(track)
        record = self._folder.save(track, analyse())
        self._journal.record(fingerprint, record)
        return record

    def show(self, index: int, record: TrackRecord) -> Iterator[str]:  # noqa: ARG002
        """Print nothing."""
        yield from ()

    def complete(self, records: Sequence[TrackRecord]) -> None:
        """Write the summary and the overview."""
        self._folder.save_collection(records)


def sink_for(options: RunOptions, model: ModelInfo) -> ResultSink:
    """Choose the sink that the options ask for."""
    if options.destination.tagging == "preview":
        return PrintedTags()
    if options.destination.folder:
        return SavedResults(OutputFolder(options.destination.folder, options), model)
    return PrintedResults()

"""Sinks for results: print them, for people or as JSON, print their tags, or save them in a folder."""

import contextlib
import sys
from collections.abc import Callable, Iterator, Sequence
from typing import Protocol

from rich.console import Console

from genre_app.collection.options import RunOptions
from genre_app.collection.output_folder import OutputFolder
from genre_app.collection.record import TrackRecord
from genre_app.collection.summary import Tally
from genre_app.collection.tag_preview import TagPreview
from genre_app.collection.tagging.fields import TagOptions
from genre_app.collection.tagging.files import file_genres
from genre_app.collection.tracks import Track
from genre_app.errors import OutputError
from genre_app.formatting import output_takes_unicode
from genre_app.report import Report, to_json
from genre_app.report.terminal import TerminalReport
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

    def complete(self, tracks: Sequence[Track], tally: Tally) -> None:
        """Write the outputs that cover all tracks that are done."""

    def end(self) -> None:
        """Note that the run has come to its end."""

    def close(self) -> None:
        """Let go of what the sink holds."""


class _Printed:
    """Base of the printing sinks, which save nothing."""

    is_for_people = False

    def __init__(self) -> None:
        self._tally = Tally()

    def place(self, tracks: Sequence[Track]) -> list[Track]:
        return list(tracks)

    def is_done(self, track: Track) -> bool:  # noqa: ARG002
        return False

    def deliver(self, track: Track, analyse: Callable[[], Report]) -> TrackRecord:
        report = analyse()
        record = TrackRecord.of(str(track.place), report.result, file_genres=file_genres(track.path))
        return record.with_printed(self.text_of(track, record, report))

    def text_of(self, track: Track, record: TrackRecord, report: Report) -> str:
        """Return what is printed of a track; called from several threads."""
        raise NotImplementedError

    def accept(self, index: int, track: Track, record: TrackRecord) -> Iterator[str]:  # noqa: ARG002
        """Yield the text as soon as it is there."""
        self._tally.add(record)
        yield from self.show(index, record.printed)

    def show(self, index: int, text: str | None) -> Iterator[str]:  # noqa: ARG002
        """Yield what may be printed now; a track that failed has no text."""
        if text is not None:
            yield text

    def tally(self, tracks: Sequence[Track]) -> Tally:  # noqa: ARG002
        return self._tally

    def complete(self, tracks: Sequence[Track], tally: Tally) -> None:
        pass

    def end(self) -> None:
        pass

    def close(self) -> None:
        pass


class _PrintedInOrder(_Printed):
    """Prints in the order of the tracks."""

    def __init__(self) -> None:
        super().__init__()
        self._held: dict[int, str | None] = {}
        self._next = 0

    def show(self, index: int, text: str | None) -> Iterator[str]:
        """Yield all texts that are next in order; hold back the others."""
        self._held[index] = text
        while self._next in self._held:
            ready = self._held.pop(self._next)
            self._next += 1
            yield from super().show(index, ready)


class PrintedJson(_PrintedInOrder):
    """Prints each result as JSON: on one line, or indented in a terminal."""

    def text_of(self, track: Track, record: TrackRecord, report: Report) -> str:  # noqa: ARG002
        """Return the JSON."""
        indent = 2 if sys.stdout.isatty() else None
        return to_json(report.result, indent=indent, ascii_only=not output_takes_unicode())


class PrintedReports(_PrintedInOrder):
    """Prints each result for people: one at length, several in brief."""

    is_for_people = True

    def __init__(self) -> None:
        super().__init__()
        self._terminal = TerminalReport(Console())
        self._is_one = True

    def place(self, tracks: Sequence[Track]) -> list[Track]:
        """Keep the tracks where they are."""
        self._is_one = len(tracks) == 1
        return super().place(tracks)

    def text_of(self, track: Track, record: TrackRecord, report: Report) -> str:  # noqa: ARG002
        """Return the lines for the terminal."""
        return self._terminal.whole(report) if self._is_one else self._terminal.brief(report)


class PrintedTags(_PrintedInOrder):
    """Prints a table of what the tracks carry, what is heard, and what would be written, for a dry run.

    Parameters
    ----------
    options : TagOptions
        What would be written.
    """

    def __init__(self, options: TagOptions) -> None:
        super().__init__()
        self._preview = TagPreview(options)
        self._has_header = False

    def text_of(self, track: Track, record: TrackRecord, report: Report) -> str:
        """Return a row."""
        return self._preview.row(track, record, report.result)

    def show(self, index: int, text: str | None) -> Iterator[str]:
        """Yield the rows that are next, below the header."""
        for row in super().show(index, text):
            if not self._has_header:
                yield self._preview.header()
            self._has_header = True
            yield row


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
        #: The fingerprints of the tracks that are worked on.
        self._under_way: dict[Track, str] = {}

    def place(self, tracks: Sequence[Track]) -> list[Track]:
        """Assign each track a place whose outputs cannot collide with others."""
        return self._folder.name(tracks)

    def is_done(self, track: Track) -> bool:
        """Look the track up in the journal; what an earlier run did counts if this one resumes it."""
        return self._journal.is_current(track) or (self._is_resumed and self._journal.take_over(track))

    def deliver(self, track: Track, analyse: Callable[[], Report]) -> TrackRecord:
        """Write the track's outputs, then its journal line."""
        fingerprint = self._under_way[track] = self._journal.fingerprint(track)
        report = analyse()
        is_unchanged = self._journal.fingerprint(track) == fingerprint
        record = self._folder.save(track, report, is_unchanged=is_unchanged)
        if self._folder.changes_tracks and is_unchanged:  # the next run finds the track as it is now
            fingerprint = self._journal.fingerprint(track)
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
        """Count the answers in the journal."""
        return Tally.of(self._journal.records(tracks))

    def complete(self, tracks: Sequence[Track], tally: Tally) -> None:
        """Write summary and overview."""
        self._folder.save_collection(lambda: self._journal.records(tracks), tally)

    def end(self) -> None:
        """Put the end into the journal."""
        self._journal.end()

    def close(self) -> None:
        """Close the journal and leave the folder to others."""
        self._journal.close()
        self._folder.close()


def sink_for(options: RunOptions, model: ModelInfo) -> ResultSink:
    """Create the sink for the options."""
    if options.destination.tagging == "preview":
        return PrintedTags(options.destination.tags)
    if options.destination.folder:
        folder = OutputFolder(options.destination.folder, options)
        try:
            return SavedResults(folder, model, is_resumed=options.destination.is_resumed)
        except BaseException:
            folder.close()
            raise
    is_for_people = sys.stdout.isatty() and not options.destination.is_json_wanted
    return PrintedReports() if is_for_people else PrintedJson()

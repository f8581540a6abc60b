"""Sinks for results: print them, for people or as JSON, print their tags, or save them in a folder."""

import sys
from collections.abc import Callable, Iterator, Sequence
from typing import Protocol

from rich.console import Console

from genre_app.collection.file_tags import can_be_tagged, tags_for
from genre_app.collection.options import RunOptions
from genre_app.collection.output_folder import OutputFolder
from genre_app.collection.record import TrackRecord
from genre_app.collection.tracks import Track
from genre_app.formatting import output_takes_unicode
from genre_app.report import Report, to_json
from genre_app.report.terminal import TerminalReport
from genre_app.results.model_info import ModelInfo


class ResultSink(Protocol):
    """Receives the results of a run; only `deliver` is called from several threads.

    Attributes
    ----------
    is_for_people : bool
        Whether what `show` yields says the answer and its notes in words.
    """

    is_for_people: bool

    def place(self, tracks: Sequence[Track]) -> list[Track]:
        """Return the tracks to analyse, with their final places."""

    def finished(self, track: Track) -> TrackRecord | None:
        """Return the record of a track that an earlier run finished, else None."""

    def deliver(self, track: Track, analyse: Callable[[], Report]) -> TrackRecord:
        """Analyse a track and write those outputs that do not depend on the order of tracks."""

    def show(self, index: int, record: TrackRecord) -> Iterator[str]:
        """Yield the texts to print to standard output after the track with this index is done."""

    def complete(self, records: Sequence[TrackRecord]) -> list[str]:
        """Write the outputs that cover all finished tracks; return what is to be said of them together."""


class _Printed:
    """Base of the printing sinks, which save nothing."""

    is_for_people = False

    def place(self, tracks: Sequence[Track]) -> list[Track]:
        return list(tracks)

    def finished(self, track: Track) -> TrackRecord | None:  # noqa: ARG002
        return None

    def deliver(self, track: Track, analyse: Callable[[], Report]) -> TrackRecord:
        report = analyse()
        record = TrackRecord.of(str(track.place), report.result)
        return record.with_printed(self.text_of(record, report))

    def text_of(self, record: TrackRecord, report: Report) -> str:
        """Return what is printed of a track; called from several threads."""
        raise NotImplementedError

    def show(self, index: int, record: TrackRecord) -> Iterator[str]:  # noqa: ARG002
        """Yield the text as soon as it is there."""
        if record.printed is not None:
            yield record.printed

    def complete(self, records: Sequence[TrackRecord]) -> list[str]:  # noqa: ARG002
        return []


class _PrintedInOrder(_Printed):
    """Prints in the order of the tracks."""

    def __init__(self) -> None:
        self._held: dict[int, TrackRecord] = {}
        self._next = 0

    def show(self, index: int, record: TrackRecord) -> Iterator[str]:
        """Yield all texts that are next in order; hold back the others."""
        self._held[index] = record
        while (ready := self._held.pop(self._next, None)) is not None:
            self._next += 1
            yield from super().show(index, ready)


class PrintedJson(_PrintedInOrder):
    """Prints each result as JSON: on one line, or indented in a terminal."""

    def text_of(self, record: TrackRecord, report: Report) -> str:  # noqa: ARG002
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

    def text_of(self, record: TrackRecord, report: Report) -> str:  # noqa: ARG002
        """Return the lines for the terminal."""
        return self._terminal.whole(report) if self._is_one else self._terminal.brief(report)


class PrintedTags(_Printed):
    """Prints the tags that copies of the tracks would get, for a dry run."""

    def text_of(self, record: TrackRecord, report: Report) -> str:
        """Return one line."""
        tags = tags_for(report.result)
        if tags is None:
            return f"{record.track}: no tags, for the answer is not one sure genre"
        if not can_be_tagged(record.track):
            return f"{record.track}: no tags, for this kind of file takes none"
        return f"{record.track}: {tags}"


class SavedResults:
    """Writes reports into a folder and keeps a journal of finished tracks.

    Parameters
    ----------
    folder : OutputFolder
        The output folder.
    model : ModelInfo
        The model of the run.
    """

    is_for_people = False

    def __init__(self, folder: OutputFolder, model: ModelInfo) -> None:
        self._folder = folder
        self._journal = folder.open_journal(model)
        self._embeddings = folder.open_embeddings(model)

    def place(self, tracks: Sequence[Track]) -> list[Track]:
        """Assign each track a place whose outputs cannot collide with others."""
        return self._folder.name(tracks)

    def finished(self, track: Track) -> TrackRecord | None:
        """Return the record from the journal."""
        return self._journal.finished(track)

    def deliver(self, track: Track, analyse: Callable[[], Report]) -> TrackRecord:
        """Write the track's outputs and embedding, then its journal line."""
        fingerprint = self._journal.fingerprint(track)
        report = analyse()
        record = self._folder.save(track, report)
        if report.embedding and self._embeddings:
            self._embeddings.append(record.track, report.embedding)
        self._journal.record(fingerprint, record)
        return record

    def show(self, index: int, record: TrackRecord) -> Iterator[str]:  # noqa: ARG002
        """Print nothing."""
        yield from ()

    def complete(self, records: Sequence[TrackRecord]) -> list[str]:
        """Write summary and overview; name recordings that are there more than once."""
        return self._folder.save_collection(records)


def sink_for(options: RunOptions, model: ModelInfo) -> ResultSink:
    """Create the sink for the options."""
    if options.destination.tagging == "preview":
        return PrintedTags()
    if options.destination.folder:
        return SavedResults(OutputFolder(options.destination.folder, options), model)
    is_for_people = sys.stdout.isatty() and not options.destination.is_json_wanted
    return PrintedReports() if is_for_people else PrintedJson()

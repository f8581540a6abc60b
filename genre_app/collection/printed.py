"""Sinks that print results, for people or as JSON, or their tags, and save nothing."""

import sys
from collections.abc import Callable, Iterator, Sequence

from rich.console import Console

from genre_app.collection.options import Destination
from genre_app.collection.output_folder import TAGGED_FOLDER
from genre_app.collection.record import TrackRecord
from genre_app.collection.summary import Tally
from genre_app.collection.tag_preview import TagPreview
from genre_app.collection.tagging.files import file_genres
from genre_app.collection.tagging.outcome import attempt
from genre_app.collection.tagging.rehearsal import Rehearsal
from genre_app.collection.tagging.vocabulary import NO_VOCABULARY, Vocabulary
from genre_app.collection.tracks import Track
from genre_app.formatting import output_takes_unicode
from genre_app.report import Report, to_json
from genre_app.report.terminal import TerminalReport
from genre_app.results.schema import ClassificationResult


class _Printed:
    """Base of the printing sinks, which save nothing."""

    is_for_people = False

    def __init__(self, vocabulary: Vocabulary = NO_VOCABULARY) -> None:
        self._tally = Tally()
        self._vocabulary = vocabulary

    def place(self, tracks: Sequence[Track]) -> list[Track]:
        return list(tracks)

    def is_done(self, track: Track) -> bool:  # noqa: ARG002
        return False

    def deliver(self, track: Track, analyse: Callable[[], Report]) -> TrackRecord:
        report = analyse()
        record = self.record_of(track, report.result)
        return record.with_printed(self.text_of(track, record, report))

    def record_of(self, track: Track, result: ClassificationResult) -> TrackRecord:
        """Summarise the result."""
        carried = file_genres(track.path)
        return TrackRecord.of(str(track.place), result, file_genres=carried, vocabulary=self._vocabulary)

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

    def complete(self, tracks: Sequence[Track], tally: Tally) -> list[str]:  # noqa: ARG002
        return []

    def end(self) -> None:
        pass

    def close(self) -> None:
        pass


class _PrintedInOrder(_Printed):
    """Prints in the order of the tracks."""

    def __init__(self, vocabulary: Vocabulary = NO_VOCABULARY) -> None:
        super().__init__(vocabulary)
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

    def __init__(self, vocabulary: Vocabulary = NO_VOCABULARY) -> None:
        super().__init__(vocabulary)
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
    destination : Destination
        What would be written, and where.
    """

    def __init__(self, destination: Destination) -> None:
        super().__init__(destination.tags.vocabulary)
        self._destination = destination
        self._rehearsal = Rehearsal(destination.tags, is_in_place=destination.tagging == "in_place")
        self._preview = TagPreview()
        self._has_header = False

    def deliver(self, track: Track, analyse: Callable[[], Report]) -> TrackRecord:
        """Find out what would be written, and put that into a row."""
        result = analyse().result
        record = self.record_of(track, result)
        folder = self._destination.folder
        copy = folder / TAGGED_FOLDER / track.place if folder else None
        outcome = attempt(
            track.path, result, self._destination.tags, lambda tags: self._rehearsal.tag(track.path, tags, copy=copy)
        )
        return record.with_tags(outcome).with_printed(self._preview.row(record, result, outcome))

    def show(self, index: int, text: str | None) -> Iterator[str]:
        """Yield the rows that are next, below the header."""
        for row in super().show(index, text):
            if not self._has_header:
                yield self._preview.header()
            self._has_header = True
            yield row

"""What becomes of results: printed, shown as tags, or saved in a folder."""

import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from genre_app.collection.file_tags import can_be_tagged, tags_for
from genre_app.collection.options import Request
from genre_app.collection.output_folder import OutputFolder
from genre_app.collection.record import Entry
from genre_app.collection.tracks import Track
from genre_app.report import Report, to_json
from genre_app.results.model_info import ModelInfo
from genre_app.results.schema import ClassificationResult


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a track went; without a result where it failed."""

    entry: Entry
    result: ClassificationResult | None = None


class Delivery(Protocol):
    """One way to hand over results. Only `deliver` is called from several threads."""

    def place(self, tracks: Sequence[Track]) -> list[Track]:
        """Settle which tracks there are, and their places."""

    def finished(self, track: Track) -> Entry | None:
        """Return what a run before found for a track and need not be done again."""

    def deliver(self, track: Track, listen: Callable[[], Report]) -> Outcome:
        """Listen to a track and hand over what needs no order."""

    def show(self, index: int, outcome: Outcome) -> Iterator[str]:
        """Yield the texts that standard output gets now that the track with this index is done."""

    def complete(self, entries: Sequence[Entry]) -> None:
        """Hand over what concerns all tracks that are done."""


class _Printed:
    """What the printing ways share: nothing is kept."""

    def place(self, tracks: Sequence[Track]) -> list[Track]:
        return list(tracks)

    def finished(self, track: Track) -> Entry | None:  # noqa: ARG002
        return None

    def deliver(self, track: Track, listen: Callable[[], Report]) -> Outcome:
        result = listen().result
        return Outcome(Entry.of(str(track.place), result), result)

    def complete(self, entries: Sequence[Entry]) -> None:
        pass


class PrintedResults(_Printed):
    """Prints each result as JSON, in the order of the tracks, whichever is done first."""

    def __init__(self) -> None:
        self._held: dict[int, Outcome] = {}
        self._next = 0

    def show(self, index: int, outcome: Outcome) -> Iterator[str]:
        """Yield this result once those before it are out, and those that waited for it."""
        self._held[index] = outcome
        while (ready := self._held.pop(self._next, None)) is not None:
            self._next += 1
            if ready.result:
                yield to_json(ready.result, indent=2 if sys.stdout.isatty() else None)


class PrintedTags(_Printed):
    """Prints the tags that copies of the tracks would get."""

    def show(self, index: int, outcome: Outcome) -> Iterator[str]:  # noqa: ARG002
        """Yield a line a track."""
        if outcome.result is None:
            return
        tags = tags_for(outcome.result)
        if tags is None:
            yield f"{outcome.entry.track}: no tags, for the answer is not sure"
        elif not can_be_tagged(outcome.entry.track):
            yield f"{outcome.entry.track}: no tags, for this kind of file takes none"
        else:
            yield f"{outcome.entry.track}: {tags}"


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

    def finished(self, track: Track) -> Entry | None:
        """Ask the journal."""
        return self._journal.finished(track)

    def deliver(self, track: Track, listen: Callable[[], Report]) -> Outcome:
        """Write the track's outputs, then its line in the journal."""
        fingerprint = self._journal.fingerprint(track)
        entry = self._folder.save(track, listen())
        self._journal.record(fingerprint, entry)
        return Outcome(entry)

    def show(self, index: int, outcome: Outcome) -> Iterator[str]:  # noqa: ARG002
        """Print nothing."""
        yield from ()

    def complete(self, entries: Sequence[Entry]) -> None:
        """Write the summary and the overview."""
        self._folder.save_collection(entries)


def delivery_for(request: Request, model: ModelInfo) -> Delivery:
    """Choose the way that a request asks for."""
    if request.destination.tagging == "preview":
        return PrintedTags()
    if request.destination.folder:
        return SavedResults(OutputFolder(request.destination.folder, request), model)
    return PrintedResults()

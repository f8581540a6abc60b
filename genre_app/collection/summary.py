"""The summary of a run, as text and as CSV."""

import csv
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path
from typing import Final, Self

from genre_app.collection.record import TrackRecord
from genre_app.collection.tagging.comparison import COMPARISONS, Comparison
from genre_app.formatting import clock
from genre_app.genres import display_name
from genre_app.report.csv_text import text_of_cell, to_csv_text

#: What a summary calls the tracks that count for no label.
OTHER_ANSWERS: Final[dict[str, str]] = {
    "uncertain": "Not sure",
    "mixed": "Several in turn",
    "outside": "None of the ten",
    "not_music": "Not music",
    "failed": "Failed",
}
_COLUMNS: Final = ("track", "status", "genre", "confidence", "sentence", "duration_seconds", "tempo_bpm", "key")
#: What follows them and holds several values.
_JOINED: Final = ("outputs", "styles", "file_genres", "same_recording_as")
_WRITTEN: Final = ("written_genres", "written_styles", "written_moods")
#: Failures that are listed; there may be thousands.
_MOST_FAILURES: Final = 20
#: Tracks without tags that are named for each reason.
_MOST_UNTAGGED: Final = 3
#: Recordings in several files that are listed; the overview has them all.
_MOST_COPIES: Final = 10


@dataclass(slots=True)
class UntaggedTracks:
    """Tracks that got no tags for one reason: how many they are, and the first few."""

    count: int = 0
    first: list[str] = field(default_factory=list)

    def add(self, track: str) -> None:
        """Count a track."""
        self.count += 1
        if len(self.first) < _MOST_UNTAGGED:
            self.first.append(track)


class Tally:
    """Counts of a run's answers; it holds few records, however many are added.

    Attributes
    ----------
    n_tracks : int
        Tracks that were added.
    duration_s : float
        Length of all of them.
    has_unsure_labels : bool
        Whether a track counts for a tag that is only the likeliest.
    n_tagged, n_tagged_before : int
        Tracks that this run, and earlier ones, wrote tags into, or into their copies.
    untagged : dict of str to UntaggedTracks
        Those that got no tags, by the reason.
    failures : list of TrackRecord
        The first that failed, at most 20.
    copies : sequence of sequence of str
        Tracks that are the same recording, where that was looked for.
    """

    def __init__(self) -> None:
        self.n_tracks = 0
        self.duration_s = 0.0
        self.has_unsure_labels = False
        self.n_tagged = 0
        self.n_tagged_before = 0
        self.untagged: dict[str, UntaggedTracks] = {}
        self.failures: list[TrackRecord] = []
        self.copies: Sequence[Sequence[str]] = ()
        self._by_status: Counter[str] = Counter()
        self._by_label: Counter[str] = Counter()
        self._by_comparison: Counter[Comparison] = Counter()

    @classmethod
    def of(cls, records: Iterable[TrackRecord], copies: Sequence[Sequence[str]] = ()) -> Self:
        """Count the answers of records, of which some are the same recording."""
        tally = cls()
        tally.copies = copies
        for record in records:
            tally.add(record)
        return tally

    def add(self, record: TrackRecord) -> None:
        """Count a track's answer."""
        self.n_tracks += 1
        self.duration_s += record.duration_seconds or 0.0
        if record.named:
            self._by_label[record.named] += 1
            self.has_unsure_labels |= record.status == "uncertain"
        else:
            self._by_status[record.status] += 1
        self.n_tagged += record.is_tagged and not record.is_kept
        self.n_tagged_before += record.is_tagged and record.is_kept
        if record.untagged:
            self.untagged.setdefault(record.untagged, UntaggedTracks()).add(record.track)
        if record.comparison:
            self._by_comparison[record.comparison] += 1
        if record.status == "failed" and len(self.failures) < _MOST_FAILURES:
            self.failures.append(record)

    def marked(self, records: Iterable[TrackRecord]) -> Iterator[TrackRecord]:
        """Name in each record the other tracks that are the same recording."""
        group_of = {track: tracks for tracks in self.copies for track in tracks}
        for record in records:
            others = tuple(track for track in group_of.get(record.track, ()) if track != record.track)
            yield record.model_copy(update={"same_recording_as": others}) if others else record

    @property
    def n_failed(self) -> int:
        """Number of tracks that failed."""
        return self._by_status["failed"]

    @property
    def n_failures_unlisted(self) -> int:
        """Number of failures beyond those in `failures`."""
        return self.n_failed - len(self.failures)

    @property
    def label_counts(self) -> list[tuple[str, int]]:
        """The tracks by the label that each counts for, the most frequent first."""
        return sorted(self._by_label.items(), key=lambda pair: (-pair[1], pair[0]))

    @property
    def other_counts(self) -> list[tuple[str, int]]:
        """The other tracks by their status, in the order of `OTHER_ANSWERS`."""
        return [(status, self._by_status[status]) for status in OTHER_ANSWERS if self._by_status[status]]

    @property
    def comparison_counts(self) -> list[tuple[Comparison, int]]:
        """How the genres that the files carry compare with what is heard, in the order of `COMPARISONS`."""
        return [(comparison, n) for comparison in COMPARISONS if (n := self._by_comparison[comparison])]


def to_csv(records: Iterable[TrackRecord]) -> str:
    """Write one row per track; several files, styles, genres or moods are joined by vertical bars."""
    header = (*_COLUMNS, "notes", *_JOINED, "comparison", *_WRITTEN)
    return to_csv_text(chain([header], map(_row, records)))


def tracks_in(path: Path) -> set[str] | None:
    """Read which tracks a file of `to_csv` lists; None if there is none, or it is something else."""
    try:
        with path.open(newline="", encoding="utf-8-sig") as table:
            return {text_of_cell(row["track"]) for row in csv.DictReader(table)}
    except (OSError, ValueError, KeyError, csv.Error):
        return None


def _row(record: TrackRecord) -> tuple[object, ...]:
    cells = [getattr(record, column) for column in _COLUMNS]
    joined, written = (["|".join(getattr(record, name)) for name in names] for names in (_JOINED, _WRITTEN))
    return (*cells, " ".join(record.warnings), *joined, record.comparison, *written)


def summary_text(tally: Tally, *, elapsed_s: float, n_kept: int, is_preview: bool = False) -> str:
    """Summarise a run: counts by genre and of the other answers, copies, and the failures with their reasons.

    Parameters
    ----------
    tally : Tally
        Of all tracks.
    elapsed_s : float
        Duration of the run.
    n_kept : int
        Tracks that an earlier run finished.
    is_preview : bool
        Whether tags were only tried.
    """
    kept = f", {n_kept} of them finished before" if n_kept else ""
    lines = [f"{tally.n_tracks} tracks in {clock(elapsed_s)}{kept}; {clock(tally.duration_s)} of audio"]
    counts = [(display_name(label), count) for label, count in tally.label_counts]
    counts += [(OTHER_ANSWERS[status], count) for status, count in tally.other_counts]
    lines += [f"  {name:<16}{count:>6}" for name, count in counts]
    compared = [f"{COMPARISONS[comparison].lower()} {count}" for comparison, count in tally.comparison_counts]
    if compared:
        lines.append(f"The genre in the file, and what is heard: {', '.join(compared)}")
    lines += tag_lines(tally, is_preview=is_preview)
    lines += _copies_lines(tally.copies)
    if tally.failures:
        lines += ["What failed:", *(f"  {record.track}: {record.sentence}" for record in tally.failures)]
    if tally.n_failures_unlisted:
        lines.append(f"  and {tally.n_failures_unlisted} more")
    return "\n".join(lines)


def tag_lines(tally: Tally, *, is_preview: bool = False) -> list[str]:
    """Say how many files got tags, and which did not and why; nothing where no tags were asked for."""
    if not (tally.n_tagged or tally.n_tagged_before or tally.untagged):
        return []
    lines = [f"Tags {'would be' if is_preview else 'were'} written into {_files(tally.n_tagged)}"]
    if tally.n_tagged_before:
        lines[0] += f"; an earlier run wrote them into {_files(tally.n_tagged_before)}"
    reasons = sorted(tally.untagged.items(), key=lambda pair: (-pair[1].count, pair[0]))
    if n_untagged := sum(tracks.count for _, tracks in reasons) + tally.n_failed:
        lines.append(f"{_files(n_untagged)} {'would get' if is_preview else 'got'} no new tags:")
    lines += [f"{tracks.count:>6}  {reason}: {_named(tracks)}" for reason, tracks in reasons]
    return [*lines, f"{tally.n_failed:>6}  failed, as listed below"] if tally.n_failed else lines


def _files(count: int) -> str:
    return f"{count} file{'' if count == 1 else 's'}"


def _named(tracks: UntaggedTracks) -> str:
    n_more = tracks.count - len(tracks.first)
    return ", ".join(tracks.first) + (f" and {n_more} more" if n_more else "")


def _copies_lines(copies: Sequence[Sequence[str]]) -> list[str]:
    if not copies:
        return []
    lines = [f"{len(copies)} recording{' is' if len(copies) == 1 else 's are'} here more than once:"]
    lines += [f"  {' = '.join(tracks)}" for tracks in copies[:_MOST_COPIES]]
    n_more = len(copies) - _MOST_COPIES
    return [*lines, f"  and {n_more} more"] if n_more > 0 else lines

"""The summary of a run, as text and as CSV."""

import csv
import io
from collections import Counter
from collections.abc import Sequence
from typing import Final

from genre_app.collection.record import TrackRecord
from genre_app.formatting import clock
from genre_app.genres import display_name

#: What a summary calls the tracks that no genre counts for.
OTHER_ANSWERS: Final[dict[str, str]] = {
    "uncertain": "Not sure",
    "mixed": "Several in turn",
    "outside": "None of the ten",
    "not_music": "Not music",
    "failed": "Failed",
}
#: More recordings than this, that are there more than once, stand in the overview alone.
_MOST_COPIES: Final = 10
_COLUMNS = ("track", "status", "genre", "confidence", "sentence", "duration_seconds", "tempo_bpm", "key")


def to_csv(records: Sequence[TrackRecord]) -> str:
    """Write one row per track; its output files, and its styles, are joined by vertical bars."""
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\n")
    table.writerow([*_COLUMNS, "notes", "outputs", "styles"])
    for record in records:
        row = [getattr(record, column) for column in _COLUMNS]
        table.writerow([*row, " ".join(record.warnings), "|".join(record.outputs), "|".join(record.styles)])
    return text.getvalue()


def copies_text(copies: Sequence[Sequence[str]]) -> str:
    """List the recordings that a collection holds more than once, the first few of many."""
    lines = [f"{len(copies)} recording{' is' if len(copies) == 1 else 's are'} here more than once:"]
    lines += [f"  {' = '.join(tracks)}" for tracks in copies[:_MOST_COPIES]]
    n_more = len(copies) - _MOST_COPIES
    return "\n".join([*lines, *([f"  and {n_more} more, in the overview"] if n_more > 0 else [])])


def genre_counts(records: Sequence[TrackRecord]) -> list[tuple[str, int]]:
    """Count the confident verdicts by genre, the most frequent first."""
    counts = Counter(record.genre for record in records if record.status == "confident" and record.genre)
    return sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))


def status_count(records: Sequence[TrackRecord], status: str) -> int:
    """Count the tracks with a status."""
    return sum(record.status == status for record in records)


def summary_text(records: Sequence[TrackRecord], *, elapsed_s: float, n_kept: int) -> str:
    """Summarise a run: counts by genre and of the other answers, and the failures with their reasons.

    Parameters
    ----------
    records : sequence of TrackRecord
        All tracks.
    elapsed_s : float
        Duration of the run.
    n_kept : int
        Tracks that an earlier run finished.
    """
    music_s = sum(record.duration_seconds or 0.0 for record in records)
    kept = f", {n_kept} of them finished before" if n_kept else ""
    lines = [f"{len(records)} tracks in {clock(elapsed_s)}{kept}; {clock(music_s)} of music"]
    counts = [(display_name(genre), count) for genre, count in genre_counts(records)]
    counts += [(name, status_count(records, status)) for status, name in OTHER_ANSWERS.items()]
    lines += [f"  {name:<16}{count:>6}" for name, count in counts if count]
    failed = [record for record in records if record.status == "failed"]
    if failed:
        lines += ["What failed:", *(f"  {record.track}: {record.sentence}" for record in failed)]
    return "\n".join(lines)

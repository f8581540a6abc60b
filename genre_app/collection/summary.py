"""A run over a collection in numbers: for the terminal and as a table."""

import csv
import io
from collections import Counter
from collections.abc import Sequence

from genre_app.collection.record import Entry
from genre_app.formatting import clock
from genre_app.genres import display_name

_COLUMNS = ("track", "status", "genre", "confidence", "sentence", "duration_seconds", "tempo_bpm", "key")


def to_csv(entries: Sequence[Entry]) -> str:
    """Write one row a track; a vertical bar stands between the names of its files."""
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\n")
    table.writerow([*_COLUMNS, "notes", "outputs"])
    for entry in entries:
        row = [getattr(entry, column) for column in _COLUMNS]
        table.writerow([*row, " ".join(entry.warnings), "|".join(entry.outputs)])
    return text.getvalue()


def genre_counts(entries: Sequence[Entry]) -> list[tuple[str, int]]:
    """Count the confident answers by genre, the most frequent first."""
    counts = Counter(entry.genre for entry in entries if entry.status == "confident" and entry.genre)
    return sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))


def status_count(entries: Sequence[Entry], status: str) -> int:
    """Count the tracks of a status."""
    return sum(entry.status == status for entry in entries)


def summary_text(entries: Sequence[Entry], *, elapsed_s: float, n_kept: int) -> str:
    """Say how a run went: how many of each genre, what was uncertain, not music, and what failed and why.

    Parameters
    ----------
    entries : sequence of Entry
        All tracks.
    elapsed_s : float
        How long the run took.
    n_kept : int
        How many were finished by a run before.
    """
    music_s = sum(entry.duration_seconds or 0.0 for entry in entries)
    kept = f", {n_kept} of them finished before" if n_kept else ""
    lines = [f"{len(entries)} tracks in {clock(elapsed_s)}{kept}; {clock(music_s)} of music"]
    counts = [(display_name(genre), count) for genre, count in genre_counts(entries)]
    others = {"Not sure": "uncertain", "Not music": "not_music", "Failed": "failed"}
    counts += [(name, status_count(entries, status)) for name, status in others.items()]
    lines += [f"  {name:<12}{count:>6}" for name, count in counts if count]
    failed = [entry for entry in entries if entry.status == "failed"]
    if failed:
        lines += ["What failed:", *(f"  {entry.track}: {entry.sentence}" for entry in failed)]
    return "\n".join(lines)

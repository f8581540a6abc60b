"""Terminal output of a run: results on standard output, everything else on standard error."""

import sys
import threading
from types import TracebackType
from typing import Any, Self

import click
from tqdm import tqdm

from genre_app.collection.record import TrackRecord
from genre_app.collection.tracks import Track
from genre_app.results.progress import Progress

_BAR = "{percentage:3.0f} % {bar} {n:.0f} of {total_fmt} tracks, {rate_fmt}, {remaining} left{postfix}"


class Console:
    """A progress bar with messages above it, used as a context manager.

    Parameters
    ----------
    n_tracks : int
        Number of tracks.
    n_finished : int
        Tracks that need no work.
    is_quiet : bool
        Whether only errors are printed.
    """

    def __init__(self, n_tracks: int, n_finished: int, *, is_quiet: bool) -> None:
        self._is_quiet = is_quiet
        self._lock = threading.Lock()
        self._fractions: dict[Track, float] = {}
        self._bar: tqdm[Any] = tqdm(
            total=n_tracks,
            initial=n_finished,
            unit=" tracks",
            bar_format=_BAR,
            smoothing=0.1,
            leave=False,
            disable=True if is_quiet else None,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._bar.close()

    def on_progress(self, track: Track, progress: Progress) -> None:
        """Advance the bar by a track's progress; called from any thread."""
        self._move(track, progress.fraction or 0.0)

    def finish(self, track: Track, record: TrackRecord, *, is_shown: bool = False) -> None:
        """Report the outcome of a track; in a terminal that shows the result as well, only a failure."""
        self._move(track, 1.0)
        with self._lock:
            self._fractions.pop(track, None)
        if record.status == "failed":
            self.error(record.sentence if record.track in record.sentence else f"{record.track}: {record.sentence}")
            return
        if is_shown and sys.stderr.isatty():
            return
        notes = [f"\n  note: {warning}" for warning in record.warnings]
        self.say(f"{record.track}: {record.sentence}{''.join(notes)}")

    def say(self, text: str) -> None:
        """Print a message, unless the run is quiet."""
        if not self._is_quiet:
            self._echo(text)

    def insist(self, text: str) -> None:
        """Print a message, even if the run is quiet."""
        self._echo(text)

    def error(self, sentence: str) -> None:
        """Print an error."""
        self._echo(f"error: {sentence}")

    def result(self, text: str) -> None:
        """Print a result to standard output."""
        with tqdm.external_write_mode(file=sys.stdout, nolock=False):
            click.echo(text)

    def _echo(self, text: str) -> None:
        with tqdm.external_write_mode(file=sys.stderr, nolock=False):
            click.echo(text, err=True)

    def _move(self, track: Track, fraction: float) -> None:
        with self._lock:
            step = max(0.0, fraction - self._fractions.get(track, 0.0))
            self._fractions[track] = max(fraction, self._fractions.get(track, 0.0))
            self._bar.update(step)

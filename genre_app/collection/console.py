"""Terminal output of a run: results on standard output, everything else on standard error."""

import contextlib
import sys
import threading
from collections.abc import Iterator
from typing import Any

import click
from tqdm import tqdm

from genre_app.collection.record import TrackRecord
from genre_app.collection.tracks import Track
from genre_app.formatting import printable
from genre_app.results.progress import Progress

_BAR = "{percentage:3.0f} % {bar} {n:.0f} of {total_fmt} tracks, {rate_fmt}, {remaining} left{postfix}"


class Console:
    """Messages, and while there is work a progress bar below them.

    Names of files are foreign text, and a terminal obeys what it is sent: no message brings control characters there.

    Parameters
    ----------
    is_quiet : bool
        Whether only errors are printed.
    """

    def __init__(self, *, is_quiet: bool) -> None:
        self._is_quiet = is_quiet
        self._lock = threading.Lock()
        self._fractions: dict[Track, float] = {}
        self._bar: tqdm[Any] = tqdm(disable=True)

    @contextlib.contextmanager
    def progress(self, n_tracks: int, n_finished: int) -> Iterator[None]:
        """Show a bar for so many tracks, of which some need no work."""
        self._bar = tqdm(
            total=n_tracks,
            initial=n_finished,
            unit=" tracks",
            bar_format=_BAR,
            smoothing=0.1,
            leave=False,
            disable=True if self._is_quiet else None,
        )
        with contextlib.closing(self._bar):
            yield

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
        """Print a result to standard output: JSON, or lines whose styles are escape sequences of our own."""
        with tqdm.external_write_mode(file=sys.stdout, nolock=False):
            click.echo(text)

    def _echo(self, text: str) -> None:
        with tqdm.external_write_mode(file=sys.stderr, nolock=False):
            click.echo("\n".join(map(printable, text.split("\n"))), err=True)

    def _move(self, track: Track, fraction: float) -> None:
        with self._lock:
            step = max(0.0, fraction - self._fractions.get(track, 0.0))
            self._fractions[track] = max(fraction, self._fractions.get(track, 0.0))
            self._bar.update(step)

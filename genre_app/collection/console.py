"""What a run says on the terminal; results aside, all of it on standard error."""

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
    """A progress bar with lines above it, for as long as a run lasts.

    Parameters
    ----------
    n_tracks : int
        How many tracks there are.
    n_finished : int
        How many of them need no work.
    is_quiet : bool
        Whether only errors are said.
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
        """Move the bar by what was listened to; called from any thread."""
        self._move(track, progress.fraction or 0.0)

    def finish(self, track: Track, record: TrackRecord) -> None:
        """Say how a track went."""
        self._move(track, 1.0)
        with self._lock:
            self._fractions.pop(track, None)
        if record.status == "failed":
            self.error(record.sentence if record.track in record.sentence else f"{record.track}: {record.sentence}")
            return
        notes = [f"\n  note: {warning}" for warning in record.warnings]
        self.say(f"{record.track}: {record.sentence}{''.join(notes)}")

    def say(self, text: str) -> None:
        """Say something that a quiet run leaves out."""
        if not self._is_quiet:
            self._echo(text)

    def insist(self, text: str) -> None:
        """Say something that a quiet run says too."""
        self._echo(text)

    def error(self, sentence: str) -> None:
        """Say what went wrong."""
        self._echo(f"error: {sentence}")

    def result(self, text: str) -> None:
        """Write to standard output."""
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

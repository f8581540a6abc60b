"""How a program decodes: in its own threads, or in worker processes (`genre_app.audio.worker_pool`)."""

import os
import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Final, Protocol

from genre_app.audio.block_stream import BlockStream
from genre_app.audio.resampling import Tap
from genre_app.audio.stream import AudioStream, open_audio
from genre_app.errors import CancelledError

_POLL_S: Final = 0.1


class Decoder(Protocol):
    """Opens tracks for decoding and limits how many are decoded at once; any thread may call it."""

    def open(
        self, path: str | os.PathLike[str], sample_rate_hz: int, *, cancel: threading.Event, tap: Tap | None = None
    ) -> BlockStream:
        """Open a track; parameters and errors are those of `genre_app.audio.open_audio`.

        Raises
        ------
        CancelledError
            ``cancel`` was set while the track waited for its turn.
        EngineClosedError
            The decoder is closed.
        ScoringError
            A worker process cannot be started.
        """

    def turn(self, cancel: threading.Event) -> AbstractContextManager[None]:
        """Hold this while blocks are consumed, and not while something else is awaited."""

    def close(self) -> None:
        """Accept no more tracks; those under way end with their streams."""


class InProcessDecoder:
    """Decodes in the thread that asks for the blocks.

    Threads decode slower together than one of them alone, because they share Python's interpreter; so this is for one
    or two at once.

    Parameters
    ----------
    n_at_once : int
        How many tracks may be decoded at the same time.
    max_minutes : float
        Longest track to accept.
    """

    def __init__(self, n_at_once: int, *, max_minutes: float) -> None:
        self._places = threading.BoundedSemaphore(n_at_once)
        self._max_minutes = max_minutes

    def open(
        self, path: str | os.PathLike[str], sample_rate_hz: int, *, cancel: threading.Event, tap: Tap | None = None
    ) -> AudioStream:
        """Open a track; see `Decoder.open`."""
        with self.turn(cancel):
            return open_audio(path, sample_rate_hz, max_minutes=self._max_minutes, tap=tap)

    @contextmanager
    def turn(self, cancel: threading.Event) -> Iterator[None]:
        """Hold one of the places; stop waiting for it once the caller cancels."""
        while not self._places.acquire(timeout=_POLL_S):
            if cancel.is_set():
                raise CancelledError
        try:
            yield
        finally:
            self._places.release()

    def close(self) -> None:
        """Do nothing: whoever opened a stream closes it."""

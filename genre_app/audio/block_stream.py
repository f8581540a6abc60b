"""What streams of a track's sound have in common, wherever it is decoded."""

from abc import ABC, abstractmethod
from collections.abc import Iterator
from types import TracebackType
from typing import Self

import numpy as np
from numpy.typing import NDArray

from genre_app.audio.source import AudioInfo


class BlockStream(ABC):
    """A track being decoded: iterate over it once, and close it (``with``, or iterate to the end).

    The blocks are one-dimensional contiguous float32 arrays of about one second; only a few exist at a time, however
    long the track. Another thread may call :meth:`close` at any time: the iteration then raises ``CancelledError``, so
    that a shortened track cannot pass for a whole one.

    Parameters
    ----------
    sample_rate_hz
        The rate of the blocks.

    Attributes
    ----------
    info
        Facts from the file's headers.
    n_samples
        Mono samples yielded so far.
    warnings
        After the end: sentences for the user about faults of the file; usually none.
    """

    info: AudioInfo

    def __init__(self, sample_rate_hz: int) -> None:
        self.sample_rate_hz = sample_rate_hz
        self.n_samples = 0
        self.warnings: tuple[str, ...] = ()
        self._is_iterated = False

    def __iter__(self) -> Iterator[NDArray[np.float32]]:
        """Yield the track block by block.

        Raises
        ------
        TrackTooLongError, UndecodableAudioError, NotAudioError
            See `genre_app.audio.open_audio`.
        CancelledError
            The stream was closed before its end.
        RuntimeError
            The stream is iterated a second time.
        """
        if self._is_iterated:
            raise RuntimeError("a stream can be iterated only once; open the file again")
        self._is_iterated = True
        return self._iterate()

    @property
    def position_s(self) -> float:
        """Seconds of the track yielded so far."""
        return self.n_samples / self.sample_rate_hz

    @property
    def progress(self) -> float | None:
        """Fraction of the track yielded so far, in [0, 1]; ``None`` if the file states no duration."""
        if self.info.duration_s is None:
            return None
        return min(self.position_s / self.info.duration_s, 1.0)

    @abstractmethod
    def close(self) -> None:
        """Stop decoding and free everything; any thread may call it, and a second call does nothing."""

    @abstractmethod
    def _next_block(self) -> NDArray[np.float32] | None:
        """Wait for the next block; None at the end, when the warnings are complete."""

    def _iterate(self) -> Iterator[NDArray[np.float32]]:
        try:
            while (block := self._next_block()) is not None:
                self.n_samples += block.size
                yield block
        finally:
            self.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

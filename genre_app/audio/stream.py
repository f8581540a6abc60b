"""A track as a stream of mono blocks at any sample rate."""

import logging
import os
import threading
from collections.abc import Generator, Iterator
from contextlib import contextmanager

import numpy as np
from numpy.typing import NDArray

from genre_app.audio.block_stream import BlockStream
from genre_app.audio.mono import LEEWAY, MonoReader, too_long
from genre_app.audio.refusals import needs_memory, rest_too_short, too_short, undecodable
from genre_app.audio.resampling import SHORTEST_S, Resampling, Tap
from genre_app.audio.source import AudioFile
from genre_app.errors import CancelledError, GenreAppError

_log = logging.getLogger(__name__)


class AudioStream(BlockStream):
    """A track that is decoded in this process, by whoever iterates; `open_audio` makes it."""

    def __init__(self, file: AudioFile, sample_rate_hz: int, *, max_minutes: float, tap: Tap | None = None) -> None:
        super().__init__(sample_rate_hz)
        self._file = file
        self._max_minutes = max_minutes
        self._tap = tap
        self._tap_resampling: Resampling | None = None
        self._reader = MonoReader(file, max_minutes)
        self._lock = threading.Lock()  # FFmpeg must not be closed by one thread while it decodes in another
        self._closed = False
        self._blocks = self._resampled()
        self._ahead: NDArray[np.float32] | None = self._first_block()
        assert self._reader.info  # there was a block
        self.info = self._reader.info

    def close(self) -> None:
        """Stop decoding and free everything; a second call does nothing."""
        with self._lock:
            self._closed = True
            self._ahead = None
            self._blocks.close()
            self._file.close()

    def _next_block(self) -> NDArray[np.float32] | None:
        with self._lock:
            if self._closed:
                raise CancelledError
            block, self._ahead = self._ahead, None
            if block is None:
                block = self._decoded()
        n_samples = self.n_samples + (0 if block is None else block.size)
        if n_samples / self.sample_rate_hz > self._max_minutes * 60 * LEEWAY:
            raise too_long(self._max_minutes)
        return block

    def _first_block(self) -> NDArray[np.float32]:
        """Decode so far ahead that a stream that opens has sound."""
        first = np.zeros(0, np.float32)
        while first.size < SHORTEST_S * self.sample_rate_hz:
            block = self._decoded()
            if block is None:
                raise rest_too_short() if self.warnings else too_short()
            first = np.concatenate([first, block]) if first.size else block
        return first

    def _decoded(self) -> NDArray[np.float32] | None:
        with _typed_errors():
            return next(self._blocks, None)

    def _resampled(self) -> Generator[NDArray[np.float32]]:
        """Yield non-empty blocks at the target rate."""
        resampling = Resampling(self.sample_rate_hz)
        for mono, rate_hz in self._reader:
            self._feed_tap(mono, rate_hz)
            yield from resampling.take(mono, rate_hz)
        self._feed_tap(None, 0)
        yield from resampling.finish()
        self.warnings = self._reader.notes

    def _feed_tap(self, mono: NDArray[np.float32] | None, rate_hz: int) -> None:
        """Pass a block on at the tap's own rate, or (with None) its last samples."""
        if self._tap is None:
            return
        if self._tap_resampling is None:
            self._tap_resampling = Resampling(self._tap.sample_rate_hz)
        resampling = self._tap_resampling
        for block in resampling.finish() if mono is None else resampling.take(mono, rate_hz):
            if not self._tap.take(block):
                self._tap = None
                return


def open_audio(
    path: str | os.PathLike[str], sample_rate_hz: int, *, max_minutes: float = 120.0, tap: Tap | None = None
) -> AudioStream:
    """Open a track for decoding; a track that opens has at least some sound.

    Parameters
    ----------
    path
        A local file; its content counts, not its name.
    sample_rate_hz
        The rate to resample to.
    max_minutes
        The longest track to accept, plus 5 %.
    tap
        Gets the same track at another rate while it is decoded.

    Returns
    -------
    AudioStream
        The caller must iterate it to the end or close it.

    Raises
    ------
    UnreadableFileError
        The file is missing, a folder or a device, or may not be read.
    EmptyFileError
        The file has zero bytes.
    NotAudioError
        Text, a playlist, random bytes, or an unknown codec.
    NoAudioStreamError
        A picture, or a video without sound.
    TruncatedAudioError
        There is no sound that can be read, or less than a tenth of a second.
    UndecodableAudioError
        Over half of the packets are damaged; raised here if all are, else after the last block.
    TrackTooLongError
        The track is longer than ``max_minutes``; raised here if the file states so, else during the iteration.
    ValueError
        ``sample_rate_hz`` or ``max_minutes`` is not positive.
    """
    if sample_rate_hz <= 0 or not max_minutes > 0:
        raise ValueError("sample_rate_hz and max_minutes must be positive")
    with _typed_errors():
        file = AudioFile(path)
    try:
        return AudioStream(file, sample_rate_hz, max_minutes=max_minutes, tap=tap)
    except BaseException:
        file.close()
        raise


@contextmanager
def _typed_errors() -> Iterator[None]:
    """Turn what nobody foresaw into an error of the app's own: whatever a file does costs that file one sentence."""
    try:
        yield
    except GenreAppError:
        raise
    except MemoryError as error:
        raise needs_memory() from error
    except Exception as error:
        _log.exception("a file was not decoded for a reason that nobody foresaw")
        raise undecodable() from error


def load_audio(path: str | os.PathLike[str], sample_rate_hz: int, *, max_minutes: float = 120.0) -> NDArray[np.float32]:
    """Decode a whole track at once; parameters and errors are those of :func:`open_audio`.

    Returns
    -------
    NDArray[np.float32]
        Mono samples, shape ``(n_samples,)``, contiguous, nominally in [-1, 1].
    """
    with open_audio(path, sample_rate_hz, max_minutes=max_minutes) as stream:
        return np.concatenate(list(stream))

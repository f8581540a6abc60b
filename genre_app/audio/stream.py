"""A track as a stream of mono blocks at any sample rate."""

import os
import threading
from collections.abc import Generator, Iterator
from types import TracebackType
from typing import Self

import numpy as np
from av.audio.frame import AudioFrame
from numpy.typing import NDArray

from genre_app.audio.downmix import Downmix
from genre_app.audio.packets import PacketDecoder, to_channels
from genre_app.audio.resampling import Resampling, Tap
from genre_app.audio.source import AudioInfo, AudioSource, not_audio, open_source, truncated
from genre_app.errors import CancelledError, TrackTooLongError, UndecodableAudioError

_BLOCK_S = 1.0  # large enough to hide Python's overhead per block, small enough to show progress
_LOWEST_RATE_HZ = 1000  # a lower rate in a header would turn a few bytes into hours of output
_FEWEST_PACKETS = 10  # with fewer intact packets among garbage, a file is of another kind
_LEEWAY = 1.05  # on the longest duration: encoders pad


class AudioStream:
    """A track being decoded: iterate over it once, and close it (``with``, or iterate to the end).

    The blocks are one-dimensional contiguous float32 arrays of about one second; only a few exist at a time, however
    long the track. Another thread may call :meth:`close` at any time: the iteration then raises ``CancelledError``, so
    that a shortened track cannot pass for a whole one.

    Attributes
    ----------
    info
        Facts from the file's headers.
    sample_rate_hz
        The rate of the blocks.
    n_samples
        Mono samples yielded so far.
    warnings
        After the end: sentences for the user about faults of the file; usually none.
    """

    def __init__(self, source: AudioSource, sample_rate_hz: int, *, max_minutes: float, tap: Tap | None = None) -> None:
        self.sample_rate_hz = sample_rate_hz
        self.n_samples = 0
        self.warnings: tuple[str, ...] = ()
        self._source = source
        self._max_minutes = max_minutes
        self._tap = tap
        self._tap_resampling: Resampling | None = None
        self._decoder = PacketDecoder(source)
        self._lock = threading.Lock()  # FFmpeg must not be closed by one thread while it decodes in another
        self._closed = self._iterated = False
        self._blocks = self._resampled()
        # Decoded ahead, so that a stream that opens has sound, and its codec context is complete.
        self._ahead = next(self._blocks, None)
        if self._ahead is None:  # so short that resampling leaves nothing
            raise truncated()
        context = source.stream.codec_context
        self.info = AudioInfo(
            sample_rate_hz=context.sample_rate,
            n_channels=context.layout.nb_channels,
            codec=context.codec.canonical_name,
            container=source.container.format.name,
            duration_s=source.duration_s,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __iter__(self) -> Iterator[NDArray[np.float32]]:
        """Yield the track block by block.

        Raises
        ------
        TrackTooLongError, UndecodableAudioError, NotAudioError
            See :func:`open_audio`.
        CancelledError
            The stream was closed before its end.
        RuntimeError
            The stream is iterated a second time.
        """
        if self._iterated:
            raise RuntimeError("an AudioStream can be iterated only once; open the file again")
        self._iterated = True
        return self._iterate()

    def close(self) -> None:
        """Stop decoding and free everything; a second call does nothing."""
        with self._lock:
            self._closed = True
            self._ahead = None
            self._blocks.close()
            self._source.close()

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

    def _iterate(self) -> Iterator[NDArray[np.float32]]:
        try:
            while (block := self._next_block()) is not None:
                self.n_samples += block.size
                if self.position_s > self._max_minutes * 60 * _LEEWAY:
                    raise _too_long(self._max_minutes)
                yield block
        finally:
            self.close()

    def _next_block(self) -> NDArray[np.float32] | None:
        with self._lock:
            if self._closed:
                raise CancelledError
            block, self._ahead = self._ahead, None
            return next(self._blocks, None) if block is None else block

    def _resampled(self) -> Generator[NDArray[np.float32]]:
        """Yield non-empty blocks at the target rate; after the last one, check the decoder's damage counts."""
        resampling = Resampling(self.sample_rate_hz)
        downmix = Downmix()
        decoded_s = 0.0
        for frames in self._grouped():
            rate_hz = frames[0].sample_rate
            if rate_hz < _LOWEST_RATE_HZ:
                raise _too_few_samples(rate_hz)
            mono = downmix.mix(to_channels(frames))
            decoded_s += mono.size / rate_hz
            self._feed_tap(mono, rate_hz)
            yield from resampling.take(mono, rate_hz)
        self._feed_tap(None, 0)
        yield from resampling.finish()
        _refuse_damage(self._source, self._decoder)
        self.warnings = (*_describe_faults(self._source, self._decoder, decoded_s), *downmix.notes)

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

    def _grouped(self) -> Iterator[list[AudioFrame]]:
        """Yield the decoder's frames (tens of milliseconds each) in groups of `_BLOCK_S`, one rate and layout."""
        frames: list[AudioFrame] = []
        n_samples = 0
        for frame in self._decoder:
            if frames and (not _is_alike(frame, frames[0]) or n_samples >= frame.sample_rate * _BLOCK_S):
                yield frames
                frames, n_samples = [], 0
            frames.append(frame)
            n_samples += frame.samples
        if frames:
            yield frames


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
        The file ends before the first sound.
    UndecodableAudioError
        Over half of the packets are damaged; raised here if all are, else after the last block.
    TrackTooLongError
        The track is longer than ``max_minutes``; raised here if the file states so, else during the iteration.
    ValueError
        ``sample_rate_hz`` or ``max_minutes`` is not positive.
    """
    if sample_rate_hz <= 0 or not max_minutes > 0:
        raise ValueError("sample_rate_hz and max_minutes must be positive")
    source = open_source(path)
    try:
        if (source.duration_s or 0.0) > max_minutes * 60 * _LEEWAY and source.is_duration_plausible:
            _check_length(path, source, max_minutes)
        return AudioStream(source, sample_rate_hz, max_minutes=max_minutes, tap=tap)
    except BaseException:
        source.close()
        raise


def load_audio(path: str | os.PathLike[str], sample_rate_hz: int, *, max_minutes: float = 120.0) -> NDArray[np.float32]:
    """Decode a whole track at once; parameters and errors are those of :func:`open_audio`.

    Returns
    -------
    NDArray[np.float32]
        Mono samples, shape ``(n_samples,)``, contiguous, nominally in [-1, 1].
    """
    with open_audio(path, sample_rate_hz, max_minutes=max_minutes) as stream:
        return np.concatenate(list(stream))


def _check_length(path: str | os.PathLike[str], source: AudioSource, max_minutes: float) -> None:
    """Refuse a track that is over the limit; in raw formats, whose duration is a guess, add up the packets first."""
    length_s = source.duration_s or 0.0
    if source.is_raw:
        counted = open_source(path)  # ``source`` must stay at its start
        try:
            packets = counted.container.demux(counted.stream)
            length_s = sum(float((packet.duration or 0) * packet.time_base) for packet in packets)
        finally:
            counted.close()
    if length_s > max_minutes * 60 * _LEEWAY:
        raise _too_long(max_minutes)


def _too_long(max_minutes: float) -> TrackTooLongError:
    return TrackTooLongError(
        f"The track {{name}} is longer than {max_minutes:g} minutes; please choose a shorter one or cut it."
    )


def _too_few_samples(rate_hz: int) -> UndecodableAudioError:
    return UndecodableAudioError(f"The file {{name}} claims only {rate_hz} samples per second; please export it again.")


def _is_alike(frame: AudioFrame, other: AudioFrame) -> bool:
    return frame.sample_rate == other.sample_rate and frame.layout.nb_channels == other.layout.nb_channels


def _refuse_damage(source: AudioSource, decoder: PacketDecoder) -> None:
    """Raise an error if too little of a file could be decoded.

    Raises
    ------
    UndecodableAudioError
        Over half of the packets, or of their bytes, gave errors.
    NotAudioError
        The same, in a file that a few bytes made look like MP3 or AAC.
    TruncatedAudioError
        Nothing is damaged, but there is no sound.
    """
    n_intact = decoder.n_packets - decoder.n_damaged
    if 2 * decoder.n_damaged > decoder.n_packets or 2 * decoder.n_bytes_damaged > decoder.n_bytes:
        if source.is_raw and n_intact < _FEWEST_PACKETS:
            raise not_audio()
        raise UndecodableAudioError(
            "Most of the sound in the file {name} is damaged; please download or export it again."
        )
    if not decoder.n_samples:
        raise truncated()


def _describe_faults(source: AudioSource, decoder: PacketDecoder, decoded_s: float) -> Iterator[str]:
    """Yield a sentence for the user about each fault of a usable file.

    Parameters
    ----------
    source, decoder
        The file, and its decoder at the end.
    decoded_s
        Seconds of sound that were decoded.
    """
    if decoder.n_damaged:
        were = "was damaged and was" if decoder.n_damaged == 1 else "were damaged and were"
        yield f"{decoder.n_damaged} of {decoder.n_packets} audio packets {were} skipped."
    announced_s = decoded_s * source.n_bytes_announced / source.n_bytes
    if source.duration_s is not None and source.is_duration_stated:
        announced_s = max(announced_s, source.duration_s)
    if announced_s - decoded_s > max(0.5, 0.02 * announced_s):  # decoders drop tens of milliseconds
        yield f"The file is incomplete: it announces {announced_s:.1f} s but holds {decoded_s:.1f} s."

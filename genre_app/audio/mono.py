"""A file as mono sound at its own rates: its recordings one after another, and what was wrong with them."""

from collections.abc import Iterable, Iterator

import numpy as np
from av.audio.fifo import AudioFifo
from av.audio.frame import AudioFrame
from numpy.typing import NDArray

from genre_app.audio.downmix import Downmix
from genre_app.audio.faults import Faults
from genre_app.audio.gaps import with_gaps
from genre_app.audio.packets import PacketDecoder, packed, to_channels
from genre_app.audio.source import AudioFile, AudioInfo, AudioSource
from genre_app.errors import AudioError, TrackTooLongError, UnreadableFileError

_BLOCK_S = 1.0  # large enough to hide Python's overhead per block, small enough to show progress
_MOST_VALUES = 1 << 22  # of all channels in a block: of a hundred channels, a second is too much
LEEWAY = 1.05  # on the longest duration: encoders pad


class MonoReader:
    """Decodes all recordings of a file to mono, once.

    Parameters
    ----------
    file : AudioFile
        The file; the caller closes it.
    max_minutes : float
        Longest track to accept.

    Attributes
    ----------
    info : AudioInfo or None
        What the headers of the first recording with sound say; there from the first block on.
    faults : Faults
        What was wrong so far.
    """

    def __init__(self, file: AudioFile, max_minutes: float) -> None:
        self.info: AudioInfo | None = None
        self.faults = Faults(file)
        self._file = file
        self._max_minutes = max_minutes
        self._downmix = Downmix()

    def __iter__(self) -> Iterator[tuple[NDArray[np.float32], int]]:
        """Yield mono blocks of about a second, each with its rate in Hz.

        Raises
        ------
        AudioError
            See `genre_app.audio.open_audio`; if the file as a whole is damaged too badly, after the last block.
        """
        yield from self._decoded(self._file.open_first())
        for part in self._file.parts[1:]:
            try:
                source = self._file.open(part)
            except UnreadableFileError:
                raise
            except AudioError as error:
                self.faults.lost_parts.append(error)
                continue
            yield from self._decoded(source)
        self.faults.refuse()

    @property
    def notes(self) -> tuple[str, ...]:
        """After the last block: sentences for the user about the file's faults; usually none."""
        return (*self.faults.notes(), *self._downmix.notes)

    def _decoded(self, source: AudioSource) -> Iterator[tuple[NDArray[np.float32], int]]:
        """Yield the blocks of one recording, and close it."""
        before_s = self.faults.length_s
        try:
            if len(self._file.parts) == 1:
                self._refuse_length(source)
            for gap_s, frame in _joined(with_gaps(PacketDecoder(source, self.faults.tally), _time_base_s(source))):
                if self.info is None:  # with a frame, the codec context is complete
                    self.info = _info(source, self._file)
                yield from self._silence(gap_s, frame.sample_rate)
                yield self._mixed(frame)
            self.faults.finish(source, self.faults.length_s - before_s)
        finally:
            source.container.close()

    def _mixed(self, frame: AudioFrame) -> tuple[NDArray[np.float32], int]:
        mono = self._downmix.mix(to_channels(frame))
        self.faults.decoded_s += mono.size / frame.sample_rate
        return mono, frame.sample_rate

    def _silence(self, gap_s: float, rate_hz: int) -> Iterator[tuple[NDArray[np.float32], int]]:
        n_samples = round(self.faults.gaps.count(gap_s, self.faults.length_s) * rate_hz) if gap_s else 0
        block_samples = round(_BLOCK_S * rate_hz)
        for start in range(0, n_samples, block_samples):
            yield np.zeros(min(block_samples, n_samples - start), np.float32), rate_hz

    def _refuse_length(self, source: AudioSource) -> None:
        """Refuse a track that is over the limit; in raw formats, whose duration is a guess, add up the packets first.

        Raises
        ------
        TrackTooLongError
            It is too long.
        """
        length_s = source.duration_s or 0.0
        longest_s = self._max_minutes * 60 * LEEWAY
        if length_s <= longest_s or not source.is_duration_plausible:
            return
        if source.is_raw:
            counted = self._file.open(source.part)  # ``source`` must stay at its start
            try:
                packets = counted.container.demux(counted.stream)
                length_s = sum(float((packet.duration or 0) * packet.time_base) for packet in packets)
            finally:
                counted.container.close()
        if length_s > longest_s:
            raise too_long(self._max_minutes)


def too_long(max_minutes: float) -> TrackTooLongError:
    """Return the error for a track beyond the limit of this installation."""
    return TrackTooLongError(
        f"The track {{name}} is longer than {max_minutes:g} minutes; please choose a shorter one or cut it."
    )


def _joined(frames: Iterable[tuple[float, AudioFrame]]) -> Iterator[tuple[float, AudioFrame]]:
    """Join frames of one rate, layout and format, which are tens of milliseconds long, to one of about a second.

    FFmpeg's queue copies them: a step less in Python for each of them makes decoding an MP3 a sixth faster.

    Yields
    ------
    tuple of float and AudioFrame
        Seconds of the gap before the frame, mostly 0; and the frame.
    """
    queue: AudioFifo | None = None
    kind: tuple[int, int, str] | None = None
    gap_before_s = 0.0
    most_samples = 0
    for gap_s, given in frames:
        frame = packed(given)
        frame.pts = None  # the queue would want them without gaps
        if queue and (gap_s or queue.samples >= most_samples or _kind_of(frame) != kind):
            if joined := queue.read():
                yield gap_before_s, joined
            queue = None
        if queue is None:
            queue, kind, gap_before_s = AudioFifo(), _kind_of(frame), gap_s
            most_samples = min(round(frame.sample_rate * _BLOCK_S), _MOST_VALUES // frame.layout.nb_channels)
        queue.write(frame)
    if queue and (joined := queue.read()):
        yield gap_before_s, joined


def _kind_of(frame: AudioFrame) -> tuple[int, int, str]:
    """Return what frames in a queue have in common; PyAV 18.1 takes others, and crashes."""
    return frame.sample_rate, frame.layout.nb_channels, frame.format.name


def _time_base_s(source: AudioSource) -> float:
    return float(source.stream.time_base or 0)


def _info(source: AudioSource, file: AudioFile) -> AudioInfo:
    context = source.stream.codec_context
    return AudioInfo(
        sample_rate_hz=context.sample_rate,
        n_channels=context.layout.nb_channels,
        codec=context.codec.canonical_name,
        container=source.container.format.name,
        duration_s=source.duration_s if len(file.parts) == 1 else None,
    )

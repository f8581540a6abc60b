"""Packets to frames to channels; a damaged packet is skipped."""

import errno
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import av
import numpy as np
from av.audio.frame import AudioFrame
from av.packet import Packet
from numpy.typing import NDArray

from genre_app.audio.refusals import disk_failed
from genre_app.audio.resampling import is_rate
from genre_app.audio.source import AudioSource

_MOST_READ_ERRORS = 8  # in a row, before the rest of the file is skipped

# Sample formats, without the "p" of planar ones: NumPy's name, the value at full scale, and at silence.
_SCALES: dict[str, tuple[str, float, float]] = {
    "u8": ("u1", 2.0**7, 2.0**7),
    "s16": ("i2", 2.0**15, 0.0),
    "s32": ("i4", 2.0**31, 0.0),
    "s64": ("i8", 2.0**63, 0.0),
    "flt": ("f4", 1.0, 0.0),
    "dbl": ("f8", 1.0, 0.0),
}

# From eight planar channels on, PyAV 18.1 reads past FFmpeg's list of planes, and its to_ndarray() may crash (on 7.1
# sound), so such frames are packed first.
_MOST_PLANES = 7


@dataclass(slots=True)
class Tally:
    """What was met while a file was decoded.

    Attributes
    ----------
    n_packets, n_damaged
        Audio packets read so far, and how many of them gave an error.
    n_bytes, n_bytes_damaged
        The same in bytes; a run of garbage in an MP3 is one packet of many bytes.
    n_samples
        Samples per channel decoded so far, at the file's own rates.
    odd_rate_hz
        A sample rate that no recording has, if a frame claimed one; such frames are damaged.
    is_given_up
        Whether reading on was given up before the end.
    """

    n_packets: int = 0
    n_damaged: int = 0
    n_bytes: int = 0
    n_bytes_damaged: int = 0
    n_samples: int = 0
    odd_rate_hz: int | None = None
    is_given_up: bool = False


class PacketDecoder:
    """Decode a recording once, from start to end, and count the damage.

    Parameters
    ----------
    source : AudioSource
        The recording.
    tally : Tally, optional
        Goes on counting what other recordings of the same file began.
    """

    def __init__(self, source: AudioSource, tally: Tally | None = None) -> None:
        self.tally = tally or Tally()
        self._source = source
        context = source.stream.codec_context
        context.thread_count = 1  # audio decoders gain nothing from more, and a server decodes many tracks
        if context.name == "flac":  # FFmpeg would play frames with a wrong checksum, as loud noise
            context.options = {"err_detect": "crccheck+explode"}

    def __iter__(self) -> Iterator[AudioFrame]:
        """Yield every frame that can be decoded and believed, none of them empty."""
        for packet in self._packets():
            for frame in self._decode(packet):
                if frame.samples:
                    self.tally.n_samples += frame.samples
                    yield frame

    def _packets(self) -> Iterator["Packet[Any] | None"]:
        """Yield the audio packets, reading on after errors, and finally ``None`` to flush the decoder."""
        n_errors = 0
        while n_errors < _MOST_READ_ERRORS:
            try:
                for packet in self._source.container.demux(self._source.stream):
                    if packet.size:
                        n_errors = 0
                        yield packet
                break
            except av.FFmpegError as error:
                _raise_for_memory(error)
                n_errors += 1
        else:
            self.tally.is_given_up = True
        if self._source.view.disk_error:
            raise disk_failed() from self._source.view.disk_error
        yield None

    def _decode(self, packet: "Packet[Any] | None") -> list[AudioFrame]:
        """Decode one packet, or flush the decoder; an empty list if the packet is damaged."""
        n_bytes = packet.size if packet else 0
        self.tally.n_packets += packet is not None
        self.tally.n_bytes += n_bytes
        try:
            frames = self._source.stream.codec_context.decode(packet)
        except av.FFmpegError as error:
            _raise_for_memory(error)
            frames = None
        odd_rates_hz = [frame.sample_rate for frame in frames or () if not is_rate(frame.sample_rate)]
        if frames is None or odd_rates_hz:
            self.tally.n_damaged += packet is not None
            self.tally.n_bytes_damaged += n_bytes
            self.tally.odd_rate_hz = odd_rates_hz[0] if odd_rates_hz else self.tally.odd_rate_hz
            return []
        return frames


def _raise_for_memory(error: av.FFmpegError) -> None:
    if error.errno == errno.ENOMEM:
        raise MemoryError from error


def to_channels(frame: AudioFrame) -> NDArray[np.float32]:
    """Turn a frame of any sample format into an array.

    Returns
    -------
    NDArray[np.float32]
        Shape ``(n_channels, n_samples)``, in [-1, 1] for integer formats. Damaged floats may be anything.
    """
    frame = packed(frame)
    n_channels = frame.layout.nb_channels
    dtype, full_scale, silence = _SCALES[frame.format.name.removesuffix("p")]
    planes: Sequence[Any] = frame.planes  # they are buffers, but not typed as such
    channels = np.empty((n_channels, frame.samples), np.float32)
    with np.errstate(over="ignore", invalid="ignore"):  # damaged floats
        if frame.format.is_planar:
            for channel, plane in zip(channels, planes, strict=True):
                channel[:] = np.frombuffer(plane, dtype, frame.samples)
        else:
            channels[:] = np.frombuffer(planes[0], dtype, frame.samples * n_channels).reshape(-1, n_channels).T
    if silence:
        channels -= silence
    if full_scale != 1.0:
        channels *= 1.0 / full_scale
    return channels


def packed(frame: AudioFrame) -> AudioFrame:
    """Return a frame of few planes as it is, and one of many with its channels in turn."""
    if frame.layout.nb_channels > _MOST_PLANES and frame.format.is_planar:
        return av.AudioResampler(format="flt").resample(frame)[0]
    return frame

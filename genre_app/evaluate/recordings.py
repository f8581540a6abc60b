"""A recording with all of its channels, block by block, and back into a file."""

import wave
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import av
import numpy as np
from av.audio.frame import AudioFrame
from numpy.typing import NDArray

from genre_app.audio.packets import PacketDecoder
from genre_app.audio.source import AudioFile
from genre_app.errors import UndecodableAudioError

#: A block of sound, shape (n_channels, n_samples); full scale is ±1.
Block = NDArray[np.float32]

_MP3_FRAME_SAMPLES: Final = 1152
_LAYOUTS: Final = {1: "mono", 2: "stereo"}


@dataclass(frozen=True, slots=True)
class Recording:
    """An audio file that is decoded anew whenever its blocks are asked for, so that it is never held whole.

    Attributes
    ----------
    path : Path
        The file.
    rate_hz : int
        Its sample rate.
    n_channels : int
        Its channels.
    n_samples : int
        Samples per channel.
    """

    path: Path
    rate_hz: int
    n_channels: int
    n_samples: int

    @property
    def duration_s(self) -> float:
        """Length in seconds."""
        return self.n_samples / self.rate_hz

    def blocks(self) -> Iterator[Block]:
        """Decode the file; every block has the recording's channels and rate."""
        for frame in _frames(self.path):
            if (frame.sample_rate, frame.layout.nb_channels) != (self.rate_hz, self.n_channels):
                raise _changing()
            yield _samples(frame)


def open_recording(path: Path) -> Recording:
    """Decode a file once to find its rate, channels and length.

    Raises
    ------
    AudioError
        The file cannot be used; the subclass says why.
    """
    formats, n_samples = set(), 0
    for frame in _frames(path):
        formats.add((frame.sample_rate, frame.layout.nb_channels))
        n_samples += frame.samples
    if len(formats) != 1:
        raise _changing()
    rate_hz, n_channels = formats.pop()
    return Recording(path, rate_hz, n_channels, n_samples)


def write_wav(path: Path, blocks: Iterable[Block], rate_hz: int) -> None:
    """Write 16-bit PCM; what is beyond full scale is clipped.

    Parameters
    ----------
    path : Path
        The file, overwritten if it is there.
    blocks : iterable of ndarray of float32, shape (n_channels, n_samples)
        The sound, at least one block.
    rate_hz : int
        Its sample rate.
    """
    with wave.open(str(path), "wb") as file:
        for number, block in enumerate(blocks):
            if number == 0:
                file.setparams((len(block), 2, rate_hz, 0, "NONE", "not compressed"))
            file.writeframes((np.clip(block, -1, 1) * 32767).round().astype("<i2").T.tobytes())


def write_mp3(path: Path, blocks: Iterable[Block], rate_hz: int, *, kbit_per_s: int) -> None:
    """Write an MP3 file of constant bit rate.

    Parameters
    ----------
    path : Path
        The file, overwritten if it is there.
    blocks : iterable of ndarray of float32, shape (n_channels, n_samples)
        The sound, of one or two channels; at least one block.
    rate_hz : int
        Its sample rate, one of those that MP3 has (8 to 48 kHz).
    kbit_per_s : int
        Bit rate of all channels together.
    """
    with av.open(str(path), "w", format="mp3") as container:
        stream = container.add_stream("libmp3lame", rate=rate_hz)
        stream.bit_rate = kbit_per_s * 1000
        start = 0
        for block in _of_length(blocks, _MP3_FRAME_SAMPLES):
            layout = _LAYOUTS[len(block)]
            if start == 0:
                stream.codec_context.layout = layout
            frame = AudioFrame.from_ndarray(np.ascontiguousarray(block), format="fltp", layout=layout)
            frame.sample_rate, frame.pts = rate_hz, start
            start += block.shape[1]
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))


def _of_length(blocks: Iterable[Block], n_samples: int) -> Iterator[Block]:
    """Cut blocks anew to one length; the last may be shorter."""
    rest: Block | None = None
    for block in blocks:
        joined = block if rest is None else np.concatenate([rest, block], axis=1)
        whole = joined.shape[1] // n_samples * n_samples
        for start in range(0, whole, n_samples):
            yield joined[:, start : start + n_samples]
        rest = joined[:, whole:]
    if rest is not None and rest.shape[1]:
        yield rest


def _frames(path: Path) -> Iterator[AudioFrame]:
    with AudioFile(path) as file:
        source = file.open_first()
        try:
            yield from PacketDecoder(source)
        finally:
            source.container.close()


def _samples(frame: AudioFrame) -> Block:
    """Return a frame's samples; packed on the way, as PyAV cannot read eight planes (see `genre_app.audio.packets`)."""
    packed = av.AudioResampler(format="flt").resample(frame)
    flat = np.concatenate([part.to_ndarray()[0] for part in packed])
    block: Block = np.nan_to_num(flat.reshape(-1, frame.layout.nb_channels).T, nan=0.0, posinf=0.0, neginf=0.0)
    return block


def _changing() -> UndecodableAudioError:
    return UndecodableAudioError(
        "No variants of the file {name} can be made: it is empty, or its rate or channels change midway."
    )

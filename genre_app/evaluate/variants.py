"""Changes to a recording that should not change what it is said to be.

Each is a pure function from blocks to blocks, shape (n_channels, n_samples), at the recording's sample rate.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import soxr

from genre_app.evaluate.recordings import Block, Recording, write_mp3, write_wav

_LATE_S: Final = 1.2
_SILENCE_S: Final = 60.0
_OFFSET: Final = 0.1
_PHONE_RATE_HZ: Final = 8000
_EXCERPT_S: Final = 10.0
_MP3_KBIT_PER_S: Final = 64
_MP3_RATES_HZ: Final = (8000, 11_025, 12_000, 16_000, 22_050, 24_000, 32_000, 44_100, 48_000)


def with_silence_before(blocks: Iterable[Block], n_samples: int) -> Iterator[Block]:
    """Put silence in front."""
    for number, block in enumerate(blocks):
        if number == 0:
            yield np.zeros((len(block), n_samples), np.float32)
        yield block


def with_silence_behind(blocks: Iterable[Block], n_samples: int) -> Iterator[Block]:
    """Put silence at the end."""
    n_channels = 0
    for block in blocks:
        n_channels = len(block)
        yield block
    yield np.zeros((n_channels, n_samples), np.float32)


def with_gain(blocks: Iterable[Block], gain_db: float) -> Iterator[Block]:
    """Change the level by decibels."""
    factor = np.float32(10 ** (gain_db / 20))
    return (block * factor for block in blocks)


def with_offset(blocks: Iterable[Block], offset: float) -> Iterator[Block]:
    """Add a constant, of full scale; the sound is turned down by as much (0.9 dB for 0.1), so that nothing clips."""
    return (block * np.float32(1 - abs(offset)) + np.float32(offset) for block in blocks)


def with_polarity(blocks: Iterable[Block], signs: tuple[int, ...]) -> Iterator[Block]:
    """Multiply each channel by its sign, or all of them by the only one."""
    column = np.array(signs, np.float32)[:, None]
    return (block * column for block in blocks)


def resampled(blocks: Iterable[Block], from_hz: int, to_hz: int) -> Iterator[Block]:
    """Change the sample rate."""
    stream: soxr.ResampleStream | None = None
    for block in blocks:
        stream = stream or soxr.ResampleStream(from_hz, to_hz, len(block), dtype="float32")
        yield stream.resample_chunk(np.ascontiguousarray(block.T)).reshape(-1, len(block)).T
    if stream is not None:
        yield stream.resample_chunk(np.zeros((0, len(block)), np.float32), last=True).reshape(-1, len(block)).T


def excerpt(blocks: Iterable[Block], start: int, n_samples: int) -> Iterator[Block]:
    """Keep the samples from `start` on."""
    position = 0
    for block in blocks:
        part = block[:, max(start - position, 0) : max(start + n_samples - position, 0)]
        position += block.shape[1]
        if part.shape[1]:
            yield part


def mixed_down(blocks: Iterable[Block]) -> Iterator[Block]:
    """Average more than two channels, which MP3 has no room for."""
    return (block.mean(axis=0, keepdims=True) if len(block) > 2 else block for block in blocks)


@dataclass(frozen=True, slots=True)
class Variant:
    """A change to a recording.

    Attributes
    ----------
    name : str
        What was changed, for people.
    write : callable
        Writes the changed recording; the path's suffix is ``suffix``.
    suffix : str
        Of the file's name.
    why_not : callable
        Why the change cannot be made of a recording; None if it can.
    """

    name: str
    write: Callable[[Recording, Path], None]
    suffix: str = ".wav"
    why_not: Callable[[Recording], str | None] = lambda _: None


def _as_wav(change: Callable[[Recording], Iterable[Block]]) -> Callable[[Recording, Path], None]:
    return lambda recording, path: write_wav(path, change(recording), recording.rate_hz)


def _write_phone(recording: Recording, path: Path) -> None:
    write_wav(path, resampled(recording.blocks(), recording.rate_hz, _PHONE_RATE_HZ), _PHONE_RATE_HZ)


def _write_mp3(recording: Recording, path: Path) -> None:
    blocks, rate_hz = mixed_down(recording.blocks()), recording.rate_hz
    if rate_hz not in _MP3_RATES_HZ:
        rate_hz = next((one for one in _MP3_RATES_HZ if one > rate_hz), 44_100)
        blocks = resampled(blocks, recording.rate_hz, rate_hz)
    write_mp3(path, blocks, rate_hz, kbit_per_s=_MP3_KBIT_PER_S)


def _middle(recording: Recording) -> Iterator[Block]:
    n_samples = round(_EXCERPT_S * recording.rate_hz)
    return excerpt(recording.blocks(), (recording.n_samples - n_samples) // 2, n_samples)


def _samples(seconds: float, recording: Recording) -> int:
    return round(seconds * recording.rate_hz)


VARIANTS: Final = (
    Variant("a minute of silence before", _as_wav(lambda r: with_silence_before(r.blocks(), _samples(_SILENCE_S, r)))),
    Variant("a minute of silence behind", _as_wav(lambda r: with_silence_behind(r.blocks(), _samples(_SILENCE_S, r)))),
    Variant("1.2 s later", _as_wav(lambda r: with_silence_before(r.blocks(), _samples(_LATE_S, r)))),
    Variant("12 dB less", _as_wav(lambda r: with_gain(r.blocks(), -12))),
    Variant("55 dB less", _as_wav(lambda r: with_gain(r.blocks(), -55))),
    Variant("an offset of 0.1", _as_wav(lambda r: with_offset(r.blocks(), _OFFSET))),
    Variant(
        "one channel inverted",
        _as_wav(lambda r: with_polarity(r.blocks(), (1, -1))),
        why_not=lambda r: None if r.n_channels == 2 else "not stereo",
    ),
    Variant("all channels inverted", _as_wav(lambda r: with_polarity(r.blocks(), (-1,)))),
    Variant(
        "8 kHz",
        _write_phone,
        why_not=lambda r: None if r.rate_hz > _PHONE_RATE_HZ else "no more than 8 kHz already",
    ),
    Variant("MP3 at 64 kbit/s", _write_mp3, suffix=".mp3"),
    Variant(
        "10 s from the middle",
        _as_wav(_middle),
        why_not=lambda r: None if r.duration_s >= _EXCERPT_S else "shorter than 10 s",
    ),
)
"""All changes, in the order in which they are reported."""

"""Recordings in every format, and seeded ways to damage them."""

import random
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Final

import numpy as np

from tests.audio.recordings import FORMATS, encode, encode_tone, tone, write_video

#: Numbers at which a program that believes a header goes wrong.
_NUMBERS: Final = (
    0,
    1,
    2,
    0x7F,
    0x80,
    0xFF,
    0x7FFF,
    0xFFFF,
    0x7FFF_FFFF,
    0x8000_0000,
    0xFFFF_FFFF,
    2**62,
    2**63,
    2**64 - 1,
)
_LONGEST_PIECE: Final = 2000
_HEADER_BYTES: Final = 400
_SECONDS: Final = 1.2

Mutation = Callable[[bytearray, random.Random], None]


def recordings(folder: Path) -> dict[str, bytes]:
    """Return a short recording of every kind by the name of the kind; ``folder`` is for the encoders."""
    made = {extension: encode_tone(folder / f"tone{extension}", seconds=_SECONDS).read_bytes() for extension in FORMATS}
    for codec, rates_hz in (("vorbis", (44_100, 22_050)), ("libopus", (48_000, 48_000)), ("flac", (44_100, 96_000))):
        links = [
            encode(folder / "link", "ogg", codec, rate_hz, np.tile(tone(0.6, rate_hz), (2, 1))).read_bytes()
            for rate_hz in rates_hz
        ]
        made[f"chained {codec}"] = b"".join(links)
    live = encode_tone(folder / "live.webm", seconds=_SECONDS, n_channels=1, live="1")
    made["live .webm"] = live.read_bytes()
    made["fragmented .mp4"] = encode_tone(
        folder / "fragmented.mp4", seconds=_SECONDS, movflags="frag_keyframe+empty_moov"
    ).read_bytes()
    made["silent film"] = write_video(folder / "film.mp4").read_bytes()
    return made


def mutate(content: bytes, chance: random.Random) -> bytes:
    """Damage a recording in one to eight places, mostly in its header."""
    damaged = bytearray(content)
    for _ in range(chance.choice((1, 1, 1, 2, 3, 8))):
        if damaged:
            chance.choice(_MUTATIONS)(damaged, chance)
    return bytes(damaged)


def _place(content: bytearray, chance: random.Random) -> int:
    end = len(content) if chance.random() < 0.4 else min(len(content), _HEADER_BYTES)
    return chance.randrange(end)


def _stretch(content: bytearray, chance: random.Random) -> slice:
    start = _place(content, chance)
    return slice(start, start + chance.randrange(1, _LONGEST_PIECE))


def _flip(content: bytearray, chance: random.Random) -> None:
    for _ in range(chance.choice((1, 1, 4, 30))):
        content[_place(content, chance)] ^= 1 << chance.randrange(8)


def _write_number(content: bytearray, chance: random.Random) -> None:
    size = chance.choice("BHIQ")
    number = chance.choice(_NUMBERS) if chance.random() < 0.8 else chance.getrandbits(64)
    packed = struct.pack(chance.choice("<>") + size, number & (256 ** struct.calcsize(size) - 1))
    place = _place(content, chance)
    content[place : place + len(packed)] = packed


def _cut(content: bytearray, chance: random.Random) -> None:
    del content[_place(content, chance) :]


def _leave_out(content: bytearray, chance: random.Random) -> None:
    del content[_stretch(content, chance)]


def _insert(content: bytearray, chance: random.Random) -> None:
    n_bytes = chance.randrange(1, _LONGEST_PIECE)
    place = _place(content, chance)
    content[place:place] = chance.choice((bytes(n_bytes), b"\xff" * n_bytes, chance.randbytes(n_bytes)))


def _erase(content: bytearray, chance: random.Random) -> None:
    stretch = _stretch(content, chance)
    n_bytes = len(content[stretch])
    content[stretch] = chance.choice((bytes(n_bytes), b"\xff" * n_bytes, chance.randbytes(n_bytes)))


def _repeat(content: bytearray, chance: random.Random) -> None:
    place = _place(content, chance)
    content[place:place] = content[_stretch(content, chance)]


def _swap(content: bytearray, chance: random.Random) -> None:
    one, other = _place(content, chance), _place(content, chance)
    n_bytes = chance.randrange(1, _LONGEST_PIECE)
    content[one : one + n_bytes], content[other : other + n_bytes] = (
        content[other : other + n_bytes],
        content[one : one + n_bytes],
    )


_MUTATIONS: Final[tuple[Mutation, ...]] = (
    *(_flip, _flip, _write_number, _write_number, _write_number),
    *(_cut, _leave_out, _insert, _erase, _repeat, _swap),
)

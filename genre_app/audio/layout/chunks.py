"""Formats made of chunks: WAV, RF64, AIFF, CAF, Wave64 and MP4.

FFmpeg believes the size of the chunk with the sound. Where a recorder was interrupted, or wrote more than the 4 GB that
its header can count, the sound goes on behind it. Two files that were joined are heard to the end of the first.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO, Final

from genre_app.audio.layout.part import Part


@dataclass(frozen=True, slots=True)
class _Dialect:
    """How a format writes its chunks: an id, a size, and the content.

    Attributes
    ----------
    head_bytes : int
        Before the first chunk.
    id_bytes : int
        Size of an id.
    size_format : str
        Of the size, for `struct`.
    alignment : int
        Chunks begin at multiples of it.
    sound : bytes
        Id of the chunk with the sound, as it begins.
    open_end : int or None
        The size that means "to the end of the file"; None where the format has none.
    is_header_counted : bool
        Whether the size is that of the chunk, not of its content.
    """

    head_bytes: int
    id_bytes: int
    size_format: str
    alignment: int
    sound: bytes
    open_end: int | None = None
    is_header_counted: bool = False


@dataclass(frozen=True, slots=True)
class _Chunk:
    """A chunk: its id, where and how its size is written, where its content begins, and how many bytes that claims."""

    id: bytes
    size_at: int
    size_format: str
    start: int
    n_bytes: int

    @property
    def end(self) -> int:
        return self.start + self.n_bytes


_WAV: Final = _Dialect(12, 4, "<I", 2, b"data", open_end=0xFFFFFFFF)
#: By the first bytes of a file.
_DIALECTS: Final = {
    b"RIFF": _WAV,
    b"RF64": _WAV,
    b"BW64": _WAV,
    b"FORM": _Dialect(12, 4, ">I", 2, b"SSND"),
    b"caff": _Dialect(8, 4, ">q", 1, b"data", open_end=-1),
    b"riff": _Dialect(40, 16, "<Q", 8, b"data\xf3\xac\xd3\x11", is_header_counted=True),
}
SIGNATURES: Final = tuple(_DIALECTS)
#: A size from here on was never filled in, as in a recording that was sent while it was made.
_LARGEST_RIFF: Final = 0x7FFF0000
#: Less than this behind the sound, a tenth of a second of a CD's, is nothing to talk of.
_SHORTEST_REST: Final = 1 << 14
#: A header that announces more than so many times what is there is damaged.
_LARGEST_SHARE: Final = 1000
#: What may stand behind the sound, and be cut off.
_TRAILERS: Final = (
    *(b"LIST", b"id3 ", b"ID3", b"TAG", b"APETAGEX", b"bext", b"cue ", b"smpl", b"fact", b"PEAK", b"_PMX", b"iXML"),
    *(b"JUNK", b"junk", b"FLLR", b"PAD ", b"cart", b"NAME", b"ANNO", b"COMT", b"MARK", b"INST", b"APPL", b"free"),
)
_RF64_SIZES: Final = b"ds64"
_RF64_SOUND_AT: Final = 8  # the size of the sound, behind that of the file
_CAF_HEAD: Final = b"desc"
_CAF_CODEC_AT: Final = 8
_UNCOMPRESSED: Final = b"lpcm"
#: As many recordings as anybody joins, and as many chunks as one has: a fragmented MP4 has two every few seconds.
_MOST_PARTS: Final = 100
_MOST_CHUNKS: Final = 10_000


def parts(file: BinaryIO, start: int, end: int) -> list[Part]:
    """Find the recordings of a file made of chunks: one, or several that were joined.

    Parameters
    ----------
    file : BinaryIO
        The file.
    start, end : int
        The stretch to look at, in bytes.
    """
    found: list[Part] = []
    place: int | None = start
    while place is not None and len(found) < _MOST_PARTS:
        signature = _read(file, place, 4)
        dialect = _DIALECTS.get(signature)
        if dialect is _WAV and _read(file, place + 8, 4) != b"WAVE":  # AVI is a RIFF file too
            dialect = None
        part, place = _first_part(file, dialect, place, end) if dialect else _first_mp4(file, place, end)
        found.append(part)
    return found


def _first_part(file: BinaryIO, dialect: _Dialect, start: int, end: int) -> tuple[Part, int | None]:
    """Return the first recording, and where the next one begins."""
    signature = _read(file, start, 4)
    long_size_at: int | None = None
    sound: _Chunk | None = None
    for chunk in _chunks(file, dialect, start, end):
        if chunk.id == _RF64_SIZES:
            long_size_at = chunk.start + _RF64_SOUND_AT
        elif chunk.id == _CAF_HEAD and _read(file, chunk.start + _CAF_CODEC_AT, 4) != _UNCOMPRESSED:
            break  # its packets have a table, and end with it
        elif sound is None and chunk.id.startswith(dialect.sound):
            sound = chunk if long_size_at is None else _with_long_size(file, chunk, long_size_at)
            if not _is_followed_by_chunks(file, dialect, sound, start, end):
                return _going_on(dialect, sound, start, end), None
        elif sound is not None and chunk.id.startswith(signature):
            joined_at = chunk.start - _header_bytes(dialect)
            return _announcing(sound, start, joined_at), joined_at
    return Part(start, end) if sound is None else _announcing(sound, start, end), None


def _chunks(file: BinaryIO, dialect: _Dialect, start: int, end: int) -> Iterator[_Chunk]:
    place = start + dialect.head_bytes
    header_bytes = _header_bytes(dialect)
    for _ in range(_MOST_CHUNKS):
        header = _read(file, place, header_bytes)
        if len(header) < header_bytes or place + header_bytes > end:
            return
        (n_bytes,) = struct.unpack(dialect.size_format, header[dialect.id_bytes :])
        if dialect.is_header_counted:
            n_bytes -= header_bytes
        chunk = _Chunk(
            header[: dialect.id_bytes], place + dialect.id_bytes, dialect.size_format, place + header_bytes, n_bytes
        )
        yield chunk
        if n_bytes < 0 or chunk.end >= end:
            return
        place = _aligned(dialect, chunk.end, start)


def _with_long_size(file: BinaryIO, chunk: _Chunk, size_at: int) -> _Chunk:
    """Return the chunk with the sound of an RF64 file, whose size stands elsewhere."""
    (n_bytes,) = struct.unpack("<Q", _read(file, size_at, 8).ljust(8, b"\0"))
    return _Chunk(chunk.id, size_at, "<Q", chunk.start, n_bytes)


def _is_followed_by_chunks(file: BinaryIO, dialect: _Dialect, sound: _Chunk, start: int, end: int) -> bool:
    """Return whether what follows the sound is something else, or nothing to talk of."""
    if _is_open(sound, end) or sound.end > end - _SHORTEST_REST:
        return True
    # Some programs forget the byte that makes the size even.
    places = {sound.end, _aligned(dialect, sound.end, start)}
    names = (_read(file, start, 4), *_TRAILERS)
    return any(_is_chunk(_read(file, place, _header_bytes(dialect)), dialect, names, end - place) for place in places)


def _is_chunk(header: bytes, dialect: _Dialect, names: tuple[bytes, ...], n_bytes_left: int) -> bool:
    """Return whether a chunk begins with these bytes: one of known names, or one that fits into what is left."""
    if header.startswith(names):
        return True
    (n_bytes,) = struct.unpack(dialect.size_format, header[dialect.id_bytes :])
    is_name = dialect.id_bytes > 4 or (header[:4].isascii() and header[:4].decode("ascii").isprintable())
    least_bytes = len(header) if dialect.is_header_counted else 0
    return is_name and least_bytes <= n_bytes <= n_bytes_left


def _going_on(dialect: _Dialect, sound: _Chunk, start: int, end: int) -> Part:
    """Return the part with a header whose sound goes on to the end."""
    rest = end - sound.start
    size = rest + (_header_bytes(dialect) if dialect.is_header_counted else 0)
    if dialect.open_end is not None and sound.size_format == dialect.size_format:
        size = dialect.open_end
    right = struct.pack(sound.size_format, size)
    share = sound.n_bytes / rest or 1.0  # of none at all, a recorder that streams says nothing
    return Part(start, end, ((sound.size_at, right),), announced_share=share)


def _announcing(sound: _Chunk, start: int, end: int) -> Part:
    at_hand = end - sound.start
    is_believed = 0 < at_hand < sound.n_bytes < _LARGEST_SHARE * at_hand
    if _is_open(sound, end) or not is_believed:
        return Part(start, end)
    return Part(start, end, announced_share=sound.n_bytes / at_hand)


def _is_open(sound: _Chunk, end: int) -> bool:
    """Return whether the size of the sound was never filled in."""
    is_short_field = sound.size_format in {"<I", ">I"}
    return sound.n_bytes < 0 or (is_short_field and sound.n_bytes >= _LARGEST_RIFF and sound.end > end)


def _first_mp4(file: BinaryIO, start: int, end: int) -> tuple[Part, int | None]:
    """Return the first of several MP4 files that were joined, and where the next one begins."""
    place, has_content = start, False
    for _ in range(_MOST_CHUNKS):
        header = _read(file, place, 16)
        kind, n_bytes = header[4:8], int.from_bytes(header[:4], "big")
        if kind == b"ftyp" and has_content:
            return Part(start, place), place
        has_content = has_content or kind == b"mdat"
        if n_bytes == 1:
            n_bytes = int.from_bytes(header[8:16], "big")
        place += n_bytes
        if n_bytes < 8 or place >= end:
            break
    return Part(start, end), None


def _aligned(dialect: _Dialect, place: int, start: int) -> int:
    """Return where the next chunk begins; places count from the start of the recording."""
    return place + -(place - start) % dialect.alignment


def _header_bytes(dialect: _Dialect) -> int:
    return dialect.id_bytes + struct.calcsize(dialect.size_format)


def _read(file: BinaryIO, place: int, n_bytes: int) -> bytes:
    file.seek(place)
    return file.read(n_bytes)

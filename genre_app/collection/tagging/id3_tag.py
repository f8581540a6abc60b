"""An ID3v2 tag as the raw frames that it is made of: frames that are not ours keep their bytes, order and version.

Mutagen translates 2.2 and 2.3 to 2.4 and writes every frame anew, which loses frames that 2.4 does not know, the flags
of frames, and text in its encoding. The formats are those of id3.org: ID3v2.2.0, 2.3.0 and 2.4.0.
"""

import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final

from genre_app.errors import TaggingError

HEADER_BYTES: Final = 10
#: Room that a tag gets for later changes when it has to grow.
_PADDING_BYTES: Final = 1024
_UNSYNCHRONISED, _EXTENDED, _FOOTER = 0x80, 0x40, 0x10
_ENCODINGS: Final = ("latin-1", "utf-16", "utf-16-be", "utf-8")
_LATIN_1, _UTF_16, _UTF_8 = 0, 1, 3
#: iTunes wrote names of 2.2 with a blank into 2.3.
_NAME: Final = re.compile(r"[A-Z0-9]{3}[A-Z0-9 \0]?")
#: The newest version, which a file without a tag gets.
NEWEST: Final = 4


@dataclass(frozen=True, slots=True)
class Frame:
    """A frame: its name (three or four letters), its two bytes of flags (none in 2.2), and its content as stored."""

    name: str
    flags: bytes
    content: bytes


@dataclass(frozen=True, slots=True)
class Id3Tag:
    """A tag.

    Attributes
    ----------
    version : int
        2, 3 or 4, for ID3v2.2 to ID3v2.4.
    frames : tuple of Frame
        In the order of the file.
    n_bytes : int
        Length of the tag in the file, header and padding included; 0 for a new tag.
    is_unsynchronised : bool
        Whether all frames of an ID3v2.4 tag are stored so, whatever their own flags say.
    """

    version: int = NEWEST
    frames: tuple[Frame, ...] = ()
    n_bytes: int = 0
    is_unsynchronised: bool = False

    def text_of(self, frame: Frame) -> tuple[str, ...]:
        """Return the strings of a text frame; none where it cannot be read."""
        try:
            content = _plain(frame, self.version, is_unsynchronised=self.is_unsynchronised)
            encoding = _ENCODINGS[content[0]]
            text = content[1:].decode(encoding)
        except (IndexError, UnicodeError, zlib.error):
            return ()
        # Each string in UTF-16 may begin with a byte order mark of its own.
        return tuple(part.lstrip("\ufeff") for part in text.rstrip("\0").split("\0"))

    def text_frame(self, name: str, strings: tuple[str, ...]) -> Frame:
        """Make a text frame of this version: in Latin-1 where that will do, because old players read nothing else."""
        text = "\0".join(strings)
        if self.version == NEWEST:
            number, content = _UTF_8, text.encode("utf-8")
        elif all(ord(character) < 256 for character in text):
            number, content = _LATIN_1, text.encode("latin-1")
        else:
            # A description has a byte order mark, and so has the value behind it.
            number, content = _UTF_16, "\0".join(f"\ufeff{part}" for part in strings).encode("utf-16-le")
        return Frame(name, b"" if self.version == 2 else bytes(2), bytes([number]) + content)

    def with_frames(self, frames: tuple[Frame, ...]) -> "Id3Tag":
        """Return the tag with other frames."""
        return replace(self, frames=frames)

    def __bytes__(self) -> bytes:
        """Return the tag as it is stored: as long as it was, where the frames fit, else with new padding."""
        body = b"".join(_header(frame, self.version) + frame.content for frame in self.frames)
        room = self.n_bytes - HEADER_BYTES
        size = room if len(body) <= room else len(body) + _PADDING_BYTES
        flags = _UNSYNCHRONISED if self.is_unsynchronised else 0
        header = b"ID3" + bytes([self.version, 0, flags]) + _synchsafe(size)
        return header + body + bytes(size - len(body))


def read_id3(data: bytes) -> Id3Tag:
    """Read the tag at the start of `data`; an empty tag of the newest version where there is none.

    Raises
    ------
    TaggingError
        The tag is damaged, or in a form that is not used.
    """
    n_bytes = tag_length(data)
    if not n_bytes:
        return Id3Tag()
    version, flags = data[3], data[5]
    body = data[HEADER_BYTES : n_bytes - (HEADER_BYTES if flags & _FOOTER else 0)]
    if version not in (2, 3, 4) or len(data) < n_bytes or (version == 2 and flags & _EXTENDED):
        raise TaggingError("its ID3 tag is damaged")
    if flags & _UNSYNCHRONISED and version < NEWEST:
        body = _synchronised(body)
    if flags & _EXTENDED:
        body = body[_extended_length(body, version) :]
    is_unsynchronised = version == NEWEST and bool(flags & _UNSYNCHRONISED)
    return Id3Tag(version, _frames(body, version), n_bytes, is_unsynchronised)


def tag_length(header: bytes) -> int:
    """Return the length of a tag from its first ten bytes, header and footer included; 0 where these are no tag."""
    if len(header) < HEADER_BYTES or not header.startswith(b"ID3") or max(header[6:10]) > 127:
        return 0
    footer = HEADER_BYTES if header[3] == NEWEST and header[5] & _FOOTER else 0
    return HEADER_BYTES + _from_synchsafe(header[6:10]) + footer


def _frames(body: bytes, version: int) -> tuple[Frame, ...]:
    """Split a body into its frames; iTunes wrote 2.4 with the sizes of 2.3."""
    for is_synchsafe in (True, False) if version == NEWEST else (False,):
        frames = []
        for frame in _walk(body, version, is_synchsafe=is_synchsafe):
            if frame is None:
                break
            frames.append(frame)
        else:
            return tuple(frames)
    raise TaggingError("its ID3 tag is damaged")


def _walk(body: bytes, version: int, *, is_synchsafe: bool) -> Iterator[Frame | None]:
    """Yield the frames up to the padding; None where something else follows."""
    n_letters, n_header = (3, 6) if version == 2 else (4, 10)
    place = 0
    while any(body[place : place + n_letters]):
        header = body[place : place + n_header]
        name = header[:n_letters].decode("latin-1")
        stored = header[n_letters : n_letters + (3 if version == 2 else 4)]
        size = _from_synchsafe(stored) if is_synchsafe else int.from_bytes(stored)
        content = body[place + n_header : place + n_header + size]
        is_sound = _NAME.fullmatch(name) and len(content) == size
        if not is_sound or (is_synchsafe and max(stored) > 127):
            yield None
            return
        yield Frame(name, header[8:10], content)
        place += n_header + size


def _plain(frame: Frame, version: int, *, is_unsynchronised: bool) -> bytes:
    """Return a frame's content without what its flags say that was done to it; an encrypted one is not read."""
    content, flags = frame.content, frame.flags[1] if frame.flags else 0
    if version == NEWEST:
        is_compressed, is_encrypted, has_group, has_length = flags & 0x08, flags & 0x04, flags & 0x40, flags & 0x01
        content = content[(1 if has_group else 0) + (4 if has_length else 0) :]
        if flags & 0x02 or is_unsynchronised:
            content = _synchronised(content)
    else:
        is_compressed, is_encrypted, has_group = flags & 0x80, flags & 0x40, flags & 0x20
        content = content[(4 if is_compressed else 0) + (1 if has_group else 0) :]
    if is_encrypted:
        return b""
    return zlib.decompress(content) if is_compressed else content


def _header(frame: Frame, version: int) -> bytes:
    size = len(frame.content)
    if version == 2:
        return frame.name.encode("latin-1") + size.to_bytes(3)
    stored = _synchsafe(size) if version == NEWEST else size.to_bytes(4)
    return frame.name.encode("latin-1") + stored + frame.flags


def _extended_length(body: bytes, version: int) -> int:
    """Return the length of the extended header, whose checksum would be wrong after a change: it is left out."""
    return _from_synchsafe(body[:4]) if version == NEWEST else 4 + int.from_bytes(body[:4])


def _synchronised(data: bytes) -> bytes:
    return data.replace(b"\xff\x00", b"\xff")


def _synchsafe(number: int) -> bytes:
    if number >> 28:
        raise TaggingError("its ID3 tag is full")
    return bytes(number >> shift & 127 for shift in (21, 14, 7, 0))


def _from_synchsafe(data: bytes) -> int:
    return sum(byte << shift for byte, shift in zip(data, (21, 14, 7, 0), strict=False))

"""The list of facts in a WAV file (RIFF INFO), which has a place for the genre and none for the other fields."""

from dataclasses import dataclass
from typing import Final

LIST_TYPE: Final = b"INFO"
_GENRE: Final = b"IGNR"
_HEADER_BYTES: Final = 8


@dataclass(frozen=True, slots=True)
class RiffInfo:
    """The list: names of four bytes, and contents as stored, which a null byte ends."""

    items: tuple[tuple[bytes, bytes], ...] = ()

    @property
    def genre(self) -> str:
        """The genre; empty where there is none. No standard says how text is encoded."""
        content = dict(self.items).get(_GENRE, b"").partition(b"\0")[0]
        try:
            return content.decode("utf-8")
        except UnicodeDecodeError:
            return content.decode("cp1252", "replace")

    def with_genre(self, genre: str) -> "RiffInfo":
        """Return the list with another genre."""
        new = (_GENRE, genre.encode() + b"\0")
        if not any(name == _GENRE for name, _ in self.items):
            return RiffInfo((*self.items, new))
        return RiffInfo(tuple(new if item[0] == _GENRE else item for item in self.items))

    def __bytes__(self) -> bytes:
        """Return the content of the chunk."""
        return LIST_TYPE + b"".join(
            name + len(content).to_bytes(4, "little") + content + bytes(len(content) % 2)
            for name, content in self.items
        )


def read_info(content: bytes) -> RiffInfo:
    """Read the content of a chunk ``LIST`` of the type ``INFO``."""
    items, place = [], len(LIST_TYPE)
    while place + _HEADER_BYTES <= len(content):
        start = place + _HEADER_BYTES
        stop = start + int.from_bytes(content[place + 4 : start], "little")
        items.append((content[place : place + 4], content[start:stop]))
        place = stop + (stop - start) % 2
    return RiffInfo(tuple(items))

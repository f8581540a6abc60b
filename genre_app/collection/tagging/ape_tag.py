"""An APEv2 tag at the end of a file, as the raw items that it is made of: items that are not ours stay as they are."""

import struct
from dataclasses import dataclass, replace
from typing import Final

from genre_app.collection.tagging.fields import Field, Values
from genre_app.errors import TaggingError

FOOTER_BYTES: Final = 32
_FOOTER: Final = struct.Struct("<8s4I8x")  # preamble, version, size with footer, number of items, flags
_PREAMBLE: Final = b"APETAGEX"
_VERSION: Final = 2000
_HAS_HEADER, _IS_HEADER = 1 << 31, 1 << 29
#: The items of a field, that which is written first.
_ITEMS: Final[dict[Field, tuple[str, ...]]] = {
    "genre": ("Genre",),
    "styles": ("Style",),
    "moods": ("Mood",),
    "tempo": ("BPM",),
    "key": ("INITIALKEY", "KEY"),
}


@dataclass(frozen=True, slots=True)
class Item:
    """An item: its flags, and its name and value as stored."""

    flags: int
    name: bytes
    value: bytes


@dataclass(frozen=True, slots=True)
class ApeTag:
    """A tag: its items, whether it has a header beside its footer, and its length in the file with both."""

    items: tuple[Item, ...]
    has_header: bool
    n_bytes: int

    @property
    def values(self) -> Values:
        """The values of the fields; null bytes stand between several."""
        return {field: tuple(_strings(self.items, names)) for field, names in _ITEMS.items()}

    def with_values(self, values: Values) -> "ApeTag":
        """Return the tag with other values of these fields."""
        items = list(self.items)
        for field, strings in values.items():
            content = "\0".join(strings).encode()
            places = [i for i, item in enumerate(items) if _is_named(item, _ITEMS[field])]
            for i in places:
                items[i] = Item(0, items[i].name, content)
            if not places:
                items.append(Item(0, _ITEMS[field][0].encode(), content))
        return replace(self, items=tuple(items))

    def __bytes__(self) -> bytes:
        """Return the tag as it is stored."""
        body = b"".join(
            struct.pack("<2I", len(item.value), item.flags) + item.name + b"\0" + item.value for item in self.items
        )
        flags = _HAS_HEADER if self.has_header else 0
        ends = [
            _FOOTER.pack(_PREAMBLE, _VERSION, len(body) + FOOTER_BYTES, len(self.items), flags | which)
            for which in (_IS_HEADER, 0)
        ]
        return (ends[0] if self.has_header else b"") + body + ends[1]


def ape_length(footer: bytes) -> int:
    """Return the length of a tag, header included, from its last 32 bytes; 0 where these are no tag."""
    if len(footer) < FOOTER_BYTES or not footer.startswith(_PREAMBLE):
        return 0
    _, version, size, _, flags = _FOOTER.unpack(footer)
    return size + (FOOTER_BYTES if flags & _HAS_HEADER else 0) if version == _VERSION else 0


def read_ape(data: bytes) -> ApeTag:
    """Read a tag from all its bytes, as many as `ape_length` says.

    Raises
    ------
    TaggingError
        It is damaged.
    """
    _, _, size, n_items, flags = _FOOTER.unpack(data[-FOOTER_BYTES:])
    body = data[len(data) - size : -FOOTER_BYTES]
    items, place = [], 0
    for _ in range(n_items):
        name_end = body.find(b"\0", place + 8)
        if name_end < 0:
            break
        n_bytes, item_flags = struct.unpack_from("<2I", body, place)
        name, place = body[place + 8 : name_end], name_end + 1 + n_bytes
        items.append(Item(item_flags, name, body[name_end + 1 : place]))
    if len(items) < n_items or place != len(body):
        raise TaggingError("its APE tag is damaged")
    return ApeTag(tuple(items), bool(flags & _HAS_HEADER), len(data))


def _strings(items: tuple[Item, ...], names: tuple[str, ...]) -> list[str]:
    text = [item.value.decode("utf-8", "replace") for item in items if _is_named(item, names)]
    return list(dict.fromkeys(part for value in text for part in value.split("\0")))


def _is_named(item: Item, names: tuple[str, ...]) -> bool:
    return item.name.decode("latin-1").casefold() in {name.casefold() for name in names}

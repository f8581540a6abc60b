"""The fields in an ID3v2 tag: in which frames they are, and how their values are written in each version."""

from collections.abc import Sequence
from typing import Final

from mutagen.id3 import TCON

from genre_app.collection.tagging.fields import FIELDS, Field, Values
from genre_app.collection.tagging.id3_tag import NEWEST, Frame, Id3Tag

#: The frames of a field, that which is written first; behind a colon the description of a TXXX frame. There is no frame
#: for moods in 2.3, but some taggers write that of 2.4 into it.
_FRAMES: Final[dict[Field, tuple[str, ...]]] = {
    "genre": ("TCON",),
    "styles": ("TXXX:STYLE",),
    "moods": ("TMOO", "TXXX:MOOD"),
    "tempo": ("TBPM",),
    "key": ("TKEY",),
}
#: A track may have several of these.
_SEVERAL: Final[frozenset[Field]] = frozenset({"genre", "styles", "moods"})
#: The names of 2.2, which have three letters.
_SHORT: Final = {"TCON": "TCO", "TBPM": "TBP", "TKEY": "TKE", "TXXX": "TXX"}


def id3_values(tag: Id3Tag, separator: str) -> Values:
    """Return the values of the fields; in 2.2 and 2.3, where a frame holds one, those that the separator joins."""
    return {field: _values(tag, field, separator) for field in FIELDS}


def with_id3_values(tag: Id3Tag, values: Values, separator: str) -> Id3Tag:
    """Return the tag with other values of these fields; they take the place of the frames that held them."""
    frames = list(tag.frames)
    for field, strings in values.items():
        places = [_place(tag, frame) for frame in frames]
        names = [name for name in _names(tag, field) if name in places] or _names(tag, field)[:1]
        for name in names:
            frame = _frame(tag, name, _joined(tag, field, strings, separator))
            at = places.index(name) if name in places else len(frames)
            rest = [other for other, place in zip(frames[at:], places[at:], strict=True) if place != name]
            frames = [*frames[:at], frame, *rest]
            places = [_place(tag, frame) for frame in frames]
    return tag.with_frames(tuple(frames))


def _values(tag: Id3Tag, field: Field, separator: str) -> tuple[str, ...]:
    names = _names(tag, field)
    strings = [text for frame in tag.frames if _place(tag, frame) in names for text in _strings(tag, frame)]
    if field == "genre":
        strings = TCON(encoding=3, text=strings).genres  # "(17)" and "17" are Rock
    if tag.version < NEWEST and field in _SEVERAL:
        strings = [part for text in strings for part in text.split(separator)]
    return tuple(dict.fromkeys(strings))


def _joined(tag: Id3Tag, field: Field, strings: tuple[str, ...], separator: str) -> tuple[str, ...]:
    """Return the strings that one frame of this version holds."""
    if tag.version == NEWEST:
        return strings
    text = separator.join(strings)
    return (f"({text}" if field == "genre" and text.startswith("(") else text,)  # one bracket would begin a number


def _names(tag: Id3Tag, field: Field) -> Sequence[str]:
    names = _FRAMES[field]
    return names if field != "moods" or tag.version == NEWEST else names[::-1]


def _place(tag: Id3Tag, frame: Frame) -> str:
    """Return a frame's name in the newest version, with its description where it is a TXXX frame."""
    name = {short: long for long, short in _SHORT.items()}.get(frame.name, frame.name)
    if name != "TXXX":
        return name
    return f"{name}:{next(iter(tag.text_of(frame)), '').upper()}"


def _strings(tag: Id3Tag, frame: Frame) -> tuple[str, ...]:
    strings = tag.text_of(frame)
    return strings[1:] if frame.name in {"TXXX", "TXX"} else strings


def _frame(tag: Id3Tag, place: str, strings: tuple[str, ...]) -> Frame:
    name, _, description = place.partition(":")
    name = _SHORT.get(name, name) if tag.version == 2 else name
    return tag.text_frame(name, (description, *strings) if description else strings)

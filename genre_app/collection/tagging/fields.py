"""The fields that are written into files, and how new values meet those that are there."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Literal

from genre_app.collection.tagging.vocabulary import NO_VOCABULARY, Vocabulary
from genre_app.genres import canonical

Field = Literal["genre", "styles", "moods", "tempo", "key"]
Existing = Literal["keep", "replace", "append"]
#: The values of some fields, as text.
Values = Mapping[Field, tuple[str, ...]]

FIELDS: Final[tuple[Field, ...]] = ("genre", "styles", "moods", "tempo", "key")
#: A track has one of these: nothing can be appended to it.
_SINGLE: Final = frozenset({"tempo", "key"})
#: Genres that rippers and players write where they know none, in the spelling of `canonical`.
_NO_GENRE: Final = frozenset(
    {"", "other", "unknown", "unknowngenre", "undefined", "unclassifiable", "none", "misc", "miscellaneous", "genre"}
)
#: Stands between several values where a format has room for one.
SEPARATOR: Final = "; "


@dataclass(frozen=True, slots=True)
class TagOptions:
    """What is written into files.

    Attributes
    ----------
    fields : tuple of str
        The fields that are written; others stay as they are.
    existing : {"keep", "replace", "append"}
        What happens to values that are there already.
    separator : str
        Stands between the values of a field where the format holds one value only (ID3v2.2, ID3v2.3, RIFF INFO).
    vocabulary : Vocabulary
        What genres, styles and moods are called, and which are left out.
    """

    fields: tuple[Field, ...] = FIELDS
    existing: Existing = "keep"
    separator: str = SEPARATOR
    vocabulary: Vocabulary = field(default=NO_VOCABULARY, repr=False)


def said(field: Field, values: Sequence[str]) -> tuple[str, ...]:
    """Return the values that say something: no blanks, no tempo of 0, no genre "Other" or "Unknown"."""
    stripped = [value.strip() for value in values]
    if field == "genre":
        return tuple(value for value in stripped if canonical(value) not in _NO_GENRE)
    return tuple(value for value in stripped if value and not (field == "tempo" and value.strip("0.,") == ""))


def merged(field: Field, there: Sequence[str], wanted: Sequence[str], existing: Existing) -> tuple[str, ...]:
    """Return the values of a field after writing; those that are there, unchanged, where nothing is to be written.

    Parameters
    ----------
    field : str
        One of `FIELDS`.
    there, wanted : sequence of str
        The file's values and the new ones.
    existing : {"keep", "replace", "append"}
        Tempo and key have one value: with "append", that of the file stays.
    """
    known = said(field, there)
    if not wanted or tuple(there) == tuple(wanted):
        return tuple(there)
    if not known or existing == "replace":
        return tuple(wanted)
    if existing == "keep" or field in _SINGLE:
        return tuple(there)
    names = {canonical(value) for value in known}
    new = [value for value in wanted if canonical(value) not in names]
    return (*known, *new) if new else tuple(there)

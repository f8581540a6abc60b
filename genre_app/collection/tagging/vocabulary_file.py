"""Reading a vocabulary from a TOML file, and saying everything that is wrong with it at once."""

import difflib
import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, Final, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError
from pydantic_core import ErrorDetails, PydanticCustomError

from genre_app.collection.tagging.fields import said
from genre_app.collection.tagging.vocabulary import Vocabulary, Word, parts_of
from genre_app.collection.tagging.wanted import MOODS
from genre_app.errors import VocabularyError
from genre_app.formatting import printable
from genre_app.genres import GENRES, canonical, display_name
from genre_app.weights import WEIGHTS_FOLDER

_STYLES_FILE: Final = "styles.toml"
#: The label of models that know music outside the ten.
_OTHER: Final = "other"
_MAX_BYTES: Final = 1_000_000
_MAX_NAME_LENGTH: Final = 100
#: What every mistake of type or range comes to, by the key.
_HAS_TO_BE: Final[Mapping[str, str]] = {
    "unlisted": 'it has to be "write" or "leave out".',
    "labels": 'it has to be a list of names, such as ["edm", "k-pop"].',
    "names": "it has to be a table.",
    "moods": "it has to be a table.",
    "write": 'it has to be text in quotes, such as "Hip Hop"; an empty one leaves the name out.',
    "parent": 'it has to be text in quotes, such as "Electronic".',
    "threshold": "it has to be a number from 0 to 1.",
}
_WORD_HAS_TO_BE: Final = 'it has to be text in quotes, or a table such as { write = "Hip Hop", threshold = 0.7 }.'
#: What to do about a name that no model gives.
_OTHERWISE: Final[Mapping[str, str]] = {
    "names": 'where it is a label of another model, add it to "labels".',
    "moods": f"there are {', '.join(sorted(MOODS))}.",
}
_BARE_KEY: Final = re.compile(r"[A-Za-z0-9_-]+")


def _checked_name(name: str) -> str:
    """Refuse what no player shows as a name."""
    if name != name.strip() or printable(name) != name:
        raise PydanticCustomError("name", "it holds characters that are not seen, such as a space at its end.")
    if len(name) > _MAX_NAME_LENGTH:
        raise PydanticCustomError("name", f"it is longer than {_MAX_NAME_LENGTH} characters.")
    if name and not said("genre", [name]):
        raise PydanticCustomError("name", 'players take it for no name at all; to leave something out, write "".')
    return name


def _opened(value: object) -> object:
    """Take ``rock = "Rock"`` for ``rock = { write = "Rock" }``."""
    return {"write": value} if isinstance(value, str) else value


_Name = Annotated[str, AfterValidator(_checked_name)]


class _MoodEntry(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)

    write: _Name | None = None
    threshold: float | None = Field(default=None, ge=0.0, le=1.0)


class _NameEntry(_MoodEntry):
    parent: Annotated[_Name, Field(min_length=1)] | None = None


class _File(BaseModel):
    """What the file may hold; `docs/vocabulary.md` describes it."""

    model_config = ConfigDict(extra="forbid", strict=True)

    unlisted: Literal["write", "leave out"] = "write"
    labels: list[_Name] = Field(default_factory=list)
    names: dict[str, Annotated[_NameEntry, BeforeValidator(_opened)]] = Field(default_factory=dict)
    moods: dict[str, Annotated[_MoodEntry, BeforeValidator(_opened)]] = Field(default_factory=dict)


#: The keys of the file, and of an entry below the tables.
_KEYS: Final[Mapping[str, Sequence[str]]] = {
    "": tuple(_File.model_fields),
    "names": tuple(_NameEntry.model_fields),
    "moods": tuple(_MoodEntry.model_fields),
}


def read_vocabulary(path: str | Path) -> Vocabulary:
    """Read and check a vocabulary.

    Parameters
    ----------
    path : str or Path
        A TOML file; ``docs/vocabulary.md`` describes it.

    Raises
    ------
    VocabularyError
        It cannot be read, or it holds mistakes: a sentence for each.
    """
    content = _parsed(Path(path))
    try:
        file = _File.model_validate(content)
    except ValidationError as error:
        mistakes = dict.fromkeys(map(_sentence, error.errors()))
        raise VocabularyError(*mistakes, *_wrong_names(content), *_circles(content)) from error
    if mistakes := dict.fromkeys([*_wrong_names(content), *_circles(content)]):
        raise VocabularyError(*mistakes)
    names = {canonical(name): entry for name, entry in file.names.items()}
    shown = {canonical(name): display_name(name) for name in (*known_names(), *file.labels)}
    return Vocabulary(
        names={name: Word(tuple(_lineage(name, names, shown)), entry.threshold) for name, entry in names.items()},
        moods={
            canonical(mood): Word(_word(mood.casefold() if entry.write is None else entry.write), entry.threshold)
            for mood, entry in file.moods.items()
        },
        keeps_unlisted=file.unlisted == "write",
    )


def known_names() -> list[str]:
    """Return what genres and styles may be called in a vocabulary, without the labels of models from elsewhere."""
    styles = tomllib.loads((WEIGHTS_FOLDER / _STYLES_FILE).read_text(encoding="utf-8"))
    # A genre is spelt as the styles spell it where there is a style of the name: hip-hop.
    return [*(part for style in styles for part in parts_of(style)), *GENRES, _OTHER]


def _parsed(path: Path) -> dict[str, Any]:
    try:
        with path.open("rb") as file:
            raw = file.read(_MAX_BYTES + 1)
    except OSError as error:
        raise VocabularyError(f"It cannot be read: {error.strerror}.") from error
    if len(raw) > _MAX_BYTES:
        raise VocabularyError(f"It is larger than {_MAX_BYTES // 1_000_000} MB.")
    try:
        return tomllib.loads(raw.decode("utf-8-sig").replace("\r\n", "\n"))
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise VocabularyError(f"Line {line} is not in UTF-8: save the file as UTF-8.") from error
    except tomllib.TOMLDecodeError as error:
        raise VocabularyError(f"It is no TOML: {printable(str(error))}.") from error


def _sentence(error: ErrorDetails) -> str:
    """Say what is wrong with a value."""
    place = error["loc"]
    table, key = str(place[0]), str(place[-1])
    if error["type"] == "extra_forbidden":
        keys = _KEYS["" if len(place) == 1 else table]
        more = _did_you_mean(key, keys) or f"there are {', '.join(keys)}."
        return f"{_dotted(place)}: there is no such key; {more}"
    if error["type"] == "name":
        return f"{_dotted(place)}: {error['msg']}"
    if table in {"names", "moods"} and len(place) == 2:
        return f"{_dotted(place)}: {_WORD_HAS_TO_BE}"
    return f"{_dotted(place)}: {_HAS_TO_BE[key if key in _HAS_TO_BE else table]}"


def _wrong_names(content: Mapping[str, Any]) -> Iterator[str]:
    """Say which names no model gives, and which are listed twice; what is no table was said before."""
    labels = content.get("labels", [])
    own = [label for label in labels if isinstance(label, str)] if isinstance(labels, list) else []
    for table, what, known in (("names", "genre or style", [*known_names(), *own]), ("moods", "mood", sorted(MOODS))):
        entries = content.get(table)
        if isinstance(entries, dict):
            yield from _wrong_names_in(table, what, entries, known)


def _wrong_names_in(table: str, what: str, entries: Iterable[str], known: Sequence[str]) -> Iterator[str]:
    spelling = {canonical(name): name for name in known}
    seen: dict[str, str] = {}
    for name in entries:
        plain = canonical(name)
        if plain not in spelling:
            more = _did_you_mean(name, known) or _OTHERWISE[table]
            yield f"{_dotted((table, name))}: no {what} is called so; {more}"
        elif plain in seen:
            yield f"{_dotted((table, name))}: it is listed as {seen[plain]!r} already."
        seen.setdefault(plain, name)


def _did_you_mean(name: str, known: Iterable[str]) -> str | None:
    """Ask whether the known name was meant that is spelt most alike; None if none is alike."""
    spelling: dict[str, str] = {}
    for one in known:
        spelling.setdefault(canonical(one), one)
    alike = difflib.get_close_matches(canonical(name), spelling, n=1, cutoff=0.7)
    return f"did you mean {spelling[alike[0]]!r}?" if alike else None


def _circles(content: Mapping[str, Any]) -> Iterator[str]:
    """Say which names are their own ancestors."""
    names = content.get("names")
    entries = names.items() if isinstance(names, dict) else ()
    chosen = {name: entry.get("parent") for name, entry in entries if isinstance(entry, dict)}
    parents = {canonical(name): canonical(parent) for name, parent in chosen.items() if isinstance(parent, str)}
    for name in chosen:
        ancestor, seen = parents.get(canonical(name), ""), set[str]()
        while ancestor in parents and ancestor not in seen:
            seen.add(ancestor)
            ancestor = parents[ancestor]
        if canonical(name) in seen:
            yield f"{_dotted(('names', name, 'parent'))}: {printable(name)!r} would be its own ancestor."


def _lineage(name: str, entries: Mapping[str, _NameEntry], shown: Mapping[str, str]) -> Iterator[str]:
    """Return what is written for a name, and for its parents, which need not be listed, behind it."""
    entry = entries[name]
    yield from _word(shown[name] if entry.write is None else entry.write)
    if entry.parent and (parent := canonical(entry.parent)) in entries:
        yield from _lineage(parent, entries, shown)
    elif entry.parent:
        yield entry.parent


def _word(written: str) -> tuple[str, ...]:
    return (written,) if written else ()


def _dotted(place: Iterable[object]) -> str:
    """Write the path of a value as TOML does: ``names."new age".write``."""
    keys = map(printable, map(str, place))
    return ".".join(key if _BARE_KEY.fullmatch(key) else f'"{key}"' for key in keys)

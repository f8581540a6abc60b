"""What is wrong with a vocabulary, in sentences that say the line and what to do."""

import difflib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

from pydantic_core import ErrorDetails

from genre_app.collection.tagging.toml_source import TomlSource, dotted
from genre_app.collection.tagging.vocabulary_schema import MoodEntry, NameEntry, VocabularyFile, known_names
from genre_app.collection.tagging.wanted import MOODS
from genre_app.formatting import printable
from genre_app.genres import canonical

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
_TABLES: Final = ("names", "moods")
#: Keys that stand above the tables.
_ABOVE: Final = ("unlisted", "labels")
#: How a key that belongs to a name is written.
_AS_ENTRY: Final[Mapping[str, str]] = {
    "write": 'rock = { write = "Rock" }',
    "parent": 'house = { parent = "Electronic" }',
    "threshold": "rock = { threshold = 0.7 }",
}
#: What to do about a name that no model gives.
_OTHERWISE: Final[Mapping[str, str]] = {
    "names": 'where it is a label of another model, add it to "labels".',
    "moods": f"there are {', '.join(sorted(MOODS))}.",
}
#: The keys of the file, and of an entry below the tables.
_KEYS: Final[Mapping[str, Sequence[str]]] = {
    "": tuple(VocabularyFile.model_fields),
    "names": tuple(NameEntry.model_fields),
    "moods": tuple(MoodEntry.model_fields),
}
#: Where a mistake is: the keys from the outermost table on, and places in a list.
Place = tuple[int | str, ...]
#: A mistake's place, and a sentence that follows it.
Mistake = tuple[Place, str]


def sentences(text: str, content: Mapping[str, Any], errors: Iterable[ErrorDetails] = ()) -> list[str]:
    """Word all mistakes of a vocabulary, each with its line, in the order of the lines.

    Parameters
    ----------
    text : str
        The file.
    content : mapping
        The same, parsed.
    errors : iterable of ErrorDetails
        What pydantic found.
    """
    misplaced = dict(_misplaced(content))
    others = [*((error["loc"], _sentence(error)) for error in errors), *_wrong_names(content), *_circles(content)]
    mistakes = [
        *misplaced.items(),
        *(mistake for mistake in others if misplaced.keys().isdisjoint(_around(mistake[0]))),
    ]
    if not mistakes:
        return []
    source = TomlSource(text)
    lines = [(source.line_of(place), f"{dotted(place)}: {sentence}") for place, sentence in mistakes]
    lines.sort(key=lambda pair: pair[0] or 0)
    return list(dict.fromkeys(f"Line {line}, {said}" if line else said for line, said in lines))


def _around(place: Place) -> list[Place]:
    """Return the place and those that it is in."""
    return [place[:n] for n in range(1, len(place) + 1)]


def _misplaced(content: Mapping[str, Any]) -> Iterator[Mistake]:
    """Say which keys stand in a table where they mean nothing, but would elsewhere."""
    known = {canonical(name) for name in known_names()}
    for key, value in content.items():
        if key in _TABLES and isinstance(value, dict):
            yield from _misplaced_in(key, value)
        elif key not in _KEYS[""] and canonical(key) in known:
            yield (key,), "a name belongs below the line [names]: put it there."


def _misplaced_in(table: str, entries: Mapping[str, Any]) -> Iterator[Mistake]:
    for name, entry in entries.items():
        if name in _ABOVE:
            yield (table, name), f"it belongs above the tables: move this line to the top of the file, above [{table}]."
        elif name in _KEYS[table]:
            yield (table, name), f"it belongs to a name: write it as {_AS_ENTRY[name]}."
        elif isinstance(entry, dict):
            for key in _ABOVE:
                if key in entry:
                    yield (table, name, key), "it belongs above the tables: move it to the top of the file."


def _sentence(error: ErrorDetails) -> str:
    """Say what is wrong with a value."""
    place = error["loc"]
    table, key = str(place[0]), str(place[-1])
    if error["type"] == "extra_forbidden":
        keys = _KEYS["" if len(place) == 1 else table]
        more = _did_you_mean(key, keys) or f"there are {', '.join(keys)}."
        return f"there is no such key; {more}"
    if error["type"] == "name":
        return error["msg"]
    if table in _TABLES and len(place) == 2:
        return _WORD_HAS_TO_BE
    return _HAS_TO_BE[key if key in _HAS_TO_BE else table]


def _wrong_names(content: Mapping[str, Any]) -> Iterator[Mistake]:
    """Say which names no model gives, and which are listed twice; what is no table was said before."""
    labels = content.get("labels", [])
    own = [label for label in labels if isinstance(label, str)] if isinstance(labels, list) else []
    for table, what, known in (("names", "genre or style", [*known_names(), *own]), ("moods", "mood", sorted(MOODS))):
        entries = content.get(table)
        if isinstance(entries, dict):
            yield from _wrong_names_in(table, what, entries, known)


def _wrong_names_in(table: str, what: str, entries: Iterable[str], known: Sequence[str]) -> Iterator[Mistake]:
    spelling = {canonical(name): name for name in known}
    seen: dict[str, str] = {}
    for name in entries:
        plain = canonical(name)
        if plain not in spelling:
            more = _did_you_mean(name, known) or _OTHERWISE[table]
            yield (table, name), f"no {what} is called so; {more}"
        elif plain in seen:
            yield (table, name), f"it is listed as {seen[plain]!r} already; leave one of the two."
        seen.setdefault(plain, name)


def _did_you_mean(name: str, known: Iterable[str]) -> str | None:
    """Ask whether the known name was meant that is spelt most alike; None if none is alike."""
    spelling: dict[str, str] = {}
    for one in known:
        spelling.setdefault(canonical(one), one)
    alike = difflib.get_close_matches(canonical(name), spelling, n=1, cutoff=0.7)
    return f"did you mean {spelling[alike[0]]!r}?" if alike else None


def _circles(content: Mapping[str, Any]) -> Iterator[Mistake]:
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
            yield ("names", name, "parent"), f"{printable(name)!r} would be its own ancestor."

"""Reading a vocabulary from a TOML file, and saying everything that is wrong with it at once."""

import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from pydantic import ValidationError

from genre_app.collection.tagging.toml_source import TomlSource
from genre_app.collection.tagging.vocabulary import Vocabulary, Word
from genre_app.collection.tagging.vocabulary_mistakes import sentences
from genre_app.collection.tagging.vocabulary_schema import NameEntry, VocabularyFile, known_names
from genre_app.errors import VocabularyError
from genre_app.genres import canonical, display_name

_MAX_BYTES: Final = 1_000_000


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
    text = _read(Path(path))
    try:
        content = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise VocabularyError(*TomlSource(text).mistakes(error)) from error
    try:
        file = VocabularyFile.model_validate(content)
    except ValidationError as error:
        raise VocabularyError(*sentences(text, content, error.errors())) from error
    if mistakes := sentences(text, content):
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


def _read(path: Path) -> str:
    try:
        with path.open("rb") as file:
            raw = file.read(_MAX_BYTES + 1)
    except OSError as error:
        raise VocabularyError(f"It cannot be read: {error.strerror}.") from error
    if len(raw) > _MAX_BYTES:
        raise VocabularyError(f"It is larger than {_MAX_BYTES // 1_000_000} MB.")
    try:
        return raw.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise VocabularyError(f"Line {line} is not in UTF-8: save the file as UTF-8.") from error


def _lineage(name: str, entries: Mapping[str, NameEntry], shown: Mapping[str, str]) -> Iterator[str]:
    """Return what is written for a name, and for its parents, which need not be listed, behind it."""
    entry = entries[name]
    yield from _word(shown[name] if entry.write is None else entry.write)
    if entry.parent and (parent := canonical(entry.parent)) in entries:
        yield from _lineage(parent, entries, shown)
    elif entry.parent:
        yield entry.parent


def _word(written: str) -> tuple[str, ...]:
    return (written,) if written else ()

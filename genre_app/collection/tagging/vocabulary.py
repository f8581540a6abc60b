"""The user's own words: what is written for the genres, styles and moods that are heard."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from genre_app.genres import canonical, display_name
from genre_app.results.model_info import NAMED_FROM

#: Joins the names of a style that is several: "ambient & new age".
_AND: Final = " & "


@dataclass(frozen=True, slots=True)
class Word:
    """What is written for a name that is heard.

    Attributes
    ----------
    written : tuple of str
        The word, and its parents behind it; empty leaves the name out.
    threshold : float or None
        The name's score has to reach this; None leaves the usual one.
    """

    written: tuple[str, ...]
    threshold: float | None = None


Words = Mapping[str, Word]


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """What is written for each name; an empty vocabulary writes names as the app shows them.

    Attributes
    ----------
    names, moods : mapping of str to Word
        Genres and styles, and moods, by what is heard, in the spelling of `genre_app.genres.canonical`.
    keeps_unlisted : bool
        Whether a name that is not listed is written as the app shows it; else it is left out: of the genres and
        styles, and of the moods where any mood is listed.
    """

    names: Words = field(default_factory=dict)
    moods: Words = field(default_factory=dict)
    keeps_unlisted: bool = True

    def __bool__(self) -> bool:
        """Return whether it changes anything."""
        return bool(self.names or self.moods) or not self.keeps_unlisted

    def genres_for(self, heard: Iterable[tuple[str, float]]) -> tuple[str, ...]:
        """Return what is written for the genres that an answer names, with their scores."""
        return _distinct(name for genre, score in heard for name in self._name(genre, score, named_from=0.0))

    def styles_for(self, heard: Iterable[tuple[str, float]]) -> tuple[str, ...]:
        """Return what is written for styles, of which those below their threshold are not named."""
        return _distinct(name for style, score in heard for name in self._name(style, score, named_from=NAMED_FROM))

    def moods_for(self, heard: Iterable[tuple[str, float]]) -> tuple[str, ...]:
        """Return what is written for moods, of which those below their threshold are not named."""
        keeps_unlisted = self.keeps_unlisted or not self.moods
        return _distinct(
            name
            for mood, score in heard
            for name in _written(self.moods, mood, score, Word((mood,) if keeps_unlisted else ()), NAMED_FROM)
        )

    def _name(self, name: str, score: float, *, named_from: float) -> Iterator[str]:
        unlisted = Word((display_name(name),) if self.keeps_unlisted else ())
        return _written(self.names, name, score, unlisted, named_from)


#: Names as the app shows them.
NO_VOCABULARY: Final = Vocabulary()


def parts_of(name: str) -> Sequence[str]:
    """Return the names by which a style may be listed: "ambient & new age", "ambient", "new age"."""
    parts = name.split(_AND)
    n = len(parts)
    return [_AND.join(parts[start:end]) for start in range(n) for end in range(n, start, -1)]


def _written(words: Words, name: str, score: float, unlisted: Word, named_from: float) -> Iterator[str]:
    for word in _listed(words, name) or [unlisted]:
        if score >= (named_from if word.threshold is None else word.threshold):
            yield from word.written


def _listed(words: Words, name: str) -> list[Word]:
    """Find the words for a name, or for its parts: the longest that are listed, in their order."""
    found = []
    parts = name.split(_AND)
    while parts:
        n_taken = 1
        for end in range(len(parts), 0, -1):
            if word := words.get(canonical(_AND.join(parts[:end]))):
                found.append(word)
                n_taken = end
                break
        parts = parts[n_taken:]
    return found


def _distinct(names: Iterable[str]) -> tuple[str, ...]:
    """Drop names that were there, in whatever spelling."""
    by_spelling: dict[str, str] = {}
    for name in names:
        by_spelling.setdefault(canonical(name) or name, name)
    return tuple(by_spelling.values())

"""Why the answer is what it is, in a few short sentences from what the result holds."""

import re
from collections.abc import Iterable
from typing import Final

from genre_app.formatting import clock
from genre_app.genres import canonical, display_name
from genre_app.results.model_info import NAMED_FROM
from genre_app.results.schema import ClassificationResult, StyleScore, TagScore

_MOST_NAMED: Final = 3
#: The clearest part is worth a sentence in tracks that are longer than this many of it.
_LEAST_LENGTHS: Final = 2.0
#: Other words for a genre, in the spelling of `genre_app.genres.canonical`.
_SYNONYMS: Final = {"heavymetal": "metal", "rap": "hiphop", "popmusic": "pop", "rockmusic": "rock"}


def reasons_for(result: ClassificationResult) -> list[str]:
    """Say what spoke for a result: where its genre is clearest, its styles, and what else is in it.

    Parameters
    ----------
    result : ClassificationResult
        The result.

    Returns
    -------
    list of str
        Up to three sentences, such as ``"Clearest from 0:40 to 0:50."``; none where it is not music.
    """
    named = set(result.verdict.styles)
    styles = [style.style for style in named_styles(result) if style.style not in named]
    tags = [tag.tag for tag in further_tags(result) if tag.score >= NAMED_FROM]
    sentences = [
        clearest_in_words(result),
        f"{'Further styles' if named else 'Styles'}: {', '.join(styles[:_MOST_NAMED])}" if styles else None,
        f"Also heard: {', '.join(tags[:_MOST_NAMED])}" if tags else None,
    ]
    return [f"{sentence}." for sentence in sentences if sentence]


def clearest_in_words(result: ClassificationResult) -> str | None:
    """Say where the leading genre is clearest, without a full stop; None where that says nothing.

    A mixed track has its parts instead, and a short one is the same throughout.
    """
    span, verdict = result.clearest, result.verdict
    if span is None or verdict.kind in {"mixed", "not_music"}:
        return None
    if result.metadata.duration_seconds <= _LEAST_LENGTHS * (span.end - span.start):
        return None
    is_named = verdict.kind == "confident" and len(verdict.genres) == 1
    what = "Clearest" if is_named else f"Most like {display_name(result.predicted_genre).lower()}"
    return f"{what} from {clock(span.start)} to {clock(span.end)}"


def named_styles(result: ClassificationResult) -> list[StyleScore]:
    """List the styles that are named and say more than the verdict's genres; none where it is not music."""
    if result.verdict.kind == "not_music":
        return []
    genres = [] if result.verdict.kind == "outside" else result.verdict.genres
    return [style for style in result.styles if style.score >= NAMED_FROM and not _repeats(style.style, genres)]


def further_tags(result: ClassificationResult) -> list[TagScore]:
    """List the tags that say more than the genres and styles beside them; none where it is not music."""
    if result.verdict.kind == "not_music":
        return []
    known = [*result.verdict.genres, *(style.style for style in named_styles(result))]
    return [tag for tag in result.tags if not _repeats(tag.tag, known)]


def _repeats(name: str, known: Iterable[str]) -> bool:
    """Return whether a name is one of the known ones in other words: "reggae & ska" says no more than "reggae"."""
    return bool(_words_for(name) & {word for other in known for word in _words_for(other)})


def _words_for(name: str) -> set[str]:
    """Return what a name stands for: the parts that an ampersand joins, without synonyms."""
    parts = {canonical(part) for part in re.split(r" & |, ", name)}
    return {_SYNONYMS.get(part, part) for part in parts | {canonical(name)}}

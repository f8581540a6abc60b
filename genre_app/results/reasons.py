"""Why the answer is what it is, in a few short sentences from what the result holds."""

import re
from collections.abc import Iterable
from typing import Final

from genre_app.formatting import clock
from genre_app.genres import canonical, display_name
from genre_app.results.model_info import NAMED_FROM
from genre_app.results.schema import ClassificationResult, Strongest, StyleScore, TagScore

_MOST_NAMED: Final = 3
#: The strongest part is worth a sentence in tracks that are longer than this many of it.
_LEAST_LENGTHS: Final = 2.0
#: Other words for a genre, in the spelling of `genre_app.genres.canonical`.
_SYNONYMS: Final = {"heavymetal": "metal", "rap": "hiphop", "popmusic": "pop", "rockmusic": "rock"}


def reasons_for(result: ClassificationResult) -> list[str]:
    """Say what spoke for a result: where its genre is strongest, its styles, and what else is in it.

    Parameters
    ----------
    result : ClassificationResult
        The result.

    Returns
    -------
    list of str
        Up to three sentences, such as ``"Metal is strongest at 0:40: electric guitar."``; none where it is not music.
    """
    named = set(result.verdict.styles)
    styles = [style.style for style in named_styles(result) if style.style not in named]
    strongest = strongest_in_words(result)[:1]
    said = {name for span, _ in strongest for name in span.heard}
    tags = [tag.tag for tag in further_tags(result) if tag.score >= NAMED_FROM and tag.tag not in said]
    sentences = [
        *(words for _, words in strongest),
        f"{'Further styles' if named else 'Styles'}: {', '.join(styles[:_MOST_NAMED])}" if styles else None,
        f"Also heard: {', '.join(tags[:_MOST_NAMED])}" if tags else None,
    ]
    return [f"{sentence}." for sentence in sentences if sentence]


def strongest_in_words(result: ClassificationResult) -> list[tuple[Strongest, str]]:
    """Say for each genre that the answer names where it is strongest and what is heard there, without a full stop.

    A mixed track has its parts instead, and a short one is the same throughout.
    """
    if result.verdict.kind in {"mixed", "not_music"}:
        return []
    return [
        (span, f"{_strongest(span, is_claim=result.verdict.kind != 'outside')}{_heard(span)}")
        for span in result.strongest
        if result.metadata.duration_seconds > _LEAST_LENGTHS * (span.end - span.start)
    ]


def _strongest(span: Strongest, *, is_claim: bool) -> str:
    if is_claim:
        return f"{display_name(span.genre)} is strongest at {clock(span.start)}"
    return f"Most like {display_name(span.genre).lower()} at {clock(span.start)}"


def _heard(span: Strongest) -> str:
    heard = [name for name in span.heard if not _repeats(name, [span.genre])]
    return f": {', '.join(heard)}" if heard else ""


def named_styles(result: ClassificationResult) -> list[StyleScore]:
    """List the styles that are named and say more than the verdict's genres; none where it is not music."""
    return [style for style in further_styles(result) if style.score >= NAMED_FROM]


def further_styles(result: ClassificationResult) -> list[StyleScore]:
    """List the styles, likely or not, that would say more than the verdict's genres; none where it is not music."""
    if result.verdict.kind == "not_music":
        return []
    genres = [] if result.verdict.kind == "outside" else result.verdict.genres
    return [style for style in result.styles if not _repeats(style.style, genres)]


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

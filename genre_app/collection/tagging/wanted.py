"""From a result to the tags that are wanted for its track."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from genre_app.collection.tagging.fields import FIELDS, Field, said
from genre_app.genres import GENRES, display_name
from genre_app.results.model_info import NAMED_FROM
from genre_app.results.reasons import named_styles
from genre_app.results.schema import ClassificationResult

#: The labels of this model are instruments and moods as well.
_TAGGER: Final = "tags"
#: Those of the models' tags that are moods; the others are instruments, voices and decades.
_MOODS: Final = frozenset(
    {
        *("happy", "sad", "tender", "exciting", "angry", "scary", "relaxed", "party", "experimental", "sensual"),
        *("beautiful", "chill", "chillout", "easy listening", "mellow", "sexy", "catchy", "upbeat", "weird", "quiet"),
    }
)


@dataclass(frozen=True, slots=True)
class Tags:
    """The tags that are wanted; empty or None where nothing is known.

    Attributes
    ----------
    genres, styles, moods : tuple of str
        Display names, the likeliest or earliest first.
    bpm : int or None
        Beats a minute.
    key : str or None
        In the notation of DJ software, such as ``"F#m"``.
    """

    genres: tuple[str, ...] = ()
    styles: tuple[str, ...] = ()
    moods: tuple[str, ...] = ()
    bpm: int | None = None
    key: str | None = None

    def values(self, fields: Iterable[Field] = FIELDS) -> dict[Field, tuple[str, ...]]:
        """Return the values of these fields as text, without fields of which nothing is known."""
        known: dict[Field, tuple[str, ...]] = {
            "genre": self.genres,
            "styles": self.styles,
            "moods": self.moods,
            "tempo": (str(self.bpm),) if self.bpm else (),
            "key": (self.key,) if self.key else (),
        }
        return {field: known[field] for field in FIELDS if field in set(fields) and known[field]}


def tags_for(result: ClassificationResult, fields: Sequence[Field] = FIELDS) -> Tags | None:
    """Return the tags for a result.

    Parameters
    ----------
    result : ClassificationResult
        The result.
    fields : sequence of str
        The fields that will be written.

    Returns
    -------
    Tags or None
        A sure genre is one genre; sure parts that differ are several; music outside the ten has its styles as genres.
        None where the track gets no tags: what is no music has none, and where the genre is wanted but not sure, the
        rest is not written either.
    """
    genres = genres_for(result)
    if result.verdict.kind == "not_music" or ("genre" in fields and not genres):
        return None
    facts = result.facts
    styles = (display_name(style.style) for style in named_styles(result))
    tags = Tags(
        genres=genres,
        styles=tuple(style for style in styles if style not in genres),
        moods=tuple(tag.tag for tag in result.tags if tag.score >= NAMED_FROM and tag.tag.casefold() in _MOODS),
        bpm=round(facts.tempo_bpm) if facts and facts.tempo_bpm else None,
        key=_short_key(facts.key) if facts and facts.key else None,
    )
    return tags if tags.values(fields) else None


def genres_for(result: ClassificationResult) -> tuple[str, ...]:
    """Return what is heard as a track's genres, as display names; none where the answer is not sure."""
    verdict = result.verdict
    if verdict.kind in {"confident", "mixed"}:
        names = verdict.genres or [result.predicted_genre]
    elif verdict.kind == "outside":
        names = verdict.styles
    else:
        names = []
    if result.metadata.model_name == _TAGGER:
        names = [name for name in names if name in GENRES]
    return said("genre", [display_name(name) for name in names])


def _short_key(key: str) -> str:
    tonic, _, mode = key.partition(" ")
    return f"{tonic}m" if mode == "minor" else tonic

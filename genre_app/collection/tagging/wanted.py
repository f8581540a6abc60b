"""From a result to the tags that are wanted for its track."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final, Self

from genre_app.collection.tagging.fields import FIELDS, Field, said
from genre_app.collection.tagging.vocabulary import NO_VOCABULARY, Vocabulary
from genre_app.genres import GENRES, canonical, display_name
from genre_app.results.label_kind import are_genres
from genre_app.results.reasons import further_styles
from genre_app.results.schema import ClassificationResult

#: Those of the models' tags that are moods; the others are instruments, voices and decades.
MOODS: Final = frozenset(
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
        As they are written, the likeliest or earliest first.
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

    @classmethod
    def of(cls, result: ClassificationResult, vocabulary: Vocabulary = NO_VOCABULARY) -> Self:
        """Take from a result everything that can be written; no genres where it is not sure, nothing of no music."""
        if result.verdict.kind == "not_music":
            return cls()
        facts = result.facts
        genres = said("genre", vocabulary.genres_for(_heard_genres(result)))
        known = set(map(canonical, genres))
        styles = vocabulary.styles_for((style.style, style.score) for style in further_styles(result))
        moods = ((tag.tag, tag.score) for tag in result.tags if tag.tag.casefold() in MOODS)
        return cls(
            genres=genres,
            styles=tuple(style for style in styles if canonical(style) not in known),
            moods=vocabulary.moods_for(moods),
            bpm=round(facts.tempo_bpm) if facts and facts.tempo_bpm else None,
            key=_short_key(facts.key) if facts and facts.key else None,
        )

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


def tags_for(
    result: ClassificationResult, fields: Sequence[Field] = FIELDS, *, vocabulary: Vocabulary = NO_VOCABULARY
) -> Tags | None:
    """Return the tags for a result.

    Parameters
    ----------
    result : ClassificationResult
        The result.
    fields : sequence of str
        The fields that will be written.
    vocabulary : Vocabulary
        What genres, styles and moods are called, and which are left out.

    Returns
    -------
    Tags or None
        A sure genre is one genre; sure parts that differ are several; music outside the ten has its styles as genres.
        None where the track gets no tags: what is no music has none, and where the genre is wanted but not sure, the
        rest is not written either. A sure genre that the vocabulary leaves out does not stop the rest.
    """
    if "genre" in fields and not genres_for(result):
        return None
    tags = Tags.of(result, vocabulary)
    return tags if tags.values(fields) else None


def why_untagged(result: ClassificationResult, fields: Sequence[Field] = FIELDS) -> str:
    """Say why `tags_for` has no tags for a result, as the end of a sentence."""
    if result.verdict.kind == "not_music":
        return "it is not music"
    if "genre" in fields and not genres_for(result):
        return "the answer is not sure" if result.verdict.kind == "uncertain" else "no genre is named"
    return "there is nothing to write in the chosen fields"


def genres_for(result: ClassificationResult) -> tuple[str, ...]:
    """Return what is heard as a track's genres, as display names; none where the answer is not sure."""
    return said("genre", [display_name(name) for name, _ in _heard_genres(result)])


def _heard_genres(result: ClassificationResult) -> list[tuple[str, float]]:
    """List the genres that a sure answer names, with their scores."""
    verdict = result.verdict
    scores = {prediction.genre: prediction.score for prediction in result.predictions}
    if verdict.kind == "mixed":  # each genre is sure in its parts, not in the whole track
        for part in verdict.parts:
            scores[part.name] = max(scores.get(part.name, 0.0), part.confidence)
    if verdict.kind in {"confident", "mixed"}:
        names = verdict.genres or [result.predicted_genre]
    elif verdict.kind == "outside":
        names = verdict.styles
        scores = {style.style: style.score for style in result.styles}
    else:
        names = []
    if not are_genres(result.palette):  # it names all labels, which are tags, moods or the like
        names = [name for name in names if name in GENRES]
    return [(name, scores.get(name, 0.0)) for name in names]


def _short_key(key: str) -> str:
    tonic, _, mode = key.partition(" ")
    return f"{tonic}m" if mode == "minor" else tonic

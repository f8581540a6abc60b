"""A model's answer to one recording, beside what is known of it."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any, Final

from genre_app.errors import GenreAppError
from genre_app.evaluate.manifest import Example
from genre_app.genres import canonical
from genre_app.inference.classifier import GenreClassifier
from genre_app.results.schema import SILENCE, ClassificationResult, SliceOptions

#: A style is named from this score on.
_STYLE_NAMED_FROM: Final = 0.5
#: Words inside the name of a sound that do not say what it is.
_SMALL_WORDS: Final = frozenset({"a", "an", "the", "and", "or", "of"})


@dataclass(frozen=True, slots=True)
class Answer:
    """The model's answer to one example; ``scores`` are in the order of the model's labels.

    A failed track has an error and no scores.

    Attributes
    ----------
    path : str
        The file.
    genre, sound, styles
        What is expected, as in `Example`.
    predicted, confidence
        The leading label and its score.
    verdict : str or None
        The kind of verdict.
    duration_s : float
        Length of the track in seconds.
    named_sounds : tuple of str
        What the verdict says is there in place of music.
    named_styles : tuple of str
        The styles with a score of at least 0.5, the likeliest first.
    likeliest_style : str or None
        The leading style, named or not; None if the model has no styles.
    """

    path: str
    genre: str | None
    predicted: str | None = None
    confidence: float | None = None
    verdict: str | None = None
    duration_s: float = 0.0
    scores: tuple[float, ...] = ()
    error: str | None = None
    sound: str | None = None
    styles: tuple[str, ...] = ()
    named_sounds: tuple[str, ...] = ()
    named_styles: tuple[str, ...] = ()
    likeliest_style: str | None = None

    @property
    def is_music(self) -> bool:
        """Whether the recording is music, by what is known of it."""
        return self.sound is None


def answer(classifier: GenreClassifier, example: Example) -> Answer:
    """Classify one example."""
    expected: dict[str, Any] = {"sound": example.sound, "styles": example.styles}
    labels = classifier.model.labels
    try:
        result = classifier.classify_file(example.path, SliceOptions(top_k=len(labels)))
    except GenreAppError as error:
        return Answer(str(example.path), example.genre, error=error.about(example.path.name), **expected)
    scores = {prediction.genre: prediction.score for prediction in result.predictions}
    return Answer(
        path=str(example.path),
        genre=example.genre,
        predicted=result.predicted_genre,
        confidence=result.predicted_confidence,
        verdict=result.verdict.kind,
        duration_s=result.metadata.duration_seconds,
        scores=tuple(scores[label] for label in labels),
        named_sounds=_named_sounds(result),
        named_styles=tuple(style.style for style in result.styles if style.score >= _STYLE_NAMED_FROM),
        likeliest_style=result.styles[0].style if result.styles else None,
        **expected,
    )


def _named_sounds(result: ClassificationResult) -> tuple[str, ...]:
    is_silent = all(chunk.is_silent for chunk in result.chunk_predictions)
    return (SILENCE,) if is_silent else tuple(result.verdict.sounds)


def is_among(name: str, expected: Sequence[str]) -> bool:
    """Return whether a name is one of those expected, in any spelling."""
    return canonical(name) in {canonical(one) for one in expected}


def means_sound(expected: str, names: Collection[str]) -> bool:
    """Return whether an expected word stands for one of a model's names of sounds.

    Parameters
    ----------
    expected : str
        A word such as ``"dog"`` or ``"crying baby"``, in any spelling.
    names : collection of str
        Such as ``"a dog"`` or ``"rain or waves"``: the whole name counts, with or without its article, and so does any
        of its words.
    """
    return any(canonical(expected) in _spellings(name) for name in names)


def _spellings(name: str) -> set[str]:
    words = name.split()
    content = [word for word in words if word not in _SMALL_WORDS]
    rest = words[1:] if words[0] in _SMALL_WORDS else words
    return {canonical(name), canonical(" ".join(rest)), *map(canonical, content)} - {""}

"""The record that a run over a collection keeps of each track."""

from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from genre_app.collection.tagging.comparison import Comparison, compare_genres
from genre_app.collection.tagging.outcome import TagOutcome
from genre_app.collection.tagging.vocabulary import NO_VOCABULARY, Vocabulary
from genre_app.collection.tagging.wanted import Tags
from genre_app.formatting import printable
from genre_app.results.label_kind import LabelKind
from genre_app.results.reasons import named_styles
from genre_app.results.schema import ClassificationResult, VerdictKind


class TrackRecord(BaseModel):
    """A track of a collection and its outcome: a line of the summary.

    Attributes
    ----------
    track : str
        Path in the collection, with slashes.
    status : {"confident", "uncertain", "mixed", "outside", "not_music", "failed"}
        The verdict's kind, or that the track failed.
    sentence : str
        The verdict in words, or the error.
    genre, confidence : str, float
        The leading label and its score, whether or not the verdict names it; None where the track is not music or
        failed.
    label_kind : {"genre", "tag", "label"}
        What the model's labels are.
    styles : tuple of str
        Styles beyond the labels that are named, the likeliest first.
    written_genres, written_styles, written_moods : tuple of str
        What tags say, in the words of the vocabulary, if there is one; no genres where the answer is not sure.
    file_genres : tuple of str
        The genres that the file carries.
    comparison : {"agrees", "differs", "missing", "unsure"} or None
        Whether the file's genre is the one that is heard; None where there is nothing to compare.
    outputs : tuple of str
        Files written for it, relative to the output folder, with slashes.
    is_tagged : bool
        Whether tags were written into the track, or into its copy; in a dry run, whether they would be.
    untagged : str
        Why not, as the end of a sentence; empty where no tags were asked for.
    is_kept : bool
        Whether an earlier run did the track; known when a journal is read, and never written to it.
    same_recording_as : tuple of str
        Other tracks that are the same recording; known once all are done, and never written to the journal.
    printed : str or None
        What standard output gets of it, kept until then; never written to the journal.
    """

    model_config = ConfigDict(frozen=True)

    track: str
    status: VerdictKind | Literal["failed"]
    sentence: str
    genre: str | None = None
    confidence: float | None = None
    label_kind: LabelKind = "genre"
    duration_seconds: float | None = None
    tempo_bpm: float | None = None
    key: str | None = None
    styles: tuple[str, ...] = ()
    written_genres: tuple[str, ...] = ()
    written_styles: tuple[str, ...] = ()
    written_moods: tuple[str, ...] = ()
    file_genres: tuple[str, ...] = ()
    comparison: Comparison | None = None
    warnings: tuple[str, ...] = ()
    outputs: tuple[str, ...] = ()
    is_tagged: bool = False
    untagged: str = ""
    is_kept: bool = Field(default=False, exclude=True)
    same_recording_as: tuple[str, ...] = Field(default=(), exclude=True)
    printed: str | None = Field(default=None, exclude=True, repr=False)

    @model_validator(mode="before")
    @classmethod
    def _without_genre_if_no_music(cls, values: Any) -> Any:
        """Drop the leading label of what is not music, from the journals of older releases too."""
        if isinstance(values, dict) and values.get("status") == "not_music":
            return {**values, "genre": None, "confidence": None}
        return values

    @classmethod
    def of(
        cls,
        track: str,
        result: ClassificationResult,
        outputs: tuple[str, ...] = (),
        *,
        file_genres: tuple[str, ...] | None = None,
        vocabulary: Vocabulary = NO_VOCABULARY,
    ) -> Self:
        """Summarise a result, and compare it with the genres that the file carries, where they are known."""
        facts = result.facts
        tags = Tags.of(result, vocabulary)
        return cls(
            track=track,
            status=result.verdict.kind,
            sentence=result.verdict.sentence,
            genre=result.predicted_genre,
            confidence=result.predicted_confidence,
            label_kind=result.metadata.label_kind,
            duration_seconds=result.metadata.duration_seconds,
            tempo_bpm=facts.tempo_bpm if facts else None,
            key=facts.key if facts else None,
            styles=tuple(style.style for style in named_styles(result)),
            written_genres=tags.genres,
            written_styles=tags.styles,
            written_moods=tags.moods,
            file_genres=tuple(map(printable, file_genres or ())),
            comparison=None if file_genres is None else compare_genres(file_genres, result, vocabulary),
            warnings=tuple(result.metadata.warnings),
            outputs=outputs,
        )

    @classmethod
    def failure(cls, track: str, reason: str) -> Self:
        """Record a failure and its reason."""
        return cls(track=track, status="failed", sentence=reason)

    @property
    def named(self) -> str | None:
        """The label that the track counts for: a sure one, or the likeliest tag, as there is no doubt between tags."""
        is_named = self.status == "confident" or (self.status == "uncertain" and self.label_kind == "tag")
        return self.genre if is_named else None

    @property
    def report(self) -> str | None:
        """The report to open first, relative to the output folder: the page before the data; None if there is none."""
        reports = [output for output in self.outputs if output.startswith(f"{self.track}.")]
        page = f"{self.track}.html"
        return page if page in reports else next(iter(reports), None)

    def with_printed(self, text: str) -> Self:
        """Return a copy that holds what is to be printed."""
        return self.model_copy(update={"printed": text})

    def with_tags(self, outcome: TagOutcome) -> Self:
        """Return a copy that says what became of the track's tags."""
        return self.model_copy(update={"is_tagged": outcome.plan is not None, "untagged": outcome.reason})

    def with_warnings(self, *sentences: str) -> Self:
        """Return a copy with more warnings."""
        return self.model_copy(update={"warnings": (*self.warnings, *sentences)})

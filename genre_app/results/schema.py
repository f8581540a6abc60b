"""The options of a request and the result (schema 0.1.0 with additions)."""

from typing import Final, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from genre_app.errors import InvalidOptionError
from genre_app.genres import NEUTRAL_COLOUR, colour_of
from genre_app.results.label_kind import LabelKind

SCHEMA_VERSION: Final = "0.1.0"
#: Where a window or a stretch holds no sound, its genre is called so.
SILENCE: Final = "silence"
#: What is not music, where the model does not say what it is instead.
NOT_MUSIC: Final = "not music"

VerdictKind = Literal["confident", "uncertain", "mixed", "outside", "not_music"]


class SliceOptions(BaseModel):
    """How a track's logits are cut into windows and summed up.

    Attributes
    ----------
    window_seconds : float
        Length of a window in seconds, 1 to 600.
    overlap : float
        Share of a window that the next one repeats, 0 to 0.9.
    top_k : int
        How many labels each list of scores holds, at least 1.
    smoothing_seconds : float
        Standard deviation of the Gaussian that smooths the logits over time before they are cut; 0 is off, at most 60.
    max_chunks : int or None
        Keep at most this many windows, spread evenly over the track; None keeps all.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    window_seconds: float = Field(default=30.0, ge=1.0, le=600.0, allow_inf_nan=False)
    overlap: float = Field(default=0.25, ge=0.0, le=0.9, allow_inf_nan=False)
    top_k: int = Field(default=5, ge=1)
    smoothing_seconds: float = Field(default=0.0, ge=0.0, le=60.0, allow_inf_nan=False)
    max_chunks: int | None = Field(default=None, ge=1)

    @classmethod
    def checked(cls, **options: object) -> Self:
        """Validate options that came from a person.

        Raises
        ------
        InvalidOptionError
            An option is out of its range; the message names the first one and what is wrong with it.
        """
        try:
            return cls.model_validate(options)
        except ValidationError as error:
            first = error.errors()[0]
            name = ".".join(str(part) for part in first["loc"]).replace("_", " ")
            raise InvalidOptionError(
                f"The {name} cannot be {first['input']!r}: {first['msg'][:1].lower()}{first['msg'][1:]}."
            ) from error


class GenreScore(BaseModel):
    """The probability of one label."""

    genre: str
    score: float = Field(ge=0.0, le=1.0)


class GenrePrediction(GenreScore):
    """The probability of one label for the whole track, and the same as a logit.

    Where the labels exclude each other, the softmax of all logits gives the scores; else the sigmoid of each does.
    """

    logit: float


class StyleScore(BaseModel):
    """A style beyond the ten genres, such as ambient, and its probability; styles do not exclude each other."""

    model_config = ConfigDict(frozen=True)

    style: str
    score: float = Field(ge=0.0, le=1.0)


class ChunkPrediction(BaseModel):
    """The scores of one window; times are in seconds from the start of the track.

    A window without sound has the genre ``"silence"``, a confidence of 0, and scores of 0.

    Attributes
    ----------
    is_silent : bool
        Whether the window holds no sound.
    sound : str or None
        What most of the window is instead of music, such as ``"speech"``; its genre is only the closest then.
    styles : list of StyleScore
        The styles that are named for this window, the likeliest first; at most three.
    """

    chunk_index: int
    start: float
    end: float
    duration: float
    top_genre: str
    confidence: float
    scores: list[GenreScore]
    is_silent: bool = False
    sound: str | None = None
    styles: list[StyleScore] = Field(default_factory=list)


class ResultMetadata(BaseModel):
    """How a result came about.

    Attributes
    ----------
    label_kind : {"genre", "tag", "label"}
        What the model's labels are, which are called genres all the same: genres, tags that stand alone, or others that
        exclude each other, such as moods.
    num_chunks : int
        Windows in this result.
    num_chunks_total : int
        Windows that these settings lay over the whole track.
    is_sample : bool
        True where ``max_chunks`` left windows out; the track's own scores still rest on the whole track, unless the
        model scores whole windows: then on these.
    timings : dict of str to float
        Seconds spent, by stage.
    warnings : list of str
        Sentences for the user: damage that decoding worked around, what was not heard, an excerpt that is too short.
    """

    model_config = ConfigDict(protected_namespaces=())

    analyzer: Literal["genre_classifier"] = "genre_classifier"
    model_name: str
    label_kind: LabelKind = "genre"
    window_seconds: float
    overlap: float
    num_chunks: int
    num_chunks_total: int
    is_sample: bool
    top_k: int
    smoothing_seconds: float
    max_chunks: int | None
    track_name: str
    duration_seconds: float
    source_sample_rate_hz: int
    weights_revision: str
    device: str
    precision: str
    fallback_reason: str | None
    cache_hit: bool
    timings: dict[str, float]
    warnings: list[str]
    app_version: str


class Colour(BaseModel):
    """The colour of a label; ``hsv`` is hue in degrees (0 to 360), saturation and value (0 to 1)."""

    hex: str
    hsv: tuple[float, float, float]


class TimelineEntry(BaseModel):
    """The leading label of one stretch of the track, ``"silence"``, or what is there instead of music.

    Stretches do not overlap, and leave gaps only in a sample.
    """

    start: float
    end: float
    genre: str
    colour: str
    confidence: float


class Part(BaseModel):
    """A part of a track that is one thing throughout; times in seconds from the start of the track.

    Attributes
    ----------
    kind : {"genre", "sound"}
        Whether ``name`` is one of the model's labels, or something that is not music, such as ``"speech"``.
    confidence : float
        Mean score of the label, or mean probability that it is not music.
    """

    model_config = ConfigDict(frozen=True)

    kind: Literal["genre", "sound"]
    name: str
    start: float
    end: float
    confidence: float = Field(ge=0.0, le=1.0)

    @property
    def colour(self) -> str:
        """Its hex colour; neutral for a sound."""
        return colour_of(self.name) if self.kind == "genre" else NEUTRAL_COLOUR


class Span(BaseModel):
    """A stretch of the track, in seconds from its start."""

    model_config = ConfigDict(frozen=True)

    start: float
    end: float


class Strongest(Span):
    """The ten seconds in which a genre that the verdict names is strongest.

    Attributes
    ----------
    heard : list of str
        Moods and instruments of these seconds, at most three, and whether the music is fast or slow.
    """

    genre: str
    heard: list[str] = Field(default_factory=list)


class Verdict(BaseModel):
    """How much the answer is worth.

    Attributes
    ----------
    kind : {"confident", "uncertain", "mixed", "outside", "not_music"}
        One genre; not sure between some; several things in turn, each of them sure; music that is none of the labels;
        not music, or no sound at all.
    sentence : str
        The same for a person, such as "Not sure: rock or metal".
    genres : list of str
        The labels that the sentence names, in its order: the likeliest first, in a mixed track of few parts the
        earliest first; empty where it is not music.
    parts : list of Part
        The parts of a mixed track, in the order of time; in other music, those parts that are not music.
    styles : list of str
        The styles that the sentence names, where the music is outside the labels.
    sounds : list of str
        Sounds instead, where it is not music.
    music_probability : float or None
        Probability that the track is music; None if the model does not detect music.
    """

    kind: VerdictKind
    sentence: str
    genres: list[str]
    music_probability: float | None
    parts: list[Part] = Field(default_factory=list)
    styles: list[str] = Field(default_factory=list)
    sounds: list[str] = Field(default_factory=list)

    @property
    def is_music(self) -> bool:
        """Whether a genre may be shown at all."""
        return self.kind != "not_music"

    @property
    def colours(self) -> list[str]:
        """The hex colours of what the verdict says that the track is; none where it is none of the labels."""
        if self.kind == "mixed":
            return list({part.name: part.colour for part in self.parts}.values())
        return [] if self.kind == "outside" else [colour_of(label) for label in self.genres]


class ChordShare(BaseModel):
    """A chord, written as musicians do (``"C"``, ``"Am"``), and the share of the time for which it sounds."""

    model_config = ConfigDict(frozen=True)

    chord: str
    share: float = Field(ge=0.0, le=1.0)


class TrackFacts(BaseModel):
    """Tempo, key and chords of a track, whichever model names its genre.

    Attributes
    ----------
    tempo_bpm : float or None
        Beats a minute; None where nothing pulses. Half or double of it may be what others count.
    key : str or None
        Such as ``"A minor"``; None where nothing is tonal.
    key_confidence : float or None
        How clearly this key fits better than the other 23, 0 to 1: a comparison, not a probability of being right.
    chords : tuple of ChordShare
        The most frequent major and minor triads, at most four, most frequent first; empty where nothing is tonal.
    analysed_seconds : float
        How much of the track was analysed: at most its middle two minutes.
    """

    model_config = ConfigDict(frozen=True)

    tempo_bpm: float | None = None
    key: str | None = None
    key_confidence: float | None = Field(default=None, ge=0.0, le=1.0)
    chords: tuple[ChordShare, ...] = ()
    analysed_seconds: float = Field(default=0.0, ge=0.0)


class TagScore(BaseModel):
    """Something beside the genre, such as an instrument or a mood, and its probability.

    Tags do not exclude each other: their scores do not sum to 1.
    """

    model_config = ConfigDict(frozen=True)

    tag: str
    score: float = Field(ge=0.0, le=1.0)


class ClassificationResult(BaseModel):
    """The genre of a track: for the whole of it and window by window.

    Attributes
    ----------
    tags : list of TagScore
        The ten likeliest things beside the genre, from this model or from another one that was asked.
    facts : TrackFacts or None
        Tempo, key and chords, where they were asked for.
    styles : list of StyleScore
        The likeliest styles beyond the labels, if the model knows styles; one is named from a score of 0.5 on.
    silences : list of Span
        Stretches without sound.
    clearest : Span or None
        Where the predicted genre is clearest.
    strongest : list of Strongest
        The same for each genre that the verdict names, with what is heard there; empty where it is not music.
    explanation : list of str
        Sentences that say what spoke for the genre, if the model can explain itself and was asked.
    reasons : list of str
        Up to three sentences that say what speaks for the answer, from what else is here: where the genre is clearest,
        styles, tags; empty where it is not music.
    correction : str or None
        What a visitor of the page says that it is instead: a genre, ``"other music"`` or ``"not music"``; None where
        nobody has corrected the answer.
    """

    schema_version: Literal["0.1.0"] = SCHEMA_VERSION
    predicted_genre: str
    predicted_confidence: float = Field(ge=0.0, le=1.0)
    predictions: list[GenrePrediction]
    chunk_predictions: list[ChunkPrediction]
    metadata: ResultMetadata
    verdict: Verdict
    palette: dict[str, Colour]
    timeline: list[TimelineEntry]
    facts: TrackFacts | None = None
    explanation: list[str] = Field(default_factory=list)
    tags: list[TagScore] = Field(default_factory=list)
    styles: list[StyleScore] = Field(default_factory=list)
    silences: list[Span] = Field(default_factory=list)
    clearest: Span | None = None
    strongest: list[Strongest] = Field(default_factory=list)
    reasons: list[str] = Field(default_factory=list)
    correction: str | None = None

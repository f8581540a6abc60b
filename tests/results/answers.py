"""Hand-made analyses with every kind of verdict, as a model gives them that knows styles, tags and other sounds."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from genre_app.genres import GENRES
from genre_app.results.build import TrackAnalysis, build_result
from genre_app.results.model_info import Activation, DecisionRule, ModelInfo, Style
from genre_app.results.schema import ClassificationResult, SliceOptions
from genre_app.results.track_logits import TrackLogits

_RULE: Final = DecisionRule(
    confident_from=0.6,
    music_from=0.0,
    music_sure_from=0.5,
    named_from=0.5,
    part_from=0.7,
    outside_below=0.9,
)
_STYLES: Final = (
    Style("ambient & new age", is_outside=True),
    Style("electronic", is_outside=True, near=("disco", "pop", "hiphop")),
    Style("disco", near=("disco",)),
    Style("funk", near=("disco",)),
    Style("house", near=("disco",)),
)
_TAGS: Final = ("upbeat", "strings", "party", "relaxed")
_SOUNDS: Final = ("speech", "birds")
MODEL: Final = ModelInfo(
    "fake", "r1", GENRES, "cpu", rule=_RULE, tags=_TAGS, styles=_STYLES, sounds=_SOUNDS
)  # fmt: skip
_PATCH_S: Final = 3.0


@dataclass(frozen=True, slots=True)
class Section:
    """Patches of three seconds that are the same; styles and tags are named, a sound makes it no music."""

    n_patches: int
    genre: str = "disco"
    strength: float = 6.0
    styles: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    sound: str | None = None
    is_silent: bool = False


def analysis_of(*sections: Section, name: str = "song.mp3") -> TrackAnalysis:
    """Put a track together from sections."""

    def column(value_of: Callable[[Section], list[float]]) -> NDArray[np.float32]:
        rows = [np.tile(np.array(value_of(section), np.float32), (section.n_patches, 1)) for section in sections]
        return np.concatenate(rows)

    def high(names: tuple[str, ...], named: tuple[str, ...]) -> list[float]:
        return [1.5 - 0.4 * named.index(name) if name in named else -3.0 for name in names]

    logits = column(lambda s: [s.strength * (genre == s.genre) for genre in GENRES])
    starts_s = np.arange(len(logits), dtype=np.float64) * _PATCH_S
    track = TrackLogits(
        logits=logits,
        starts_s=starts_s,
        patch_seconds=_PATCH_S,
        duration_s=len(logits) * _PATCH_S,
        labels=GENRES,
        model_name=MODEL.name,
        weights_revision=MODEL.revision,
        source_sample_rate_hz=44_100,
        music_logits=column(lambda s: [-4.0 if s.sound else 4.0])[:, 0],
        tags=_TAGS,
        tag_logits=column(lambda s: high(_TAGS, s.tags)),
        styles=tuple(style.name for style in _STYLES),
        style_logits=column(lambda s: high(tuple(style.name for style in _STYLES), s.styles)),
        sounds=_SOUNDS,
        sound_logits=column(lambda s: high(_SOUNDS, (s.sound,) if s.sound else ())),
        levels_dbfs=column(lambda s: [-200.0 if s.is_silent else -18.0])[:, 0],
    )
    return TrackAnalysis(track, name, MODEL, "key", cache_hit=False)


def answer_of_labels(scores: dict[str, float], *, activation: Activation) -> TrackAnalysis:
    """Put together a minute that a model with labels of its own, such as tags, scores the same throughout."""
    values = np.array(list(scores.values()))
    logits = np.log(values) if activation == "softmax" else np.log(values / (1 - values))
    labels, n_patches = tuple(scores), 20
    track = TrackLogits(
        logits=np.tile(logits.astype(np.float32), (n_patches, 1)),
        starts_s=np.arange(n_patches, dtype=np.float64) * _PATCH_S,
        patch_seconds=_PATCH_S,
        duration_s=n_patches * _PATCH_S,
        labels=labels,
        model_name="fake",
        weights_revision="r1",
        source_sample_rate_hz=44_100,
        activation=activation,
    )
    model = ModelInfo("fake", "r1", labels, "cpu", activation=activation)
    return TrackAnalysis(track, "song.mp3", model, "key", cache_hit=False)


def result_of(*sections: Section, options: SliceOptions | None = None) -> ClassificationResult:
    return build_result(analysis_of(*sections), options or SliceOptions(window_seconds=10))


#: Of each kind of verdict one: a track of one minute or more.
CONFIDENT: Final = (Section(20, styles=("disco", "funk"), tags=("upbeat", "strings")),)
UNCERTAIN: Final = (Section(20, strength=1.0, styles=("funk",)),)
MIXED: Final = (Section(10, "hiphop", styles=("funk",)), Section(10, "reggae"), Section(10, "classical"))
OUTSIDE: Final = (Section(20, "classical", 2.0, styles=("ambient & new age", "electronic"), tags=("relaxed",)),)
NOT_MUSIC: Final = (Section(20, "blues", sound="speech", styles=("funk",), tags=("strings",)),)
NO_SOUND: Final = (Section(20, is_silent=True),)
#: A minute of disco, and a minute of silence.
THEN_SILENCE: Final = (*CONFIDENT, Section(20, is_silent=True))
#: Half a minute of speech between two pieces of music.
SPEECH_BETWEEN: Final = (Section(10, "hiphop"), Section(10, "blues", sound="speech"), Section(10, "classical"))
#: What a model says whose labels are tags, and one whose labels are moods that exclude each other.
TAGS: Final = {"rock": 0.7, "guitar": 0.6, "fast": 0.4, "loud": 0.1, "flute": 0.01}
MOODS: Final = {"happy": 0.45, "sad": 0.4, "angry": 0.15}

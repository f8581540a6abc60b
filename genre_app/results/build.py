"""From track logits to the result that is shown and saved."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from pydantic import TypeAdapter

from genre_app.genres import NEUTRAL_COLOUR, colour_of, hsv_of
from genre_app.results.evidence import evidence_of
from genre_app.results.leaders import SCORE_DECIMALS, TIME_DECIMALS, rounded_times, timeline_of
from genre_app.results.model_info import NAMED_FROM, ModelInfo
from genre_app.results.moments import sigmoid
from genre_app.results.parts import sounds_of
from genre_app.results.reasons import reasons_for
from genre_app.results.schema import (
    SILENCE,
    ChunkPrediction,
    ClassificationResult,
    Colour,
    GenrePrediction,
    Part,
    ResultMetadata,
    SliceOptions,
    StyleScore,
    TagScore,
    TrackFacts,
)
from genre_app.results.stretches import clearest_part, seconds_of_sound, silences_of
from genre_app.results.strongest import strongest_of
from genre_app.results.track_logits import TrackLogits
from genre_app.results.verdict import judge
from genre_app.results.windows import WindowScores, slice_track
from genre_app.version import __version__

#: More tags than this are no summary.
_MOST_TAGS = 10
_MOST_STYLES = 5
#: Styles of a window: those that are named, and no more than these.
_MOST_WINDOW_STYLES = 3
#: The models learned from clips of 30 seconds; of less sound than this they know little.
_LEAST_SOUND_S = 10.0
_CHUNKS = TypeAdapter(list[ChunkPrediction])


@dataclass(frozen=True, slots=True)
class TrackAnalysis:
    """Track logits and where they came from: all that a result needs.

    Attributes
    ----------
    track : TrackLogits
        The logits.
    name : str
        The file's name, without its folder.
    model : ModelInfo
        The model that answered.
    key : str
        The track's key in the cache.
    cache_hit : bool
        Whether the logits came from the cache.
    fallback_reason : str or None
        Why another model than the first choice answered.
    timings : dict of str to float
        Seconds spent, by stage.
    facts : TrackFacts or None
        Tempo, key and chords, once they were found.
    explanation : tuple of str
        What spoke for the genre, if the model can explain itself and was asked.
    tags : tuple of TagScore
        Tags from another model, once it was asked; the model's own take precedence.
    excerpt : ndarray of float32 or None
        The part of the track that facts are found in, if it was kept when the track was decoded.
    """

    track: TrackLogits
    name: str
    model: ModelInfo
    key: str
    cache_hit: bool
    fallback_reason: str | None = None
    timings: dict[str, float] = field(default_factory=dict)
    facts: TrackFacts | None = None
    explanation: tuple[str, ...] = ()
    tags: tuple[TagScore, ...] = ()
    excerpt: NDArray[np.float32] | None = field(default=None, repr=False)

    @property
    def audio_sha256(self) -> str:
        """SHA-256 of the file, by which `GenreClassifier.recall` finds the scores again."""
        return self.key.partition(":")[0]


def build_result(scored: TrackAnalysis, options: SliceOptions) -> ClassificationResult:
    """Slice a track and sum it up.

    Parameters
    ----------
    scored : TrackAnalysis
        The track.
    options : SliceOptions
        Windows and top-k.

    Returns
    -------
    ClassificationResult
        Lists of scores are in descending order and hold the top-k.
    """
    windows = windows_of(scored, options)
    rule = scored.model.rule
    verdict = judge(evidence_of(scored.track, windows, scored.model), rule)
    facts = scored.facts if verdict.is_music else None  # a crying baby has no tempo
    sounds = sounds_of(verdict, scored.track.duration_s)
    ranking = _ranking(windows.track_scores, options.top_k)
    result = ClassificationResult(
        predicted_genre=windows.labels[ranking[0]],
        predicted_confidence=_score(windows.track_scores[ranking[0]]),
        predictions=_predictions(windows, ranking),
        chunk_predictions=_chunks(windows, options.top_k, sounds),
        metadata=_metadata(scored, options, windows),
        verdict=verdict,
        palette=_palette(windows, sounds),
        timeline=timeline_of(windows, sounds),
        facts=facts,
        explanation=list(scored.explanation),
        tags=leading_tags(scored.track.tags, windows.tag_scores, from_score=rule.named_from) or list(scored.tags),
        styles=_styles(windows.styles, sigmoid(windows.style_log_odds)),
        silences=silences_of(scored.track),
        clearest=clearest_part(scored.track, ranking[0]),
        strongest=strongest_of(scored.track, verdict.genres, named_from=rule.named_from, facts=facts),
    )
    result.reasons = reasons_for(result)
    return result


def with_all_predictions(result: ClassificationResult, windows: WindowScores) -> ClassificationResult:
    """Return a copy whose `predictions` hold every label; the windows keep the top-k."""
    every = _ranking(windows.track_scores, len(windows.labels))
    return result.model_copy(update={"predictions": _predictions(windows, every)})


def _predictions(windows: WindowScores, ranking: Sequence[int]) -> list[GenrePrediction]:
    return [
        GenrePrediction(
            genre=windows.labels[i],
            score=_score(windows.track_scores[i]),
            logit=round(float(windows.track_logits[i]), SCORE_DECIMALS),
        )
        for i in ranking
    ]


def windows_of(scored: TrackAnalysis, options: SliceOptions) -> WindowScores:
    """Slice a track as its model's rule says: the scores behind `build_result`."""
    return slice_track(scored.track, options, scored.model.rule)


def leading_tags(tags: tuple[str, ...], scores: NDArray[np.float64], *, from_score: float = 0.0) -> list[TagScore]:
    """List the likeliest tags with their scores, in descending order."""
    return [
        TagScore(tag=tags[i], score=_score(scores[i])) for i in _ranking(scores, _MOST_TAGS) if scores[i] >= from_score
    ]


def _styles(styles: tuple[str, ...], scores: NDArray[np.float64]) -> list[StyleScore]:
    return [StyleScore(style=styles[i], score=_score(scores[i])) for i in _ranking(scores, _MOST_STYLES)]


def _palette(windows: WindowScores, sounds: Sequence[Part]) -> dict[str, Colour]:
    others = [*([SILENCE] if windows.is_silent.any() else []), *(sound.name for sound in sounds)]
    colours = {label: colour_of(label) for label in windows.labels} | dict.fromkeys(others, NEUTRAL_COLOUR)
    return {name: Colour(hex=colour, hsv=hsv_of(colour)) for name, colour in colours.items()}


def _chunks(windows: WindowScores, top_k: int, sounds: Sequence[Part]) -> list[ChunkPrediction]:
    """List the windows: there may be thousands, so numpy sorts and rounds, and pydantic builds them in one call."""
    plan = windows.plan
    window_scores = np.where(windows.is_silent[:, None], 0.0, windows.window_scores)
    order = np.argsort(-window_scores, axis=1, kind="stable")[:, :top_k]
    ranked = np.take_along_axis(window_scores, order, axis=1).round(SCORE_DECIMALS)
    rows = zip(
        rounded_times(plan.starts_s),
        rounded_times(plan.ends_s),
        rounded_times(plan.ends_s - plan.starts_s),
        order.tolist(),
        ranked.tolist(),
        windows.is_silent.tolist(),
        _window_styles(windows),
        strict=True,
    )
    return _CHUNKS.validate_python(
        [
            {
                "chunk_index": index,
                "start": start,
                "end": end,
                "duration": duration,
                "top_genre": SILENCE if is_silent else windows.labels[columns[0]],
                "confidence": scores[0],
                "scores": [
                    {"genre": windows.labels[i], "score": score} for i, score in zip(columns, scores, strict=True)
                ],
                "is_silent": is_silent,
                "sound": None if is_silent else _sound_at((start + end) / 2, sounds),
                "styles": styles,
            }
            for index, (start, end, duration, columns, scores, is_silent, styles) in enumerate(rows)
        ]
    )


def _sound_at(time_s: float, sounds: Sequence[Part]) -> str | None:
    """Return what is there instead of music."""
    return next((sound.name for sound in sounds if sound.start <= time_s < sound.end), None)


def _window_styles(windows: WindowScores) -> list[list[dict[str, object]]]:
    """List the styles that are named for each window, the likeliest first."""
    n_windows = len(windows.plan.starts_s)
    if not windows.styles:
        return [[] for _ in range(n_windows)]
    scores = np.where(windows.is_silent[:, None], 0.0, windows.window_style_scores)
    order = np.argsort(-scores, axis=1, kind="stable")[:, :_MOST_WINDOW_STYLES]
    ranked = np.take_along_axis(scores, order, axis=1).round(SCORE_DECIMALS)
    return [
        [
            {"style": windows.styles[i], "score": score}
            for i, score in zip(columns, row, strict=True)
            if score >= NAMED_FROM
        ]
        for columns, row in zip(order.tolist(), ranked.tolist(), strict=True)
    ]


def _metadata(scored: TrackAnalysis, options: SliceOptions, windows: WindowScores) -> ResultMetadata:
    n_chunks = len(windows.plan.starts_s)
    return ResultMetadata(
        model_name=scored.model.name,
        window_seconds=options.window_seconds,
        overlap=options.overlap,
        num_chunks=n_chunks,
        label_kind=windows.label_kind,
        num_chunks_total=windows.plan.n_total,
        is_sample=n_chunks < windows.plan.n_total,
        top_k=options.top_k,
        smoothing_seconds=options.smoothing_seconds,
        max_chunks=options.max_chunks,
        track_name=scored.name,
        duration_seconds=round(scored.track.duration_s, TIME_DECIMALS),
        source_sample_rate_hz=scored.track.source_sample_rate_hz,
        weights_revision=scored.model.revision,
        device=scored.model.device,
        precision=scored.model.precision,
        fallback_reason=scored.fallback_reason,
        cache_hit=scored.cache_hit,
        timings={stage: round(seconds, 4) for stage, seconds in scored.timings.items()},
        warnings=[*scored.track.warnings, *_remark_on_length(scored.track)],
        app_version=__version__,
    )


def _remark_on_length(track: TrackLogits) -> list[str]:
    """Say so where there is too little sound for more than a guess."""
    sound_s = seconds_of_sound(track)
    if not 0.0 < sound_s < _LEAST_SOUND_S:
        return []
    return [f"This is a short excerpt, with {max(1, round(sound_s))} s of sound: take the answer as a guess."]


def _ranking(scores: NDArray[np.float64], top_k: int) -> list[int]:
    """Order the columns by falling score; equal scores keep the labels' order."""
    return [int(i) for i in np.argsort(-scores, kind="stable")[:top_k]]


def _score(value: float) -> float:
    return round(float(value), SCORE_DECIMALS)

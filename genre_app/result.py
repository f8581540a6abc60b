"""From a scored track to the result that is shown and saved."""

import math
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from genre_app.backends.base import BackendInfo
from genre_app.palette import colour_of, hsv_of
from genre_app.schema import (
    ChunkPrediction,
    ClassificationResult,
    Colour,
    GenrePrediction,
    GenreScore,
    ResultMetadata,
    SliceOptions,
    TimelineEntry,
    TrackFacts,
)
from genre_app.score_track import ScoreTrack
from genre_app.verdict import judge
from genre_app.version import __version__
from genre_app.windows import WindowScores, slice_track

_TIME_DECIMALS = 3
_SCORE_DECIMALS = 6


@dataclass(frozen=True, slots=True)
class ScoredTrack:
    """A score track and how it came about: all that a result needs.

    Attributes
    ----------
    track : ScoreTrack
        The logits.
    name : str
        The file's name, without its folder.
    model : BackendInfo
        The model that answered.
    key : str
        The track's key in the cache.
    cache_hit : bool
        Whether the score track was there already.
    fallback_reason : str or None
        Why another model than the first choice answered.
    timings : dict of str to float
        Seconds spent, by stage.
    facts : TrackFacts or None
        Tempo, key and chords, once they were found.
    explanation : tuple of str
        What spoke for the genre, where the model can tell and was asked.
    """

    track: ScoreTrack
    name: str
    model: BackendInfo
    key: str
    cache_hit: bool
    fallback_reason: str | None = None
    timings: dict[str, float] = field(default_factory=dict)
    facts: TrackFacts | None = None
    explanation: tuple[str, ...] = ()


def build_result(scored: ScoredTrack, options: SliceOptions) -> ClassificationResult:
    """Slice a scored track and sum it up.

    Parameters
    ----------
    scored : ScoredTrack
        The track.
    options : SliceOptions
        Windows and top-k.

    Returns
    -------
    ClassificationResult
        Lists of scores are in descending order and hold the top-k.
    """
    windows = slice_track(scored.track, options)
    ranking = _ranking(windows.track_scores, options.top_k)
    return ClassificationResult(
        predicted_genre=windows.labels[ranking[0]],
        predicted_confidence=_score(windows.track_scores[ranking[0]]),
        predictions=[
            GenrePrediction(
                genre=windows.labels[i],
                score=_score(windows.track_scores[i]),
                logit=round(float(windows.track_logits[i]), _SCORE_DECIMALS),
            )
            for i in ranking
        ],
        chunk_predictions=_chunks(windows, options.top_k),
        metadata=_metadata(scored, options, windows),
        verdict=judge(windows.track_scores, windows.labels, scored.model.rule, _music_log_odds(scored.track)),
        palette={label: Colour(hex=colour_of(label), hsv=hsv_of(colour_of(label))) for label in windows.labels},
        timeline=_timeline(windows),
        facts=scored.facts,
        explanation=list(scored.explanation),
    )


def _music_log_odds(track: ScoreTrack) -> float | None:
    return None if track.music_logits is None else float(track.music_logits.mean())


def _timeline(windows: WindowScores) -> list[TimelineEntry]:
    """Let each window lead from its start to the next one's, or to its own end where that comes before."""
    starts_s = windows.plan.starts_s.tolist()
    ends_s = np.minimum(windows.plan.ends_s, [*starts_s[1:], math.inf]).tolist()
    leaders = windows.window_scores.argmax(axis=1)
    return [
        TimelineEntry.model_construct(
            start=round(start_s, _TIME_DECIMALS),
            end=round(end_s, _TIME_DECIMALS),
            genre=windows.labels[leader],
            colour=colour_of(windows.labels[leader]),
            confidence=_score(scores[leader]),
        )
        for start_s, end_s, leader, scores in zip(starts_s, ends_s, leaders, windows.window_scores, strict=True)
    ]


def _chunks(windows: WindowScores, top_k: int) -> list[ChunkPrediction]:
    """List the windows; there may be thousands, so pydantic is not asked to check what was just computed."""
    bounds = zip(windows.plan.starts_s.tolist(), windows.plan.ends_s.tolist(), strict=True)
    chunks = []
    for index, ((start_s, end_s), scores) in enumerate(zip(bounds, windows.window_scores, strict=True)):
        ranked = [
            GenreScore.model_construct(genre=windows.labels[i], score=_score(scores[i]))
            for i in _ranking(scores, top_k)
        ]
        chunks.append(
            ChunkPrediction.model_construct(
                chunk_index=index,
                start=round(start_s, _TIME_DECIMALS),
                end=round(end_s, _TIME_DECIMALS),
                duration=round(end_s - start_s, _TIME_DECIMALS),
                top_genre=ranked[0].genre,
                confidence=ranked[0].score,
                scores=ranked,
            )
        )
    return chunks


def _metadata(scored: ScoredTrack, options: SliceOptions, windows: WindowScores) -> ResultMetadata:
    n_chunks = len(windows.plan.starts_s)
    return ResultMetadata(
        model_name=scored.model.name,
        window_seconds=options.window_seconds,
        overlap=options.overlap,
        num_chunks=n_chunks,
        num_chunks_total=windows.plan.n_total,
        is_sample=n_chunks < windows.plan.n_total,
        top_k=options.top_k,
        smoothing_seconds=options.smoothing_seconds,
        max_chunks=options.max_chunks,
        track_name=scored.name,
        duration_seconds=round(scored.track.duration_s, _TIME_DECIMALS),
        source_sample_rate_hz=scored.track.source_sample_rate_hz,
        weights_revision=scored.model.revision,
        device=scored.model.device,
        precision=scored.model.precision,
        fallback_reason=scored.fallback_reason,
        cache_hit=scored.cache_hit,
        timings={stage: round(seconds, 4) for stage, seconds in scored.timings.items()},
        warnings=list(scored.track.warnings),
        app_version=__version__,
    )


def _ranking(scores: NDArray[np.float64], top_k: int) -> list[int]:
    """Order the columns by falling score; equal scores keep the labels' order."""
    return [int(i) for i in np.argsort(-scores, kind="stable")[:top_k]]


def _score(value: float) -> float:
    return round(float(value), _SCORE_DECIMALS)

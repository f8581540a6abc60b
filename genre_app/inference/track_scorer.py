"""A loaded model with its engine, and the strategy that suits it: a file in, its analysis out."""

import time
from contextlib import suppress
from dataclasses import replace
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from genre_app.audio.decoder import Decoder
from genre_app.inference.cache import ScoreCache
from genre_app.inference.contracts import Engine, ScoreJob, ScoringStrategy
from genre_app.inference.patch_strategy import PatchStrategy
from genre_app.inference.running_model import RunningModel
from genre_app.inference.single_flight import SingleFlight
from genre_app.inference.waiting_line import PostponedError, WaitingLine
from genre_app.inference.window_strategy import WindowStrategy
from genre_app.models.base import PatchGrid
from genre_app.results.build import TrackAnalysis
from genre_app.results.model_info import ModelInfo
from genre_app.results.schema import SliceOptions
from genre_app.results.track_logits import TrackLogits


class Scorer(Protocol):
    """Scores files; `TrackScorer`, or one with a second model behind it."""

    def score_file(self, job: ScoreJob) -> TrackAnalysis:
        """Score a file, or find its logits in the cache; as `GenreClassifier.score_file`."""

    def close(self) -> None:
        """Stop the engine; what is under way fails with `EngineClosedError`."""


class TrackScorer:
    """A model that scores tracks.

    Parameters
    ----------
    running : RunningModel
        The model's engine, and why it is not the first choice.
    cache : ScoreCache or None
        Keeps logits.
    decoder : Decoder
        Opens files.
    line : WaitingLine
        Where files wait that have to be scored.
    """

    def __init__(self, running: RunningModel, cache: ScoreCache | None, decoder: Decoder, line: WaitingLine) -> None:
        self.engine = running.engine
        self.strategy = _strategy_for(self.engine, cache, decoder)
        self.fallback_reason = running.fallback_reason
        self._line = line
        self._in_flight: SingleFlight[TrackAnalysis] = SingleFlight()

    @property
    def info(self) -> ModelInfo:
        """What a result says of the model."""
        return self.engine.info

    def score_file(self, job: ScoreJob) -> TrackAnalysis:
        """Score a file, or find its logits in the cache; callers at the same time share the work."""
        key = self.strategy.key(job.audio_sha256, job.options)
        scored = self._in_flight.run(
            key,
            lambda on_progress: self._score(replace(job, on_progress=on_progress)),
            on_progress=job.on_progress,
            cancel=job.cancel,
        )
        return replace(scored, name=job.path.name)  # the same file may have come under another name

    def _score(self, job: ScoreJob) -> TrackAnalysis:
        """Find a file's logits in the cache, or score it once there is a place for it."""
        if known := self.recall(job.audio_sha256, job.options, name=job.path.name):
            return known
        is_long = False
        while True:
            with suppress(PostponedError), self._line.place(job.cancel, job.on_progress, is_long=is_long) as place:
                return self._score_now(replace(job, place=place, on_progress=place.watching(job.on_progress)))
            is_long = True

    def _score_now(self, job: ScoreJob) -> TrackAnalysis:
        started = time.perf_counter()
        if job.excerpt:
            job.excerpt.clear()  # of what another model may have left half done
        track = self.strategy.score_file(job)
        timings = {"score": time.perf_counter() - started}
        scored = self._analysis(track, job.path.name, job.audio_sha256, job.options, timings=timings)
        return replace(scored, excerpt=job.excerpt.finish()) if job.excerpt else scored

    def score_audio(
        self,
        audio: NDArray[np.float32],
        audio_sha256: str,
        options: SliceOptions,
        *,
        name: str,
        source_rate_hz: int,
    ) -> TrackAnalysis:
        """Score mono audio at the model's rate, past the cache."""
        started = time.perf_counter()
        track = self.strategy.score_audio(audio, options, source_rate_hz=source_rate_hz)
        return self._analysis(track, name, audio_sha256, options, timings={"score": time.perf_counter() - started})

    def recall(self, audio_sha256: str, options: SliceOptions, *, name: str) -> TrackAnalysis | None:
        """Find a file's logits in the cache; None where they are not all there."""
        started = time.perf_counter()
        track = self.strategy.recall(audio_sha256, options)
        if track is None:
            return None
        found = self._analysis(track, name, audio_sha256, options, timings={"cache": time.perf_counter() - started})
        return replace(found, cache_hit=True)

    def close(self) -> None:
        """Stop the engine; what is under way fails with `EngineClosedError`."""
        self.engine.close()

    def _analysis(
        self,
        track: TrackLogits,
        name: str,
        audio_sha256: str,
        options: SliceOptions,
        *,
        timings: dict[str, float],
    ) -> TrackAnalysis:
        return TrackAnalysis(
            track=track,
            name=name,
            model=self.info,
            key=self.strategy.key(audio_sha256, options),
            cache_hit=False,
            fallback_reason=self.fallback_reason,
            timings=timings,
        )


def _strategy_for(engine: Engine, cache: ScoreCache | None, decoder: Decoder) -> ScoringStrategy:
    """Choose between patches and windows by the model's grid."""
    grid = engine.grid
    if isinstance(grid, PatchGrid):
        return PatchStrategy(engine, grid, cache, decoder)
    return WindowStrategy(engine, grid, cache, decoder)

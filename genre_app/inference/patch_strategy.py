"""Hear a track as patches: scored once, cut into any windows afterwards."""

import threading
import time
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from genre_app.audio import open_audio
from genre_app.errors import TruncatedAudioError
from genre_app.inference.cache import ScoreCache
from genre_app.inference.contracts import Engine
from genre_app.inference.feeding import ScoredAudio, score_blocks
from genre_app.models.base import PatchGrid
from genre_app.results.progress import Progress, ProgressListener
from genre_app.results.schema import SliceOptions
from genre_app.results.track_logits import ScoreTrack
from genre_app.track_scoring import Columns, Scoring

#: Counts up when decoding or the cutting of patches changes what a model hears.
AUDIO_REVISION: Final = "1"
_BLOCK_SAMPLES: Final = 1 << 16


class PatchScoring:
    """Score tracks with a model that hears patches; see `genre_app.track_scoring.TrackScoring`.

    Parameters
    ----------
    engine : Engine
        Its model has a grid of patches.
    cache : ScoreCache or None
        Keeps score tracks.
    max_minutes : float
        Longest track that is accepted.
    decoding : threading.Semaphore
        How many tracks may be decoded at the same time.
    """

    def __init__(
        self,
        engine: Engine,
        grid: PatchGrid,
        cache: ScoreCache | None,
        *,
        max_minutes: float,
        decoding: threading.Semaphore,
    ) -> None:
        self._engine = engine
        self._grid = grid
        self._cache = cache
        self._max_minutes = max_minutes
        self._decoding = decoding

    def key(self, content: str, options: SliceOptions) -> str:  # noqa: ARG002 - patches serve any windows
        """Name the scores of a file."""
        info = self._engine.info
        return ":".join((content, info.name, info.revision, info.precision, self._grid.key(), AUDIO_REVISION))

    def recall(self, content: str, options: SliceOptions) -> ScoreTrack | None:
        """Return the score track of a file from the cache, if it is there."""
        return self._cache.get(self.key(content, options)) if self._cache else None

    def score_file(
        self, path: Path, content: str, options: SliceOptions, *, tell: ProgressListener, cancel: threading.Event
    ) -> Scoring:
        """Score a file while it is decoded, or find its scores in the cache."""
        started = time.perf_counter()
        if known := self.recall(content, options):
            return Scoring(known, cache_hit=True, timings={"cache": time.perf_counter() - started})
        track = self._listen(path, tell, cancel)
        if self._cache:
            self._cache.put(self.key(content, options), track)
        return Scoring(track, timings={"score": time.perf_counter() - started})

    def score_audio(
        self,
        audio: NDArray[np.float32],
        options: SliceOptions,  # noqa: ARG002 - patches serve any windows
        *,
        name: str,
        source_rate_hz: int,
    ) -> ScoreTrack:
        """Score audio in memory."""
        blocks = np.split(audio, range(_BLOCK_SAMPLES, len(audio), _BLOCK_SAMPLES))
        scored = score_blocks(self._engine, blocks, on_scored=lambda _: None, cancel=threading.Event())
        return self._to_track(scored, name, source_rate_hz)

    def _listen(self, path: Path, tell: ProgressListener, cancel: threading.Event) -> ScoreTrack:
        with open_audio(path, self._grid.sample_rate_hz, max_minutes=self._max_minutes) as stream:
            duration_s = stream.info.duration_s

            def on_scored(listened_s: float) -> None:
                fraction = min(1.0, listened_s / duration_s) if duration_s else None
                tell(Progress("listening", fraction, listened_s))

            on_scored(0.0)
            audio = score_blocks(self._engine, stream, on_scored=on_scored, cancel=cancel, decoding=self._decoding)
            return self._to_track(audio, path.name, stream.info.sample_rate_hz, stream.warnings)

    def _to_track(
        self, audio: ScoredAudio, name: str, source_rate_hz: int, warnings: tuple[str, ...] = ()
    ) -> ScoreTrack:
        if len(audio.logits) == 0:
            raise TruncatedAudioError(f"{name} holds no sound; please choose another recording.")
        info = self._engine.info
        columns = Columns(info)
        return ScoreTrack(
            logits=columns.labels(audio.logits),
            music_logits=columns.music(audio.logits),
            tag_logits=columns.tags(audio.logits),
            starts_s=audio.starts / self._grid.sample_rate_hz,
            patch_seconds=self._grid.patch_seconds,
            duration_s=audio.n_samples / self._grid.sample_rate_hz,
            labels=info.labels,
            tags=info.tags,
            activation=info.activation,
            model_name=info.name,
            weights_revision=info.revision,
            source_sample_rate_hz=source_rate_hz,
            warnings=warnings,
        )

"""Score a track as patches: once, then slice it into any windows."""

import threading
from dataclasses import replace
from functools import partial
from typing import Final

import numpy as np
from numpy.typing import NDArray

from genre_app.audio.decoder import Decoder
from genre_app.inference.cache import ScoreCache
from genre_app.inference.contracts import Engine, ScoreJob
from genre_app.inference.feeding import no_sound, score_blocks
from genre_app.models.base import PatchGrid
from genre_app.results.build import TrackAnalysis
from genre_app.results.progress import Progress
from genre_app.results.schema import SliceOptions
from genre_app.results.track_logits import TrackLogits

#: Counts up when decoding or framing changes the samples that a model receives, or when entries hold more of a track.
AUDIO_REVISION: Final = "5"
_BLOCK_SAMPLES: Final = 1 << 16


class PatchStrategy:
    """Track logits with a model that takes patches; see `genre_app.inference.contracts.ScoringStrategy`.

    Parameters
    ----------
    engine : Engine
        Its model has a grid of patches.
    cache : ScoreCache or None
        Keeps track logits.
    decoder : Decoder
        Opens the files.
    """

    def __init__(self, engine: Engine, grid: PatchGrid, cache: ScoreCache | None, decoder: Decoder) -> None:
        self._engine = engine
        self._grid = grid
        self._cache = cache
        self._decoder = decoder

    def key(self, audio_sha256: str, options: SliceOptions) -> str:  # noqa: ARG002 - patches serve any windows
        """Return the cache key of a file's logits."""
        info = self._engine.info
        # The same weights gave fewer columns in earlier releases.
        model = (info.name, info.revision, info.precision, str(info.n_columns))
        return ":".join((audio_sha256, *model, self._grid.key(), AUDIO_REVISION))

    def recall(self, audio_sha256: str, options: SliceOptions) -> TrackLogits | None:
        """Return a file's logits from the cache, if they are there."""
        return self._cache.get(self.key(audio_sha256, options)) if self._cache else None

    def score_file(self, job: ScoreJob) -> TrackLogits:
        """Score a file while it is decoded, and cache its logits."""
        key = self.key(job.audio_sha256, job.options)
        with self._decoder.open(job.path, self._grid.sample_rate_hz, cancel=job.cancel, tap=job.tap) as stream:
            duration_s = stream.info.duration_s
            job.opened(duration_s)

            def on_scored(track: TrackLogits) -> None:
                fraction = min(1.0, track.duration_s / duration_s) if duration_s else None
                so_far = TrackAnalysis(track, job.path.name, self._engine.info, key, cache_hit=False)
                job.on_progress(Progress("scoring", fraction, track.duration_s, so_far=so_far))

            job.on_progress(Progress("scoring", 0.0 if duration_s else None))
            turn = partial(self._decoder.turn, job.cancel)
            track = score_blocks(self._engine, stream, on_scored=on_scored, cancel=job.cancel, turn=turn)
            track = replace(track, source_sample_rate_hz=stream.info.sample_rate_hz, warnings=stream.warnings)
        job.file.check()
        if self._cache:
            self._cache.put(key, track)
        return track

    def score_audio(
        self,
        audio: NDArray[np.float32],
        options: SliceOptions,  # noqa: ARG002 - patches serve any windows
        *,
        source_rate_hz: int,
    ) -> TrackLogits:
        """Score audio in memory."""
        if len(audio) == 0:
            raise no_sound()
        blocks = np.split(audio, range(_BLOCK_SAMPLES, len(audio), _BLOCK_SAMPLES))
        track = score_blocks(self._engine, blocks, on_scored=lambda _: None, cancel=threading.Event())
        return replace(track, source_sample_rate_hz=source_rate_hz)

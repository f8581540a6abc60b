"""The one place where the parts are joined: a file or a waveform in, a classification out."""

import gc
import hashlib
import os
import threading
import time
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Final, Self

import numpy as np
import soxr
from numpy.typing import ArrayLike

from genre_app.audio import open_audio
from genre_app.backends.base import Backend, BackendInfo
from genre_app.backends.registry import LoadedModel, load_model
from genre_app.cache import ScoreCache
from genre_app.content import hash_file
from genre_app.engine import ScoringEngine
from genre_app.errors import InvalidOptionError, TruncatedAudioError
from genre_app.inflight import InFlight
from genre_app.insights import Insights
from genre_app.progress import Progress, ProgressListener
from genre_app.result import ScoredTrack, build_result
from genre_app.schema import ClassificationResult, SliceOptions, TrackFacts
from genre_app.score_track import ScoreTrack
from genre_app.scoring import ScoredAudio, decoders_at_once, score_blocks
from genre_app.settings import Settings
from genre_app.waveform import to_mono

#: Counts up when decoding or the cutting of patches changes what a model hears.
_AUDIO_REVISION: Final = "1"
_WAVEFORM_BLOCK_SAMPLES: Final = 1 << 16


def _ignore(progress: Progress) -> None:
    """Listen to nothing."""


class GenreClassifier:
    """Names the genre of files and waveforms; one per process, used by any number of threads.

    Parameters
    ----------
    settings : Settings, optional
        Model, device, limits and cache; from the environment by default.
    backend : Backend, optional
        A model that is loaded already, instead of the one that the settings name.

    Raises
    ------
    ModelUnavailableError, DeviceUnavailableError
        The settings name a model or a device that is not here.

    Examples
    --------
    >>> with GenreClassifier() as classifier:  # doctest: +SKIP
    ...     classifier.classify_file("track.mp3").predicted_genre
    'rock'
    """

    def __init__(self, settings: Settings | None = None, *, backend: Backend | None = None) -> None:
        self._settings = settings or Settings()
        loaded = LoadedModel(backend) if backend else load_model(self._settings)
        self._fallback_reason = loaded.fallback_reason
        self._engine = ScoringEngine(loaded.backend)
        self._cache = ScoreCache(self._settings.cache_dir, self._settings.cache_mb) if self._settings.cache_mb else None
        self._in_flight: InFlight[ScoredTrack] = InFlight()
        self._decoding = threading.BoundedSemaphore(decoders_at_once(self._engine.info, self._settings.threads))
        # What is loaded by now stays. Out of the collector's sight, it no longer costs every tenth slice 70 ms.
        gc.freeze()
        self._insights = Insights(loaded.backend, self._cache, max_minutes=self._settings.max_minutes)

    @property
    def model(self) -> BackendInfo:
        """The model that answers."""
        return self._engine.info

    @property
    def settings(self) -> Settings:
        """The settings in force."""
        return self._settings

    def classify_file(
        self,
        path: str | os.PathLike[str],
        options: SliceOptions | None = None,
        *,
        on_progress: ProgressListener = _ignore,
        cancel: threading.Event | None = None,
    ) -> ClassificationResult:
        """Name the genre of an audio file: `score_file` and `slice` in one call."""
        scored = self.score_file(path, on_progress=on_progress, cancel=cancel)
        return self.slice(scored, options or SliceOptions())

    def score_file(
        self,
        path: str | os.PathLike[str],
        *,
        on_progress: ProgressListener = _ignore,
        cancel: threading.Event | None = None,
    ) -> ScoredTrack:
        """Score an audio file, or find its scores in the cache.

        Parameters
        ----------
        path : path-like
            A local file in any format that `genre_app.audio` reads.
        on_progress : callable, optional
            Told of the progress, from any thread.
        cancel : threading.Event, optional
            Once set, the work stops soon.

        Raises
        ------
        AudioError
            The file cannot be used; the subclass says why.
        ScoringError, EngineClosedError, CancelledError
            The model failed, the classifier is closed, or ``cancel`` was set.
        """
        path = Path(path)
        cancel = cancel or threading.Event()
        on_progress(Progress("reading", None))
        started = time.perf_counter()
        key = self._key(hash_file(path))
        hash_s = time.perf_counter() - started

        def work(tell: ProgressListener) -> ScoredTrack:
            return self._cached(key, path.name) or self._score_file(path, key, tell, cancel)

        scored = self._in_flight.run(key, work, listener=on_progress, cancel=cancel)
        on_progress(Progress("done", 1.0, scored.track.duration_s))
        # The same content may have come under another name.
        return replace(scored, name=path.name, timings={**scored.timings, "hash": hash_s})

    def facts_file(self, path: str | os.PathLike[str], *, cancel: threading.Event | None = None) -> TrackFacts:
        """Find tempo, key and chords of an audio file, or look them up; no model is asked.

        Raises
        ------
        AudioError, CancelledError
            As `score_file`.
        """
        path = Path(path)
        return self._insights.facts(path, hash_file(path), cancel or threading.Event())

    def explain_file(
        self, path: str | os.PathLike[str], genre: str, *, cancel: threading.Event | None = None
    ) -> list[str]:
        """Say what spoke for a genre in an audio file, in up to three sentences; none where the model cannot tell.

        Raises
        ------
        InvalidOptionError
            The model has no such genre.
        AudioError, CancelledError
            As `score_file`.
        """
        path = Path(path)
        return self._insights.reasons(path, hash_file(path), genre, cancel or threading.Event())

    def with_insights(
        self, scored: ScoredTrack, path: str | os.PathLike[str], *, cancel: threading.Event | None = None
    ) -> ScoredTrack:
        """Return a scored track with its facts, and with reasons for its genre where the model can tell.

        The genre does not wait for this: it is a second, shorter look at the file.

        Raises
        ------
        AudioError, CancelledError
            As `score_file`.
        """
        genre = self.slice(scored, SliceOptions(top_k=1)).predicted_genre
        return replace(
            scored,
            facts=self.facts_file(path, cancel=cancel),
            explanation=tuple(self.explain_file(path, genre, cancel=cancel)),
        )

    def classify_waveform(
        self,
        samples: ArrayLike,
        sample_rate_hz: int,
        options: SliceOptions | None = None,
        *,
        name: str = "waveform",
    ) -> ClassificationResult:
        """Name the genre of audio in memory.

        Parameters
        ----------
        samples : array-like, shape (n_samples,) or (n_channels, n_samples)
            Full scale is ±1; integers are scaled by their type's range. What is not finite,
            or a million times full scale, counts as silence.
        sample_rate_hz : int
            Rate of the samples.
        options : SliceOptions, optional
            Windows and top-k.
        name : str
            What the result calls the track.

        Raises
        ------
        InvalidOptionError
            The array has another shape, or the rate is not positive.
        TruncatedAudioError
            There are no samples.
        """
        mono = to_mono(samples)
        if sample_rate_hz <= 0:
            raise InvalidOptionError(f"The sample rate must be above 0 Hz, not {sample_rate_hz}.")
        started = time.perf_counter()
        audio = soxr.resample(mono, sample_rate_hz, self._engine.grid.sample_rate_hz)
        blocks = np.split(audio, range(_WAVEFORM_BLOCK_SAMPLES, len(audio), _WAVEFORM_BLOCK_SAMPLES))
        scored_audio = score_blocks(self._engine, blocks, on_scored=lambda _: None, cancel=threading.Event())
        track = self._to_track(scored_audio, name, sample_rate_hz)
        key = self._key(hashlib.sha256(mono.tobytes()).hexdigest())
        return self.slice(
            self._scored(track, name, key, {"score": time.perf_counter() - started}), options or SliceOptions()
        )

    def slice(self, scored: ScoredTrack, options: SliceOptions) -> ClassificationResult:
        """Cut a scored track anew: arithmetic only, no decoding and no model."""
        return build_result(scored, options)

    def close(self) -> None:
        """Stop the engine and close the cache; what is under way fails with `EngineClosedError`."""
        self._engine.close()
        if self._cache:
            self._cache.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _key(self, content: str) -> str:
        info = self._engine.info
        parts = (content, info.name, info.revision, info.precision, self._engine.grid.key(), _AUDIO_REVISION)
        return ":".join(parts)

    def _cached(self, key: str, name: str) -> ScoredTrack | None:
        started = time.perf_counter()
        track = self._cache.get(key) if self._cache else None
        if track is None:
            return None
        scored = self._scored(track, name, key, {"cache": time.perf_counter() - started})
        return replace(scored, cache_hit=True)

    def _score_file(self, path: Path, key: str, tell: ProgressListener, cancel: threading.Event) -> ScoredTrack:
        started = time.perf_counter()
        rate_hz = self._engine.grid.sample_rate_hz
        with open_audio(path, rate_hz, max_minutes=self._settings.max_minutes) as stream:
            duration_s = stream.info.duration_s

            def on_scored(listened_s: float) -> None:
                fraction = min(1.0, listened_s / duration_s) if duration_s else None
                tell(Progress("listening", fraction, listened_s))

            on_scored(0.0)
            audio = score_blocks(self._engine, stream, on_scored=on_scored, cancel=cancel, decoding=self._decoding)
            source_rate_hz, warnings = stream.info.sample_rate_hz, stream.warnings
        track = self._to_track(audio, path.name, source_rate_hz, warnings)
        if self._cache:
            self._cache.put(key, track)
        return self._scored(track, path.name, key, {"score": time.perf_counter() - started})

    def _to_track(
        self, audio: ScoredAudio, name: str, source_rate_hz: int, warnings: tuple[str, ...] = ()
    ) -> ScoreTrack:
        if len(audio.logits) == 0:
            raise TruncatedAudioError(f"{name} holds no sound; please choose another recording.")
        grid, info = self._engine.grid, self._engine.info
        n_labels = len(info.labels)
        return ScoreTrack(
            logits=audio.logits[:, :n_labels],
            music_logits=audio.logits[:, n_labels] if info.detects_music else None,
            starts_s=audio.starts / grid.sample_rate_hz,
            patch_seconds=grid.patch_seconds,
            duration_s=audio.n_samples / grid.sample_rate_hz,
            labels=info.labels,
            model_name=info.name,
            weights_revision=info.revision,
            source_sample_rate_hz=source_rate_hz,
            warnings=warnings,
        )

    def _scored(self, track: ScoreTrack, name: str, key: str, timings: dict[str, float]) -> ScoredTrack:
        return ScoredTrack(
            track=track,
            name=name,
            model=self._engine.info,
            key=key,
            cache_hit=False,
            fallback_reason=self._fallback_reason,
            timings=timings,
        )

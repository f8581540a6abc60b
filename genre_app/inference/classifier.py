"""The one place where the parts are joined: a file or a waveform in, a classification out."""

import gc
import hashlib
import os
import threading
import time
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Self

import soxr
from numpy.typing import ArrayLike

from genre_app.audio.in_memory import to_mono
from genre_app.content import hash_file
from genre_app.errors import GpuUnavailableError, InvalidOptionError, ScoringError
from genre_app.inference.cache import ScoreCache
from genre_app.inference.feeding import decoders_at_once
from genre_app.inference.insights import Insights
from genre_app.inference.patch_strategy import PatchScoring
from genre_app.inference.single_flight import InFlight
from genre_app.inference.window_strategy import WindowScoring
from genre_app.inference.zerogpu_engine import ZeroGpuEngine, engine_for
from genre_app.models.base import Backend, BackendInfo, PatchGrid
from genre_app.models.registry import EMBEDDED, LoadedModel, load_model
from genre_app.results.build import ScoredTrack, build_result
from genre_app.results.progress import Progress, ProgressListener
from genre_app.results.schema import ClassificationResult, SliceOptions, TrackFacts
from genre_app.results.windows import options_heard
from genre_app.settings import Settings
from genre_app.track_scoring import Scoring, TrackScoring


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
        self._engine = engine_for(loaded.backend)
        self._spare = self._spare_without_gpu()
        self._cache = ScoreCache(self._settings.cache_dir, self._settings.cache_mb) if self._settings.cache_mb else None
        self._in_flight: InFlight[ScoredTrack] = InFlight()
        self._scoring = self._way_to_hear()
        # What is loaded by now stays. Out of the collector's sight, it no longer costs every tenth slice 70 ms.
        gc.freeze()
        self._insights = Insights(loaded.backend, self._cache, max_minutes=self._settings.max_minutes)

    @property
    def model(self) -> BackendInfo:
        """The model that answers."""
        return self._engine.info

    @property
    def fallback_reason(self) -> str | None:
        """Why another model than the first choice answers, where it does."""
        return self._fallback_reason

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
        options = options or SliceOptions()
        return self.slice(self.score_file(path, options, on_progress=on_progress, cancel=cancel), options)

    def score_file(
        self,
        path: str | os.PathLike[str],
        options: SliceOptions | None = None,
        *,
        on_progress: ProgressListener = _ignore,
        cancel: threading.Event | None = None,
    ) -> ScoredTrack:
        """Score an audio file, or find its scores in the cache.

        Parameters
        ----------
        path : path-like
            A local file in any format that `genre_app.audio` reads.
        options : SliceOptions, optional
            The windows; only models that score whole windows look at them. `genre_app.results.windows.fits` tells
            whether others need another call.
        on_progress : callable, optional
            Told of the progress, from any thread.
        cancel : threading.Event, optional
            Once set, the work stops soon.

        Raises
        ------
        AudioError
            The file cannot be used; the subclass says why.
        InvalidOptionError
            The model cannot hear such windows.
        ScoringError, EngineClosedError, CancelledError
            The model failed, the classifier is closed, or ``cancel`` was set.
        """
        path = Path(path)
        options = options or SliceOptions()
        cancel = cancel or threading.Event()
        on_progress(Progress("reading", None))
        started = time.perf_counter()
        content = hash_file(path)
        key = self._scoring.key(content, options)
        hash_s = time.perf_counter() - started

        def work(tell: ProgressListener) -> ScoredTrack:
            try:
                scoring = self._scoring.score_file(path, content, options, tell=tell, cancel=cancel)
            except ScoringError as error:
                return self._score_without_gpu(error, path, options, tell, cancel)
            return self._scored(scoring, path.name, key)

        scored = self._in_flight.run(key, work, listener=on_progress, cancel=cancel)
        on_progress(Progress("done", 1.0, scored.track.duration_s))
        # The same content may have come under another name.
        return replace(scored, name=path.name, timings={**scored.timings, "hash": hash_s})

    def reopen(self, content: str, options: SliceOptions | None = None, *, name: str) -> ScoredTrack | None:
        """Find the scores of a track that was scored before, without its file.

        Parameters
        ----------
        content : str
            `ScoredTrack.content` of the earlier analysis: 64 hexadecimal digits that nobody can guess.
        options : SliceOptions, optional
            The windows, as in `score_file`.
        name : str
            What the result calls the track.

        Returns
        -------
        ScoredTrack or None
            None where the cache does not hold the track any more.

        Raises
        ------
        InvalidOptionError
            The model cannot hear such windows.
        """
        options = options or SliceOptions()
        started = time.perf_counter()
        key = self._scoring.key(content, options)
        track = self._scoring.recall(content, options)
        if track is None:
            return None
        return self._scored(Scoring(track, cache_hit=True, timings={"cache": time.perf_counter() - started}), name, key)

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
        genre = self.slice(scored, options_heard(scored.track)).predicted_genre
        return replace(
            scored,
            facts=self.facts_file(path, cancel=cancel),
            explanation=tuple(self.explain_file(path, genre, cancel=cancel)),
        )

    def recall_insights(self, scored: ScoredTrack) -> ScoredTrack:
        """Return a scored track with as much of `with_insights` as the cache holds; for tracks without a file."""
        genre = self.slice(scored, options_heard(scored.track)).predicted_genre
        return replace(
            scored,
            facts=self._insights.known_facts(scored.content),
            explanation=tuple(self._insights.known_reasons(scored.content, genre) or ()),
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
        options = options or SliceOptions()
        started = time.perf_counter()
        audio = soxr.resample(mono, sample_rate_hz, self._engine.grid.sample_rate_hz)
        track = self._scoring.score_audio(audio, options, name=name, source_rate_hz=sample_rate_hz)
        scoring = Scoring(track, timings={"score": time.perf_counter() - started})
        key = self._scoring.key(hashlib.sha256(mono.tobytes()).hexdigest(), options)
        return self.slice(self._scored(scoring, name, key), options)

    def slice(self, scored: ScoredTrack, options: SliceOptions) -> ClassificationResult:
        """Cut a scored track anew: arithmetic only, no decoding and no model."""
        return build_result(scored, options)

    def close(self) -> None:
        """Stop the engine and close the cache; what is under way fails with `EngineClosedError`."""
        self._engine.close()
        if self._spare:
            self._spare.close()
        if self._cache:
            self._cache.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _spare_without_gpu(self) -> "GenreClassifier | None":
        """Load a small model of the app's own once more, on the processor, where its GPU is lent and may be refused."""
        if not isinstance(self._engine, ZeroGpuEngine) or self.model.name not in EMBEDDED:
            return None
        same = {"model": self.model.name, "precision": self.model.precision, "device": "cpu"}
        return GenreClassifier(self._settings.model_copy(update=same))

    def _score_without_gpu(
        self, error: ScoringError, path: Path, options: SliceOptions, tell: ProgressListener, cancel: threading.Event
    ) -> ScoredTrack:
        """Score a file on the processor after the GPU failed, and say so; without a spare model, fail as well."""
        if self._spare is None:
            if isinstance(error, GpuUnavailableError):
                own = f"The app's own models, such as {EMBEDDED[0]}, answer without it."
                raise GpuUnavailableError(f"{error} {own}") from error
            raise error
        scored = self._spare.score_file(path, options, on_progress=tell, cancel=cancel)
        reasons = (self._fallback_reason, f"{error} This answer comes from the slower processor instead.")
        return replace(scored, fallback_reason=" ".join(filter(None, reasons)))

    def _way_to_hear(self) -> TrackScoring:
        """Choose between patches and windows: the model's grid says which it hears."""
        grid, settings = self._engine.grid, self._settings
        decoding = threading.BoundedSemaphore(decoders_at_once(self._engine.info, settings.threads))
        if isinstance(grid, PatchGrid):
            return PatchScoring(self._engine, grid, self._cache, max_minutes=settings.max_minutes, decoding=decoding)
        return WindowScoring(self._engine, grid, self._cache, max_minutes=settings.max_minutes, decoding=decoding)

    def _scored(self, scoring: Scoring, name: str, key: str) -> ScoredTrack:
        return ScoredTrack(
            track=scoring.track,
            name=name,
            model=self._engine.info,
            key=key,
            cache_hit=scoring.cache_hit,
            fallback_reason=self._fallback_reason,
            timings=scoring.timings,
        )

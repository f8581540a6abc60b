"""The one place where the parts are joined: a file or waveform in, a classification out."""

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

from genre_app.audio.decoder import Decoder
from genre_app.audio.downmix import Downmix
from genre_app.audio.in_memory import to_mono
from genre_app.audio.local_file import hash_file
from genre_app.inference.cache import ScoreCache
from genre_app.inference.contracts import ScoreJob
from genre_app.inference.cpu_fallback import with_cpu_fallback
from genre_app.inference.decoder_choice import decoder_for
from genre_app.inference.hashed_file import HashedFile
from genre_app.inference.insights import Insights
from genre_app.inference.running_model import ModelRunner, run_model
from genre_app.inference.track_scorer import TrackScorer
from genre_app.inference.waiting_line import WaitingLine
from genre_app.models.base import Backend
from genre_app.models.registry import LoadedModel, load_model
from genre_app.music.facts import MiddleExcerpt
from genre_app.results.build import TrackAnalysis, build_result
from genre_app.results.model_info import ModelInfo
from genre_app.results.progress import Progress, ProgressCallback, no_progress
from genre_app.results.schema import ClassificationResult, SliceOptions, TrackFacts
from genre_app.results.window_plan import options_scored
from genre_app.settings import Settings


class GenreClassifier:
    """Names the genre of files and waveforms; one per process, used by any number of threads.

    Parameters
    ----------
    settings : Settings, optional
        Model, device, limits and cache; from the environment by default.
    backend : Backend, optional
        A model that is loaded already, instead of the one that the settings name.
    runner : callable, optional
        Runs the model that the settings name, perhaps on other machines; by default it is loaded into this process.
    decoder : Decoder, optional
        Opens the files, shared with others; by default one of its own, as the settings say.
    line : WaitingLine, optional
        Limits the tracks that are analysed at once, shared with others; by default one of its own.

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

    def __init__(
        self,
        settings: Settings | None = None,
        *,
        backend: Backend | None = None,
        runner: ModelRunner | None = None,
        decoder: Decoder | None = None,
        line: WaitingLine | None = None,
    ) -> None:
        self._settings = settings or Settings()
        if runner:
            running = runner(self._settings)
        else:
            running = run_model(LoadedModel(backend) if backend else load_model(self._settings))
        cache = ScoreCache(self._settings.cache_dir, self._settings.cache_mb) if self._settings.cache_mb else None
        self._cache = cache
        self._owns_decoder, self._owns_line = decoder is None, line is None
        self._decoder = decoder or decoder_for(self._settings, running.engine.info.device)
        self._line = line or WaitingLine(self._settings.tracks_at_once)
        self._model = TrackScorer(running, cache, self._decoder, self._line)
        self._scorer = with_cpu_fallback(self._model, self._settings, cache, self._decoder, self._line)
        self._insights = Insights(running.explaining, cache, self._decoder)

    @property
    def model(self) -> ModelInfo:
        """The model that answers."""
        return self._model.info

    @property
    def fallback_reason(self) -> str | None:
        """Why another model than the first choice answers, where it does."""
        return self._model.fallback_reason

    @property
    def settings(self) -> Settings:
        """The settings in force."""
        return self._settings

    @property
    def decoder(self) -> Decoder:
        """What opens files; other classifiers of the process may share it."""
        return self._decoder

    @property
    def line(self) -> WaitingLine:
        """What limits the tracks that are analysed at once; other classifiers of the process may share it."""
        return self._line

    def classify_file(
        self,
        path: str | os.PathLike[str],
        options: SliceOptions | None = None,
        *,
        on_progress: ProgressCallback = no_progress,
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
        on_progress: ProgressCallback = no_progress,
        cancel: threading.Event | None = None,
        keep_excerpt: bool = False,
    ) -> TrackAnalysis:
        """Score an audio file, or find its scores in the cache.

        Parameters
        ----------
        path : path-like
            A local file in any format that `genre_app.audio` reads.
        options : SliceOptions, optional
            The windows; only models that score whole windows look at them. `genre_app.results.window_plan.fits` says
            whether others need another call.
        on_progress : callable, optional
            Called with the progress, from any thread.
        cancel : threading.Event, optional
            Once set, the work stops soon.
        keep_excerpt : bool
            Whether `with_insights` follows: then 10 MB of audio are kept for it, instead of decoding the file again.

        Raises
        ------
        AudioError
            The file cannot be used; the subclass says why.
        InvalidOptionError
            The model cannot score such windows.
        ScoringError, EngineClosedError, CancelledError
            The model failed, the classifier is closed, or ``cancel`` was set.
        """
        path = Path(path)
        options = options or SliceOptions()
        cancel = cancel or threading.Event()
        on_progress(Progress("reading", None))
        started = time.perf_counter()
        file = HashedFile.of(path)
        hash_s = time.perf_counter() - started
        excerpt = MiddleExcerpt() if keep_excerpt and not self._insights.known_facts(file.audio_sha256) else None
        scored = self._scorer.score_file(ScoreJob(file, options, on_progress, cancel, excerpt=excerpt))
        on_progress(Progress("done", 1.0, scored.track.duration_s))
        return replace(scored, timings={**scored.timings, "hash": hash_s})

    def recall(self, audio_sha256: str, options: SliceOptions | None = None, *, name: str) -> TrackAnalysis | None:
        """Find the scores of a track that was scored before, without its file.

        Parameters
        ----------
        audio_sha256 : str
            `TrackAnalysis.audio_sha256` of the earlier analysis: 64 hexadecimal digits that cannot be guessed.
        options : SliceOptions, optional
            The windows, as in `score_file`.
        name : str
            What the result calls the track.

        Returns
        -------
        TrackAnalysis or None
            None where the cache no longer holds the track.

        Raises
        ------
        InvalidOptionError
            The model cannot score such windows.
        """
        options = options or SliceOptions()
        self._model.strategy.key(audio_sha256, options)  # refuses windows that the model cannot score
        return self._model.recall(audio_sha256, options, name=name)

    def facts_file(self, path: str | os.PathLike[str], *, cancel: threading.Event | None = None) -> TrackFacts:
        """Find tempo, key and chords of an audio file, or look them up; no model is asked.

        Raises
        ------
        AudioError, CancelledError
            As `score_file`.
        """
        path = Path(path)
        return self._insights.facts(path, hash_file(path), cancel or threading.Event())

    def facts_of(
        self, scored: TrackAnalysis, path: str | os.PathLike[str], *, cancel: threading.Event | None = None
    ) -> TrackFacts:
        """Find tempo, key and chords of a file that was scored; from its excerpt, if that was kept.

        Raises
        ------
        AudioError, CancelledError
            As `score_file`.
        """
        return self._insights.facts(
            Path(path), scored.audio_sha256, cancel or threading.Event(), excerpt=scored.excerpt
        )

    def explain_file(
        self, path: str | os.PathLike[str], genre: str, *, cancel: threading.Event | None = None
    ) -> list[str]:
        """Return what spoke for a genre in a file, in up to three sentences; none if the model cannot explain itself.

        Raises
        ------
        InvalidOptionError
            The model has no such genre.
        AudioError, CancelledError
            As `score_file`.
        """
        return self._insights.reasons(self.score_file(path, cancel=cancel).track, genre)

    def with_insights(
        self, scored: TrackAnalysis, path: str | os.PathLike[str], *, cancel: threading.Event | None = None
    ) -> TrackAnalysis:
        """Add facts, and reasons for the genre if the model can explain itself.

        The genre does not wait for this.

        Raises
        ------
        AudioError, CancelledError
            As `score_file`.
        """
        return replace(
            scored,
            facts=self.facts_of(scored, path, cancel=cancel),
            explanation=self._explanation_of(scored),
            excerpt=None,
        )

    def recall_insights(self, scored: TrackAnalysis) -> TrackAnalysis:
        """Return a scored track with as much of `with_insights` as the cache holds; for tracks without a file."""
        facts = self._insights.known_facts(scored.audio_sha256)
        return replace(scored, facts=facts, explanation=self._explanation_of(scored), excerpt=None)

    def _explanation_of(self, scored: TrackAnalysis) -> tuple[str, ...]:
        if scored.track.measures is None:
            return ()
        genre = self.slice(scored, options_scored(scored.track)).predicted_genre
        return tuple(self._insights.reasons(scored.track, genre))

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
        samples : array-like, shape (n_samples,), (n_channels, n_samples) or (n_samples, n_channels)
            Full scale is ±1; integers are scaled by their type's range. What is not finite,
            or a million times full scale, counts as silence. Of two axes, the one with up to 32 entries is that of the
            channels.
        sample_rate_hz : int
            Samples per second and channel, 1,000 to 1,000,000.
        options : SliceOptions, optional
            Windows and top-k.
        name : str
            What the result calls the track.

        Raises
        ------
        InvalidOptionError
            The array has another shape or holds no numbers, or the rate is out of its range.
        TruncatedAudioError
            There is less than a tenth of a second.
        """
        downmix = Downmix()
        mono = to_mono(samples, sample_rate_hz, downmix)
        options = options or SliceOptions()
        audio = soxr.resample(mono, sample_rate_hz, self._model.engine.grid.sample_rate_hz)
        audio_sha256 = hashlib.sha256(mono.tobytes()).hexdigest()
        scored = self._model.score_audio(audio, audio_sha256, options, name=name, source_rate_hz=sample_rate_hz)
        scored = replace(scored, track=replace(scored.track, warnings=downmix.notes))
        return self.slice(scored, options)

    def slice(self, scored: TrackAnalysis, options: SliceOptions) -> ClassificationResult:
        """Cut a scored track anew: arithmetic only, no decoding and no model."""
        return build_result(scored, options)

    def close(self) -> None:
        """Stop the engine and close the cache; what is under way fails with `EngineClosedError`."""
        if self._owns_line:
            self._line.close()
        self._scorer.close()
        if self._owns_decoder:
            self._decoder.close()
        if self._cache:
            self._cache.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

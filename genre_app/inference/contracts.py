"""The contracts inside inference: engines score batches, strategies track logits."""

import threading
from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final, Protocol, TypedDict, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from genre_app.audio.resampling import Tap
from genre_app.inference.hashed_file import HashedFile
from genre_app.inference.waiting_line import Place
from genre_app.models.base import Grid
from genre_app.music.facts import SAMPLE_RATE_HZ, MiddleExcerpt
from genre_app.results.embedding import mean_embedding
from genre_app.results.model_info import Activation, ModelInfo
from genre_app.results.progress import ProgressCallback
from genre_app.results.schema import SliceOptions
from genre_app.results.track_logits import TrackLogits

#: What a model answers, shape (n, n_columns): see `genre_app.models.base.Backend.score`.
Logits = NDArray[np.float32]
MODEL_FAILED: Final = "The model failed on this track; please try again, or choose another model."


class Engine(Protocol):
    """What scores patches or windows for many callers with one model; any thread may call it."""

    @property
    def info(self) -> ModelInfo:
        """What a result says of the model."""

    @property
    def grid(self) -> Grid:
        """How patches lie on a track, or which windows the model takes."""

    @property
    def max_patches(self) -> int:
        """Size of a full batch: a good size for the pieces that a caller hands over."""

    def submit(self, patches: NDArray[np.float32]) -> "Future[Logits]":
        """Have patches scored.

        Parameters
        ----------
        patches : ndarray of float32, shape (n, n_samples)
            At least one patch or window, finite; ``grid.accepts(n_samples)``.

        Returns
        -------
        Future of ndarray, shape (n, info.n_columns)
            Calibrated logits. Cancelling it drops what has not run. It raises `ScoringError` where the model failed
            and `EngineClosedError` where the engine was closed before.
        """

    def close(self) -> None:
        """Fail what is pending with `EngineClosedError`, and stop."""


@runtime_checkable
class TrackEngine(Engine, Protocol):
    """An engine whose calls are expensive: it takes as much of a track at once as it can."""

    @property
    def max_samples(self) -> int:
        """Samples that a caller hands over at once, at most; a single piece may be longer."""

    def submit_stacks(self, stacks: Sequence[NDArray[np.float32]]) -> "Future[Logits]":
        """Have several stacks scored in one call, as `Engine.submit` does one; each may have a length of its own.

        Returns
        -------
        Future of ndarray, shape (number of all patches, info.n_columns)
            In the order of the stacks.
        """


def problem_with(patches: NDArray[np.float32], grid: Grid) -> str | None:
    """Say why a model must not see patches, in a sentence for a person; None where all is well."""
    if patches.ndim != 2 or len(patches) == 0 or not grid.accepts(patches.shape[1]):
        return f"The model cannot take audio of the shape {patches.shape}."
    if not np.isfinite(patches).all():
        return "The audio holds values that are not numbers."
    return None


def checked(logits: Logits, n_patches: int, info: ModelInfo) -> Logits:
    """Return a model's answer if it fits ``n_patches`` patches.

    Raises
    ------
    ValueError
        It has another shape, or not all of it is finite.
    """
    expected = (n_patches, info.n_columns)
    if logits.shape != expected or not np.isfinite(logits).all():
        raise ValueError(f"the model returned {logits.shape} instead of finite logits of shape {expected}")
    return logits


@dataclass(frozen=True, slots=True)
class ScoreJob:
    """A file to score.

    Attributes
    ----------
    file : HashedFile
        The file.
    options : SliceOptions
        The windows; only models that score whole windows look at them.
    on_progress : callable
        Called with the progress, from any thread.
    cancel : threading.Event
        Once set, the work stops soon.
    place : Place or None
        The track's among those under way, once it has one; told how long the track is.
    excerpt : MiddleExcerpt or None
        Collects what tempo, key and chords need, while the file is decoded anyway.
    """

    file: HashedFile
    options: SliceOptions
    on_progress: ProgressCallback
    cancel: threading.Event
    place: Place | None = None
    excerpt: MiddleExcerpt | None = None

    @property
    def path(self) -> Path:
        """Where the file is."""
        return self.file.path

    @property
    def audio_sha256(self) -> str:
        """The file's identity in the cache."""
        return self.file.audio_sha256

    def opened(self, duration_s: float | None) -> None:
        """Note how long the track is, as soon as it is open.

        Raises
        ------
        PostponedError
            It has to wait in line again.
        """
        if self.place:
            self.place.announce(duration_s)
        if self.excerpt:
            self.excerpt.duration_s = duration_s

    @property
    def tap(self) -> Tap | None:
        """What the decoder feeds beside the model."""
        return Tap(SAMPLE_RATE_HZ, self.excerpt.take) if self.excerpt else None


class ScoringStrategy(Protocol):
    """A way to score a track: as patches on a grid, or as the windows that the user chose."""

    def key(self, audio_sha256: str, options: SliceOptions) -> str:
        """Return the cache key of a file's logits: equal keys are equal work.

        Raises
        ------
        InvalidOptionError
            The model cannot score such windows.
        """

    def recall(self, audio_sha256: str, options: SliceOptions) -> TrackLogits | None:
        """Return a file's logits from the cache, or None if they are not all there."""

    def score_file(self, job: ScoreJob) -> TrackLogits:
        """Score a file and cache its logits.

        Raises
        ------
        AudioError, ScoringError, EngineClosedError, CancelledError
            As `genre_app.inference.classifier.GenreClassifier.score_file`.
        """

    def score_audio(self, audio: NDArray[np.float32], options: SliceOptions, *, source_rate_hz: int) -> TrackLogits:
        """Score mono audio at the model's rate, past the cache.

        Raises
        ------
        TruncatedAudioError, ScoringError, EngineClosedError
            There are no samples, or the engine failed.
        """


class ModelAnswer(TypedDict):
    """What a model contributes to `TrackLogits`, by the names of its fields."""

    logits: Logits
    music_logits: Logits | None
    tag_logits: Logits | None
    style_logits: Logits | None
    sound_logits: Logits | None
    measures: Logits | None
    labels: tuple[str, ...]
    tags: tuple[str, ...]
    styles: tuple[str, ...]
    sounds: tuple[str, ...]
    activation: Activation
    model_name: str
    weights_revision: str


def by_column(logits: Logits, info: ModelInfo) -> ModelAnswer:
    """Split a model's answer of shape (n, info.n_columns) by the meaning of its columns, all but the embedding."""
    widths = (
        *(len(info.labels), int(info.detects_music), len(info.tags), len(info.styles), len(info.sounds)),
        info.n_measures,
    )
    labels, music, tags, styles, sounds, measures, _ = np.split(logits, np.cumsum(widths), axis=1)
    return ModelAnswer(
        logits=labels,
        music_logits=music[:, 0] if info.detects_music else None,
        tag_logits=tags if info.tags else None,
        style_logits=styles if info.styles else None,
        sound_logits=sounds if info.sounds else None,
        measures=measures if info.n_measures else None,
        labels=info.labels,
        tags=info.tags,
        styles=tuple(style.name for style in info.styles),
        sounds=info.sounds,
        activation=info.activation,
        model_name=info.name,
        weights_revision=info.revision,
    )


def embedded(track: TrackLogits, logits: Logits, info: ModelInfo) -> TrackLogits:
    """Add the track's embedding, from a model's answer of shape (n_patches, info.n_columns), if the model has one."""
    if not info.n_dimensions:
        return track
    return replace(track, embedding=mean_embedding(track, logits[:, -info.n_dimensions :], info.rule))

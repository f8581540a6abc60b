"""The contract between the service and the ways in which models hear a track."""

import threading
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from genre_app.models.base import BackendInfo
from genre_app.results.progress import ProgressListener
from genre_app.results.schema import SliceOptions
from genre_app.results.track_logits import ScoreTrack


@dataclass(frozen=True, slots=True)
class Scoring:
    """A score track and how it came about.

    Attributes
    ----------
    track : ScoreTrack
        The logits.
    cache_hit : bool
        Whether all of it was there already.
    timings : dict of str to float
        Seconds spent, by stage.
    """

    track: ScoreTrack
    cache_hit: bool = False
    timings: dict[str, float] = field(default_factory=dict)


class TrackScoring(Protocol):
    """A way to hear a track: as patches on a grid, or as the windows that the user chose."""

    def key(self, content: str, options: SliceOptions) -> str:
        """Name the scores of a file with a content hash: equal names are equal work.

        Raises
        ------
        InvalidOptionError
            The model cannot hear such windows.
        """

    def recall(self, content: str, options: SliceOptions) -> ScoreTrack | None:
        """Return the scores of a file from the cache, or None where they are not all there."""

    def score_file(
        self, path: Path, content: str, options: SliceOptions, *, tell: ProgressListener, cancel: threading.Event
    ) -> Scoring:
        """Score a file, or find its scores in the cache.

        Raises
        ------
        AudioError, ScoringError, EngineClosedError, CancelledError
            As `genre_app.inference.classifier.GenreClassifier.score_file`.
        """

    def score_audio(
        self, audio: NDArray[np.float32], options: SliceOptions, *, name: str, source_rate_hz: int
    ) -> ScoreTrack:
        """Score mono audio at the model's rate; the cache is not asked.

        Raises
        ------
        TruncatedAudioError, ScoringError, EngineClosedError
            There are no samples, or the engine failed.
        """


@dataclass(frozen=True, slots=True)
class Columns:
    """The columns of a model's answers, by what they mean."""

    info: BackendInfo

    def labels(self, logits: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return the labels' columns of logits of shape (n, n_columns)."""
        return logits[:, : len(self.info.labels)]

    def music(self, logits: NDArray[np.float32]) -> NDArray[np.float32] | None:
        """Return the log-odds of music, shape (n,), where the model tells."""
        return logits[:, len(self.info.labels)] if self.info.detects_music else None

    def tags(self, logits: NDArray[np.float32]) -> NDArray[np.float32] | None:
        """Return the tags' columns, where there are any."""
        return logits[:, self.info.n_columns - len(self.info.tags) :] if self.info.tags else None

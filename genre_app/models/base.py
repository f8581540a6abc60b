"""The contract between a model and the rest of the app.

A backend turns excerpts of a track into logits; it does not deal with files or users. Most models score *patches*:
excerpts of the length that they were trained on, on a fixed grid over the whole track. Some take any length and score
the *windows* that the user chose.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from genre_app.results.model_info import ModelInfo


@dataclass(frozen=True, slots=True)
class PatchGrid:
    """Where a backend's patches lie on a track.

    Attributes
    ----------
    sample_rate_hz : int
        Rate of the backend's input.
    patch_samples : int
        Length of a patch.
    hop_samples : int
        Distance between the starts of consecutive patches.
    lead_samples : int
        Samples before the patch that its first spectrogram frame covers; zeros before the start of the track.
    """

    sample_rate_hz: int
    patch_samples: int
    hop_samples: int
    lead_samples: int = 0

    @property
    def input_samples(self) -> int:
        """Length of the backend's input for one patch, including the lead."""
        return self.lead_samples + self.patch_samples

    @property
    def patch_seconds(self) -> float:
        """Length of a patch in seconds."""
        return self.patch_samples / self.sample_rate_hz

    def accepts(self, n_samples: int) -> bool:
        """Return whether the backend takes inputs of this length."""
        return n_samples == self.input_samples

    def key(self) -> str:
        """Return the grid's part of a cache key; scores on grids with equal keys are interchangeable."""
        return f"{self.sample_rate_hz}/{self.patch_samples}/{self.hop_samples}/{self.lead_samples}"


@dataclass(frozen=True, slots=True)
class WindowGrid:
    """Limits on the windows that a backend scores as a whole.

    Attributes
    ----------
    sample_rate_hz : int
        Rate of the backend's input.
    min_samples : int
        Shorter windows are repeated to this length before they reach the backend.
    max_samples : int
        Longer windows are refused: a transformer's memory grows with the square of the length.
    """

    sample_rate_hz: int
    min_samples: int
    max_samples: int

    def accepts(self, n_samples: int) -> bool:
        """Return whether the backend takes windows of this length."""
        return self.min_samples <= n_samples <= self.max_samples

    def key(self) -> str:
        """Return the grid's part of a cache key; scores of equal windows with equal keys are interchangeable."""
        return f"{self.sample_rate_hz}/{self.min_samples}/{self.max_samples}"


Grid = PatchGrid | WindowGrid


@dataclass(frozen=True, slots=True)
class BatchPolicy:
    """Size of a backend's batches, and how long to wait for them to fill.

    Attributes
    ----------
    max_patches : int
        Largest batch.
    max_wait_s : float
        How long a batch that is not full waits for other callers.
    n_under_way : int
        Batches that an `Overlapping` model works on at once: on a GPU the next one is on its way while one runs.
    """

    max_patches: int
    max_wait_s: float = 0.0
    n_under_way: int = 1


class Backend(Protocol):
    """A model with its front end on a device. Not thread-safe."""

    @property
    def info(self) -> ModelInfo:
        """Facts about the model for results."""

    @property
    def grid(self) -> Grid:
        """Where patches lie on the track, or which windows the model takes."""

    @property
    def batching(self) -> BatchPolicy:
        """How the engine should fill batches on this device."""

    def score(self, patches: NDArray[np.float32]) -> NDArray[np.float32]:
        """Score a batch of patches, or of windows of equal length.

        Parameters
        ----------
        patches : ndarray, shape (n, n_samples)
            Mono waveform at ``grid.sample_rate_hz``, full scale ±1, finite; ``grid.accepts(n_samples)``.

        Returns
        -------
        ndarray, shape (n, info.n_columns)
            Calibrated logits of the labels; with ``info.detects_music``, the log-odds that the patch is music; the
            logits of tags, styles and sounds; the measures; the embedding.
        """


@runtime_checkable
class Overlapping(Protocol):
    """A model on a device of its own, which works while this process does something else."""

    def begin(self, patches: NDArray[np.float32]) -> Callable[[], NDArray[np.float32]]:
        """Send a batch on its way; what is returned waits for its logits. Otherwise as `Backend.score`."""


@runtime_checkable
class Explaining(Protocol):
    """A model that can explain its answer; unlike `Backend.score`, `explain` is thread-safe."""

    def explain(self, measures: NDArray[np.float32], label: str) -> list[str]:
        """List the reasons for a label.

        Parameters
        ----------
        measures : ndarray, shape (n_patches, info.n_measures)
            Those columns of what `Backend.score` gave for the patches of a track, at least one.
        label : str
            One of ``info.labels``.

        Returns
        -------
        list of str
            Sentences for a person, strongest reason first.
        """

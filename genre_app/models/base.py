"""The contract between a model and the rest of the app.

A backend turns pieces of a track into logits and knows nothing of files or users. Most models listen to *patches*:
pieces of the length that they were trained on, laid on a fixed grid over the whole track. Some take pieces of any
length: those are asked about the *windows* that the user chose.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from genre_app.results.model_info import ModelInfo


@dataclass(frozen=True, slots=True)
class PatchGrid:
    """How a backend lays its patches over a track.

    Attributes
    ----------
    sample_rate_hz : int
        Rate of the waveform that the backend wants.
    patch_samples : int
        Length of what a patch describes.
    hop_samples : int
        Distance between the starts of neighbouring patches.
    lead_samples : int
        Samples before the patch's start that its spectrogram reaches into; zeros where the track has none.
    """

    sample_rate_hz: int
    patch_samples: int
    hop_samples: int
    lead_samples: int = 0

    @property
    def input_samples(self) -> int:
        """Length of the array that the backend receives for one patch."""
        return self.lead_samples + self.patch_samples

    @property
    def patch_seconds(self) -> float:
        """Length of what a patch describes, in seconds."""
        return self.patch_samples / self.sample_rate_hz

    def accepts(self, n_samples: int) -> bool:
        """Tell whether the backend takes a piece of this length."""
        return n_samples == self.input_samples

    def key(self) -> str:
        """Name the grid for a cache: equal names mean that scores may be shared."""
        return f"{self.sample_rate_hz}/{self.patch_samples}/{self.hop_samples}/{self.lead_samples}"


@dataclass(frozen=True, slots=True)
class WindowGrid:
    """What a backend asks of windows that it hears as a whole.

    Attributes
    ----------
    sample_rate_hz : int
        Rate of the waveform that the backend wants.
    min_samples : int
        A shorter window is repeated to this length before it reaches the backend.
    max_samples : int
        Longer windows are not accepted: a transformer's memory grows with the square of the length.
    """

    sample_rate_hz: int
    min_samples: int
    max_samples: int

    def accepts(self, n_samples: int) -> bool:
        """Tell whether the backend takes a window of this length."""
        return self.min_samples <= n_samples <= self.max_samples

    def key(self) -> str:
        """Name the grid for a cache: equal names mean that scores of equal windows may be shared."""
        return f"{self.sample_rate_hz}/{self.min_samples}/{self.max_samples}"


Grid = PatchGrid | WindowGrid


@dataclass(frozen=True, slots=True)
class BatchPolicy:
    """How many patches a backend wants at once, and how long a batch may wait for company.

    Attributes
    ----------
    max_patches : int
        More than this are never handed over together.
    max_wait_s : float
        How long a batch that is not full waits for further callers.
    """

    max_patches: int
    max_wait_s: float = 0.0


class Backend(Protocol):
    """A model with its front end on its device. One thread at a time may call it."""

    @property
    def info(self) -> ModelInfo:
        """What a result says of the model."""

    @property
    def grid(self) -> Grid:
        """How patches lie on the track, or which windows the model takes."""

    @property
    def batching(self) -> BatchPolicy:
        """How the engine should fill batches on this device."""

    def score(self, patches: NDArray[np.float32]) -> NDArray[np.float32]:
        """Score a batch of patches or of windows of one length.

        Parameters
        ----------
        patches : ndarray, shape (n, n_samples)
            Mono waveform at ``grid.sample_rate_hz``, full scale ±1, finite; ``grid.accepts(n_samples)``.

        Returns
        -------
        ndarray, shape (n, info.n_columns)
            Calibrated logits of the labels; where ``info.detects_music`` the log-odds that the piece is music; the
            logits of tags, styles and sounds.
        """


@runtime_checkable
class Explaining(Protocol):
    """A model that can say what spoke for a label; unlike `Backend.score`, any thread may ask."""

    def explain(self, patches: Iterable[NDArray[np.float32]], label: str) -> list[str]:
        """Say what spoke for a label.

        Parameters
        ----------
        patches : iterable of ndarray, shape (grid.input_samples,)
            All patches of one track, at least one.
        label : str
            One of ``info.labels``.

        Returns
        -------
        list of str
            Sentences for a person, the strongest reason first.
        """

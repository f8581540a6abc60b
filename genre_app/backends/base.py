"""The contract between a model and the rest of the app.

A backend turns fixed-length pieces of a track into logits and knows nothing of files, windows or users. Most models
listen to *patches*: pieces of the length that they were trained on, laid on a fixed grid over the whole track.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray


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

    def key(self) -> str:
        """Name the grid for a cache: equal names mean that scores may be shared."""
        return f"{self.sample_rate_hz}/{self.patch_samples}/{self.hop_samples}/{self.lead_samples}"


@dataclass(frozen=True, slots=True)
class DecisionRule:
    """When a model's answer is good enough to be said without a reservation; chosen on validation data.

    Attributes
    ----------
    confident_from : float
        Least score of the leading label in a confident answer.
    set_mass : float
        What the labels that an uncertain answer names hold together, at least.
    music_from : float or None
        Mean log-odds of "this is music" below which a track is not music; None where the model cannot tell.
    music_sure_from : float or None
        Mean log-odds below which no answer is confident.
    """

    confident_from: float = 0.5
    set_mass: float = 0.8
    music_from: float | None = None
    music_sure_from: float | None = None


@dataclass(frozen=True, slots=True)
class BackendInfo:
    """What a result says of the model that answered.

    Attributes
    ----------
    name : str
        The name by which a user picks it.
    revision : str
        Hash of the weights (and of the calibration): scores of different revisions must not be mixed.
    labels : tuple of str
        Classes in the order of the logits' columns.
    device : str
        Where it runs: ``"cpu"``, ``"cuda"`` …
    precision : str
        ``"float32"``, or the lower precision in which the network multiplies.
    rule : DecisionRule
        When an answer is confident, and whether the model tells music from other sound.
    """

    name: str
    revision: str
    labels: tuple[str, ...]
    device: str
    precision: str = "float32"
    rule: DecisionRule = DecisionRule()

    @property
    def detects_music(self) -> bool:
        """Whether the last column of the logits is the log-odds that the patch is music."""
        return self.rule.music_from is not None

    @property
    def n_columns(self) -> int:
        """Columns of the array that the backend returns."""
        return len(self.labels) + self.detects_music


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
    def info(self) -> BackendInfo:
        """What a result says of the model."""

    @property
    def grid(self) -> PatchGrid:
        """How patches lie on the track."""

    @property
    def batching(self) -> BatchPolicy:
        """How the engine should fill batches on this device."""

    def score(self, patches: NDArray[np.float32]) -> NDArray[np.float32]:
        """Score a batch of patches.

        Parameters
        ----------
        patches : ndarray, shape (n, grid.input_samples)
            Mono waveform at ``grid.sample_rate_hz``, full scale ±1, finite.

        Returns
        -------
        ndarray, shape (n, info.n_columns)
            Calibrated logits of the labels (their softmax is the score), then, where ``info.detects_music``, the
            log-odds that the patch is music.
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

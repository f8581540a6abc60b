"""The contract between the model's engine and those who want audio scored."""

from collections.abc import Sequence
from concurrent.futures import Future
from typing import Final, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from genre_app.models.base import BackendInfo, Grid

Scores = NDArray[np.float32]
MODEL_FAILED: Final = "The model failed on this track; please try again, or choose another model."


class Engine(Protocol):
    """What scores patches or windows for many callers with one model; any thread may call it."""

    @property
    def info(self) -> BackendInfo:
        """What a result says of the model."""

    @property
    def grid(self) -> Grid:
        """How patches lie on a track, or which windows the model takes."""

    @property
    def max_patches(self) -> int:
        """Size of a full batch: a good size for the pieces that a caller hands over."""

    def submit(self, patches: NDArray[np.float32]) -> "Future[Scores]":
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
    """An engine for which every call is dear: it wants all that there is to score of a track at once."""

    @property
    def max_samples(self) -> int:
        """Samples that a caller hands over at once, at most; a single piece may be longer."""

    def submit_stacks(self, stacks: Sequence[NDArray[np.float32]]) -> "Future[Scores]":
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


def checked(scores: Scores, n_patches: int, info: BackendInfo) -> Scores:
    """Return a model's answer for so many patches.

    Raises
    ------
    ValueError
        It has another shape, or not all of it is finite.
    """
    expected = (n_patches, info.n_columns)
    if scores.shape != expected or not np.isfinite(scores).all():
        raise ValueError(f"the model returned {scores.shape} instead of finite logits of shape {expected}")
    return scores

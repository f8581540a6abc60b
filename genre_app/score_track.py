"""The score track: a model's logits over the time of one track, scored once and sliced many times."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class ScoreTrack:
    """Logits of a track's patches in the order of their time.

    Attributes
    ----------
    logits : ndarray of float32, shape (n_patches, n_labels)
        Calibrated logits; at least one patch.
    starts_s : ndarray of float64, shape (n_patches,)
        Start of each patch in the track. The last patch ends with the track and may overlap its neighbour.
    patch_seconds : float
        Length of every patch. A track shorter than one patch has a single patch that reaches beyond its end.
    duration_s : float
        Length of the track.
    labels : tuple of str
        The classes, in the order of the logits' columns.
    model_name, weights_revision : str
        The model that scored.
    source_sample_rate_hz : int
        Sample rate of the recording before it was resampled.
    warnings : tuple of str
        Sentences for the user about damage that decoding worked around.
    music_logits : ndarray of float32, shape (n_patches,), or None
        Log-odds that each patch is music; None where the model cannot tell.
    """

    logits: NDArray[np.float32]
    starts_s: NDArray[np.float64]
    patch_seconds: float
    duration_s: float
    labels: tuple[str, ...]
    model_name: str
    weights_revision: str
    source_sample_rate_hz: int
    warnings: tuple[str, ...] = ()
    music_logits: NDArray[np.float32] | None = None

    def __post_init__(self) -> None:
        n_patches = len(self.starts_s)
        if n_patches == 0 or self.logits.shape != (n_patches, len(self.labels)):
            raise ValueError(f"logits {self.logits.shape} do not fit {n_patches} patches and {len(self.labels)} labels")
        if self.music_logits is not None and self.music_logits.shape != (n_patches,):
            raise ValueError(f"music logits {self.music_logits.shape} do not fit {n_patches} patches")

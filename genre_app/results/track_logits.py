"""A model's logits over the time of one track."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class WindowLayout:
    """The windows that a window model scored.

    Attributes
    ----------
    window_seconds, overlap, max_chunks
        As in `genre_app.results.schema.SliceOptions`.
    """

    window_seconds: float
    overlap: float
    max_chunks: int | None


@dataclass(frozen=True, slots=True)
class TrackLogits:
    """Logits of a track's patches, or of its windows, in the order of their time.

    Attributes
    ----------
    logits : ndarray of float32, shape (n_patches, n_labels)
        Calibrated logits; at least one patch.
    starts_s : ndarray of float64, shape (n_patches,)
        Start of each patch in the track. The last patch ends with the track and may overlap its neighbour.
    patch_seconds : float
        Length of every patch. A track shorter than one patch has a single patch that reaches beyond its end, and so
        may the last window of a layout.
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
        Log-odds that each patch is music; None if the model does not detect music.
    activation : {"softmax", "sigmoid"}
        Whether the labels exclude each other or each stands alone.
    tags : tuple of str
        What the model says beside the labels; each stands alone.
    tag_logits : ndarray of float32, shape (n_patches, n_tags), or None
        Logits of the tags; None where there are none.
    layout : WindowLayout or None
        The windows whose logits these are; None for patches, which can be cut into any windows.
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
    activation: Literal["softmax", "sigmoid"] = "softmax"
    tags: tuple[str, ...] = ()
    tag_logits: NDArray[np.float32] | None = None
    layout: WindowLayout | None = None

    def __post_init__(self) -> None:
        n_patches = len(self.starts_s)
        if n_patches == 0 or self.logits.shape != (n_patches, len(self.labels)):
            raise ValueError(f"logits {self.logits.shape} do not fit {n_patches} patches and {len(self.labels)} labels")
        if self.music_logits is not None and self.music_logits.shape != (n_patches,):
            raise ValueError(f"music logits {self.music_logits.shape} do not fit {n_patches} patches")
        n_tags = 0 if self.tag_logits is None else self.tag_logits.shape[1]
        if n_tags != len(self.tags) or (self.tag_logits is not None and len(self.tag_logits) != n_patches):
            raise ValueError(f"tag logits do not fit {n_patches} patches and {len(self.tags)} tags")

"""A model's logits over the time of one track."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from genre_app.results.model_info import Activation

#: Below this a patch is silent, whatever the rest of the track is like: 16-bit noise lies at about -98 dBFS.
_SILENT_BELOW_DBFS = -80.0
#: A patch this far below the loudest one is a pause with some noise in it.
_SILENT_BELOW_LOUDEST_DB = 55.0


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
    tags, styles, sounds : tuple of str
        Moods and instruments; styles beyond the labels; sounds that are not music. Each stands alone.
    tag_logits, style_logits, sound_logits : ndarray of float32, shape (n_patches, n_tags) and so on, or None
        Their logits; None where there are none.
    levels_dbfs : ndarray of float32, shape (n_patches,), or None
        Root mean square of each patch without its constant offset; None counts as sound everywhere.
    measures : ndarray of float32, shape (n_patches, n_measures), or None
        Numbers about each patch on which the model's reasons rest; None if it cannot explain itself.
    peaks : ndarray of uint8, shape (n_bins, 2), or None
        The waveform, in bins of equal length from start to end: highest amplitude and root mean square of each, as 255
        times the square root of the amplitude (full scale is 1), so that quiet passages keep their shape.
    embedding : ndarray of float32, shape (n_dimensions,), or None
        What the track sounds like, of unit length: `genre_app.results.embedding`. None if the model has none, or
        where nothing sounds.
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
    activation: Activation = "softmax"
    tags: tuple[str, ...] = ()
    tag_logits: NDArray[np.float32] | None = None
    styles: tuple[str, ...] = ()
    style_logits: NDArray[np.float32] | None = None
    sounds: tuple[str, ...] = ()
    sound_logits: NDArray[np.float32] | None = None
    levels_dbfs: NDArray[np.float32] | None = None
    measures: NDArray[np.float32] | None = None
    peaks: NDArray[np.uint8] | None = None
    embedding: NDArray[np.float32] | None = None
    layout: WindowLayout | None = None

    def __post_init__(self) -> None:
        n_patches = len(self.starts_s)
        if n_patches == 0 or self.logits.shape != (n_patches, len(self.labels)):
            raise ValueError(f"logits {self.logits.shape} do not fit {n_patches} patches and {len(self.labels)} labels")
        for name, values in (("music logits", self.music_logits), ("levels", self.levels_dbfs)):
            if values is not None and values.shape != (n_patches,):
                raise ValueError(f"{name} {values.shape} do not fit {n_patches} patches")
        for name, names, logits in (
            ("tag", self.tags, self.tag_logits),
            ("style", self.styles, self.style_logits),
            ("sound", self.sounds, self.sound_logits),
        ):
            shape = (n_patches, len(names)) if names else None
            if shape != (None if logits is None else logits.shape):
                raise ValueError(f"{name} logits do not fit {n_patches} patches and {len(names)} {name}s")
        if self.measures is not None and len(self.measures) != n_patches:
            raise ValueError(f"measures {self.measures.shape} do not fit {n_patches} patches")

    @property
    def has_sound(self) -> NDArray[np.bool_]:
        """Whether each patch holds sound, shape (n_patches,): silent ones have no vote."""
        if self.levels_dbfs is None:
            return np.ones(len(self.starts_s), dtype=np.bool_)
        floor_dbfs = max(_SILENT_BELOW_DBFS, float(self.levels_dbfs.max()) - _SILENT_BELOW_LOUDEST_DB)
        return self.levels_dbfs >= floor_dbfs

    @property
    def votes(self) -> NDArray[np.float64]:
        """Weight of each patch in a mean over the track, shape (n_patches,): 1 for sound; all 1 in a silent track."""
        votes = self.has_sound.astype(np.float64)
        return votes if votes.any() else np.ones_like(votes)

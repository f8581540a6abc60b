"""Audio that a caller holds in memory."""

from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from genre_app.errors import InvalidOptionError, TruncatedAudioError

#: Floats beyond this are damage, not sound (full scale is 1).
_LOUDEST: Final = 1e6


def to_mono(samples: ArrayLike) -> NDArray[np.float32]:
    """Average channels and make every value finite and in float.

    Parameters
    ----------
    samples : array-like, shape (n_samples,) or (n_channels, n_samples)
        Floats of full scale ±1, or integers, which are scaled by their type's range.

    Returns
    -------
    ndarray of float32, shape (n_samples,)
        What is not finite, or a million times full scale, is silence.

    Raises
    ------
    InvalidOptionError
        The array has more than two dimensions.
    TruncatedAudioError
        There are no samples.
    """
    array = np.atleast_1d(np.asarray(samples))
    if array.ndim > 2:
        raise InvalidOptionError("Audio must be an array of shape (samples,) or (channels, samples).")
    if array.size == 0:
        raise TruncatedAudioError("The audio holds no samples.")
    if np.issubdtype(array.dtype, np.integer):
        info = np.iinfo(array.dtype)
        full_scale = (float(info.max) - float(info.min) + 1) / 2
        array = (array - (float(info.min) + full_scale)) / full_scale
    sound = np.where(np.abs(array) < _LOUDEST, array, 0.0).astype(np.float32)  # NaN is not below anything
    mono: NDArray[np.float32] = sound.mean(axis=0) if sound.ndim == 2 else sound
    return np.ascontiguousarray(mono)

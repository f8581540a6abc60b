"""Audio that a caller holds in memory."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from genre_app.audio.downmix import Downmix
from genre_app.errors import InvalidOptionError, TruncatedAudioError


def to_mono(samples: ArrayLike, downmix: Downmix) -> NDArray[np.float32]:
    """Average the channels of an array, as for a file with the same samples.

    Parameters
    ----------
    samples : array-like, shape (n_samples,) or (n_channels, n_samples)
        Floats of full scale ±1, or integers, which are scaled by their type's range.
    downmix : Downmix
        Notes what was done to the channels.

    Returns
    -------
    ndarray of float32, shape (n_samples,)
        Finite: NaN, infinity and values beyond a million times full scale become silence.

    Raises
    ------
    InvalidOptionError
        The array has more than two dimensions.
    TruncatedAudioError
        There are no samples.
    """
    channels = np.atleast_2d(np.asarray(samples))
    if channels.ndim > 2:
        raise InvalidOptionError("Audio must be an array of shape (samples,) or (channels, samples).")
    if channels.size == 0:
        raise TruncatedAudioError("The audio holds no samples.")
    full_scale, silence = 1.0, 0.0
    if np.issubdtype(channels.dtype, np.integer):
        info = np.iinfo(channels.dtype)
        full_scale = (float(info.max) - float(info.min) + 1) / 2
        silence = float(info.min) + full_scale
    with np.errstate(over="ignore", invalid="ignore"):  # damaged floats
        floats = ((channels - silence) / full_scale).astype(np.float32)
    return downmix.mix(floats)

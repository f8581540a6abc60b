"""Audio that a caller holds in memory."""

from typing import Any, Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from genre_app.audio.downmix import Downmix
from genre_app.audio.refusals import too_short
from genre_app.audio.resampling import HIGHEST_RATE_HZ, LOWEST_RATE_HZ, SHORTEST_S, is_rate
from genre_app.errors import InvalidOptionError, TruncatedAudioError

#: The shorter axis of an array is that of the channels if it has no more than these.
_MOST_CHANNELS: Final = 32


def to_mono(samples: ArrayLike, sample_rate_hz: float, downmix: Downmix) -> NDArray[np.float32]:
    """Average the channels of an array, as for a file with the same samples.

    Parameters
    ----------
    samples : array-like, shape (n_samples,), (n_channels, n_samples) or (n_samples, n_channels)
        Floats of full scale ±1, or integers, which are scaled by their type's range. Of two axes, the one with up to 32
        entries is that of the channels.
    sample_rate_hz : float
        Samples per second and channel, 1,000 to 1,000,000.
    downmix : Downmix
        Notes what was done to the channels.

    Returns
    -------
    ndarray of float32, shape (n_samples,)
        Finite: NaN, infinity and values beyond a million times full scale become silence.

    Raises
    ------
    InvalidOptionError
        The array holds no numbers, has more than two dimensions, or leaves open which of them is that of the channels;
        or the rate is out of its range.
    TruncatedAudioError
        There are no samples, or less than a tenth of a second of them.
    """
    if not is_rate(sample_rate_hz):
        raise InvalidOptionError(
            f"The sample rate must be between {LOWEST_RATE_HZ} and {HIGHEST_RATE_HZ} Hz, not {sample_rate_hz}."
        )
    channels = _channels_first(_numbers(samples))
    if channels.shape[1] < SHORTEST_S * sample_rate_hz:
        raise too_short()
    full_scale, silence = 1.0, 0.0
    if np.issubdtype(channels.dtype, np.integer):
        info = np.iinfo(channels.dtype)
        full_scale = (float(info.max) - float(info.min) + 1) / 2
        silence = float(info.min) + full_scale
    with np.errstate(over="ignore", invalid="ignore"):  # damaged floats
        floats = ((channels - silence) / full_scale).astype(np.float32)
    return downmix.mix(floats)


def _numbers(samples: ArrayLike) -> NDArray[Any]:
    try:
        array = np.asarray(samples)
    except ValueError as error:  # lists of several lengths
        raise InvalidOptionError("Audio must be an array; these samples have no shape.") from error
    if not (np.issubdtype(array.dtype, np.integer) or np.issubdtype(array.dtype, np.floating)):
        raise InvalidOptionError(f"Audio must be floats or integers, not {array.dtype}.")
    return array


def _channels_first(array: NDArray[Any]) -> NDArray[Any]:
    """Return the array with shape (n_channels, n_samples)."""
    if array.ndim not in {1, 2}:
        raise InvalidOptionError(
            "Audio must be an array of shape (samples,), (channels, samples) or (samples, channels), "
            f"not {array.shape}."
        )
    if array.size == 0:
        raise TruncatedAudioError("The audio holds no samples.")
    if array.ndim == 1:
        return array[None]
    if min(array.shape) > _MOST_CHANNELS:
        raise InvalidOptionError(
            f"Audio of the shape {array.shape} has more than {_MOST_CHANNELS} channels either way; please choose some."
        )
    return array if array.shape[0] <= array.shape[1] else array.T

"""Channels to mono: their plain mean, in which damaged values are silence.

FFmpeg's own downmix keeps the loudness of unrelated channels, so that a centred voice comes out 3 dB louder and may
clip; models are trained on the mean.
"""

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

#: Floats beyond this are damage, not sound (full scale is 1).
_LOUDEST: Final = 1e6


def add_mean(
    channels: Sequence[NDArray[Any]], mono: NDArray[np.float32], *, full_scale: float = 1.0, silence: float = 0.0
) -> None:
    """Add the mean of channels to an array of zeros.

    Parameters
    ----------
    channels : sequence of ndarray, each of shape (n_samples,)
        Integers or floats.
    mono : ndarray of float32, shape (n_samples,)
        Zeros; receives the mean, in [-1, 1] for integers, perhaps with damaged values: see `silence_damage`.
    full_scale, silence : float
        Distance of the loudest value from silence, and the value of silence (128 for unsigned bytes).
    """
    with np.errstate(over="ignore", invalid="ignore"):  # damaged floats
        for channel in channels:
            np.add(mono, channel, out=mono, casting="same_kind")
        if silence:
            mono -= silence * len(channels)
        if full_scale * len(channels) != 1.0:
            mono *= 1.0 / (full_scale * len(channels))


def silence_damage(mono: NDArray[np.float32]) -> None:
    """Set NaN, infinity and values beyond a million times full scale to zero, in place."""
    loudness = np.abs(mono)
    if not loudness.max(initial=0.0) < _LOUDEST:  # NaN is not below anything
        mono[~(loudness < _LOUDEST)] = 0.0

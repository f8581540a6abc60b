"""Channels to mono: their plain mean, without damaged values, and without cancellation.

FFmpeg's own downmix keeps the loudness of unrelated channels, so that a centred voice comes out 3 dB louder and may
clip; models are trained on the mean.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

#: Floats beyond this are damage, not sound (full scale is 1).
_LOUDEST: Final = 1e6
#: One side is inverted if the sides' half difference has more than this many times the energy of their mean. Unrelated
#: sides have equal energies; of eight stereo recordings at hand, the widest had 2.2 times as much in its mean.
_INVERTED_FROM: Final = 1.5


class Downmix:
    """Mixes consecutive blocks of one recording to mono.

    Where one of two channels is inverted, their mean would cancel what they share. Then half their difference is
    taken, which is the mean of the recording as it was meant. The energies since the start decide, block by block.
    """

    def __init__(self) -> None:
        self._mean_energy = self._difference_energy = 0.0
        self._n_inverted = 0
        self._is_damaged = False

    @property
    def notes(self) -> tuple[str, ...]:
        """Sentences for the user about what was done; usually none."""
        notes = []
        if self._n_inverted:
            notes.append(
                "The two channels cancel each other out, for one of them is inverted; "
                "their difference was analysed instead of their mean."
            )
        if self._is_damaged:
            notes.append("Samples that are no numbers, or a million times too loud, were left out.")
        return tuple(notes)

    def mix(self, channels: NDArray[np.float32]) -> NDArray[np.float32]:
        """Mix a block.

        Parameters
        ----------
        channels : ndarray of float32, shape (n_channels, n_samples)
            Full scale ±1; NaN, infinity and values beyond a million times full scale count as absent.

        Returns
        -------
        ndarray of float32, shape (n_samples,)
            Finite; zero where all channels are absent.
        """
        if not np.abs(channels).max(initial=0.0) < _LOUDEST:  # NaN is not below anything
            self._is_damaged = True
            return _mean_of_sound(channels)
        if len(channels) == 2 and self._is_inverted(*channels):
            self._n_inverted += channels.shape[1]
            channels = channels * np.array([[1.0], [-1.0]], np.float32)
        mono: NDArray[np.float32] = channels.mean(axis=0, dtype=np.float32)
        return mono

    def _is_inverted(self, left: NDArray[np.float32], right: NDArray[np.float32]) -> bool:
        both = float(np.dot(left, left)) + float(np.dot(right, right))
        shared = 2.0 * float(np.dot(left, right))
        self._mean_energy += (both + shared) / 4
        self._difference_energy += (both - shared) / 4
        return self._difference_energy > _INVERTED_FROM * max(self._mean_energy, 0.0)


def _mean_of_sound(channels: NDArray[np.float32]) -> NDArray[np.float32]:
    """Average the channels that hold sound, sample by sample: one that is damaged does not silence the others."""
    with np.errstate(invalid="ignore"):
        is_sound = np.abs(channels) < _LOUDEST
    total = np.where(is_sound, channels, np.float32(0.0)).sum(axis=0)
    mono: NDArray[np.float32] = (total / np.maximum(is_sound.sum(axis=0), 1)).astype(np.float32)
    return mono

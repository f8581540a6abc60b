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
_HALF: Final = np.float32(0.5)


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
        with np.errstate(over="ignore", invalid="ignore"):  # damaged floats
            energies = [float(np.dot(channel, channel)) for channel in channels]
        # Where the sum of the squares is small, every value is; NaN is not below anything.
        if not max(energies, default=0.0) < _LOUDEST**2:
            is_sound = np.abs(channels) < _LOUDEST
            if not is_sound.all():
                self._is_damaged = True
                return _mean_of_sound(channels, is_sound)
        if len(channels) != 2:
            mono: NDArray[np.float32] = channels.mean(axis=0, dtype=np.float32)
            return mono
        left, right = channels
        if self._is_inverted(sum(energies), 2.0 * float(np.dot(left, right))):
            self._n_inverted += left.size
            right = -right
        middle: NDArray[np.float32] = (left + right) * _HALF
        return middle

    def _is_inverted(self, both: float, shared: float) -> bool:
        self._mean_energy += (both + shared) / 4
        self._difference_energy += (both - shared) / 4
        return self._difference_energy > _INVERTED_FROM * max(self._mean_energy, 0.0)


def _mean_of_sound(channels: NDArray[np.float32], is_sound: NDArray[np.bool_]) -> NDArray[np.float32]:
    """Average the channels that hold sound, sample by sample: one that is damaged does not silence the others."""
    total = np.where(is_sound, channels, np.float32(0.0)).sum(axis=0)
    mono: NDArray[np.float32] = (total / np.maximum(is_sound.sum(axis=0), 1)).astype(np.float32)
    return mono

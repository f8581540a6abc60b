"""How loud a track is from moment to moment, measured while it is decoded: what a waveform draws."""

from collections.abc import Iterable, Iterator
from typing import Final

import numpy as np
from numpy.typing import NDArray

#: A full meter joins its bins in pairs, so that a long track keeps half as many to all of them.
MOST_BINS: Final = 2000
#: Length of a bin at the start.
_FIRST_BIN_S: Final = 0.01


class PeakMeter:
    """Measures consecutive blocks of one track in bins of equal length; its memory does not grow with the track.

    Parameters
    ----------
    sample_rate_hz : int
        Of the blocks.
    """

    def __init__(self, sample_rate_hz: int) -> None:
        self._bin_samples = max(1, round(_FIRST_BIN_S * sample_rate_hz))
        self._bins = np.zeros((MOST_BINS, 2), np.float32)  # highest amplitude, and mean square
        self._n_bins = 0
        self._rest = np.zeros(0, np.float32)

    def watch(self, blocks: Iterable[NDArray[np.float32]]) -> Iterator[NDArray[np.float32]]:
        """Pass mono blocks of shape (n,) on, and measure them."""
        for block in blocks:
            self.take(block)
            yield block

    def take(self, block: NDArray[np.float32]) -> None:
        """Measure the next block of mono audio, shape (n,)."""
        rest = np.concatenate([self._rest, block])
        while n_new := min(len(rest) // self._bin_samples, MOST_BINS - self._n_bins):
            n_samples = n_new * self._bin_samples
            self._bins[self._n_bins : self._n_bins + n_new] = _measured(rest[:n_samples].reshape(n_new, -1))
            self._n_bins += n_new
            rest = rest[n_samples:]
            if self._n_bins == MOST_BINS:
                self._join_pairs()
        self._rest = rest.copy()

    def peaks(self, n_samples: int) -> NDArray[np.uint8]:
        """Return what `TrackLogits.peaks` holds, for the first samples of the track.

        Parameters
        ----------
        n_samples : int
            Not more than were measured.

        Returns
        -------
        ndarray of uint8, shape (n_bins, 2)
            The last bin may be shorter than the others.
        """
        bins = self._bins[: self._n_bins]
        if len(self._rest):
            bins = np.concatenate([bins, _measured(self._rest[None])])
        bins = bins[: -(-n_samples // self._bin_samples)]
        amplitudes = np.column_stack([bins[:, 0], np.sqrt(bins[:, 1])])
        peaks: NDArray[np.uint8] = np.round(255 * np.sqrt(np.clip(amplitudes, 0, 1))).astype(np.uint8)
        return peaks

    def _join_pairs(self) -> None:
        pairs = self._bins.reshape(-1, 2, 2)
        self._bins[: len(pairs)] = np.column_stack([pairs[:, :, 0].max(axis=1), pairs[:, :, 1].mean(axis=1)])
        self._n_bins = len(pairs)
        self._bin_samples *= 2


def _measured(bins: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the highest amplitude and the mean square of audio of shape (n_bins, n_samples): shape (n_bins, 2)."""
    highest = np.maximum(bins.max(axis=1), -bins.min(axis=1))
    return np.column_stack([highest, np.einsum("ij,ij->i", bins, bins) / bins.shape[1]])

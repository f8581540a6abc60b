"""Cut a stream of audio blocks into a backend's patches, and measure them."""

from collections.abc import Iterable, Iterator

import numpy as np
from numpy.typing import NDArray

from genre_app.models.base import PatchGrid


class PatchCutter:
    """Lay patches over a track while its audio arrives.

    A patch starts every ``grid.hop_samples``. A last patch that ends with the track covers the remainder, so that the
    network never sees padding; a track shorter than a patch is repeated to fill it, as in MusiCNN's training.

    Parameters
    ----------
    grid : PatchGrid
        Length, distance and context of the patches.
    """

    def __init__(self, grid: PatchGrid) -> None:
        if not 0 < grid.hop_samples <= grid.patch_samples:
            raise ValueError("patches must overlap or touch: 0 < hop_samples <= patch_samples")
        self._grid = grid
        # The buffer starts `lead` samples before the next patch; the track's own start is preceded by silence.
        self._buffer = np.zeros(grid.lead_samples, dtype=np.float32)
        self._next_start = 0
        self._last_input = np.zeros(0, dtype=np.float32)
        self.n_samples = 0
        self.starts: list[int] = []

    def cut(self, blocks: Iterable[NDArray[np.float32]]) -> Iterator[NDArray[np.float32]]:
        """Yield the patches of a whole track.

        Parameters
        ----------
        blocks : iterable of ndarray, shape (n,)
            Consecutive mono audio at ``grid.sample_rate_hz``.

        Yields
        ------
        ndarray, shape (grid.input_samples,)
            One patch with its context; its start in samples is appended to ``starts``.
        """
        for block in blocks:
            yield from self._push(block)
        yield from self._finish()

    def _push(self, block: NDArray[np.float32]) -> Iterator[NDArray[np.float32]]:
        grid = self._grid
        self.n_samples += len(block)
        self._buffer = np.concatenate([self._buffer, block])
        offset = 0
        while len(self._buffer) - offset >= grid.input_samples:
            patch = self._buffer[offset : offset + grid.input_samples].copy()
            self._last_input = patch
            self.starts.append(self._next_start)
            yield patch
            self._next_start += grid.hop_samples
            offset += grid.hop_samples
        self._buffer = self._buffer[offset:].copy()

    def _finish(self) -> Iterator[NDArray[np.float32]]:
        grid = self._grid
        if self.n_samples == 0:
            return
        if not self.starts:
            audio = self._buffer[grid.lead_samples :]
            self.starts.append(0)
            yield np.concatenate([self._buffer[: grid.lead_samples], np.resize(audio, grid.patch_samples)])
            return
        covered = self.starts[-1] + grid.patch_samples
        missing = self.n_samples - covered
        if missing > 0:
            self.starts.append(self.n_samples - grid.patch_samples)
            yield np.concatenate([self._last_input[missing:], self._buffer[len(self._buffer) - missing :]])


def centred(audio: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return audio of shape (n_samples,) without its constant offset, which is inaudible but moves spectrograms."""
    without_offset: NDArray[np.float32] = audio - np.float32(audio.mean(dtype=np.float64))
    return without_offset


def level_dbfs(audio: NDArray[np.float32]) -> float:
    """Return the root mean square of audio around its mean, in dB below full scale; -200 for digital silence."""
    return float(20.0 * np.log10(max(float(audio.std(dtype=np.float64)), 1e-10)))

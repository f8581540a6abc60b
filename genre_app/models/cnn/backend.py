"""The model ``cnn``: a small network of our own, front end included."""

from pathlib import Path
from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from genre_app.models.base import BatchPolicy, PatchGrid
from genre_app.models.cnn.network import GRID, GenreCNN, RelativeLogMel
from genre_app.models.runtime.cpu_pool import PatchThreadPool
from genre_app.models.runtime.fingerprint import fingerprint_of
from genre_app.results.model_info import ModelInfo
from genre_app.weights import WEIGHTS_FOLDER

_FILE: Final = "cnn.safetensors"


class CnnBackend:
    """The CNN on one device. It names one of the ten genres and cannot tell music from other sound.

    Parameters
    ----------
    device : torch.device
        Where front end and network live.
    threads : int
        PatchThreadPool to use on a CPU.
    weights : Path
        Folder of the safetensors file.
    """

    name: Final = "cnn"

    def __init__(self, device: torch.device, *, threads: int = 1, weights: Path = WEIGHTS_FOLDER) -> None:
        file = weights / _FILE
        self._front_end = RelativeLogMel().to(device)
        self._network = GenreCNN.from_file(file).to(device)
        self._info = ModelInfo(
            name=self.name,
            revision=fingerprint_of(file),
            labels=self._network.labels,
            device=device.type,
            rule=self._network.rule,
        )
        self._pool = PatchThreadPool(device, threads=threads, name=self.name)

    @property
    def info(self) -> ModelInfo:
        """What a result says of the model."""
        return self._info

    @property
    def grid(self) -> PatchGrid:
        """Patches of 10 s, one every 5 s."""
        return GRID

    @property
    def batching(self) -> BatchPolicy:
        """A few patches for each core, or a batch that fills a GPU."""
        return self._pool.batching

    def score(self, patches: NDArray[np.float32]) -> NDArray[np.float32]:
        """Score patches of shape (n, grid.input_samples); see `genre_app.models.base.Backend`."""
        return self._pool.run(lambda piece: self._network(self._front_end(piece)), torch.from_numpy(patches)).numpy()

    def log_mel(self, patches: NDArray[np.float32]) -> Tensor:
        """Run the front end alone: dB of shape (n, 128, 241)."""
        return self._pool.run(self._front_end, torch.from_numpy(patches))

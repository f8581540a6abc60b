"""A front end and a network as a backend for patches."""

from collections.abc import Callable

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from genre_app.models.base import BatchPolicy, PatchGrid
from genre_app.models.runtime.cpu_pool import PatchThreadPool
from genre_app.results.model_info import ModelInfo


class PatchBackend:
    """A front end and a network on one device; see `genre_app.models.base.Backend`.

    Parameters
    ----------
    front_end : Module
        Turns waveforms of shape (n, grid.input_samples) into spectrograms.
    network : Module
        Turns spectrograms into logits of shape (n, info.n_columns).
    info : ModelInfo
    device : torch.device
        Device of front end and network.
    threads : int
        Threads to use on a CPU.

    Attributes
    ----------
    grid : PatchGrid
        Where patches lie on the track; an attribute of each subclass.
    """

    grid: PatchGrid

    def __init__(
        self, front_end: nn.Module, network: nn.Module, *, info: ModelInfo, device: torch.device, threads: int
    ) -> None:
        self._front_end = front_end.eval().to(device)
        self._network = network.eval().to(device)
        self._info = info
        self._pool = PatchThreadPool(device, threads=threads, name=info.name)

    @property
    def info(self) -> ModelInfo:
        """Facts about the model for results."""
        return self._info

    @property
    def batching(self) -> BatchPolicy:
        """Four patches for each core, or a batch that fills a GPU."""
        return self._pool.batching

    def score(self, patches: NDArray[np.float32]) -> NDArray[np.float32]:
        """Score patches of shape (n, grid.input_samples); see `genre_app.models.base.Backend`."""
        return self.begin(patches)()

    def begin(self, patches: NDArray[np.float32]) -> Callable[[], NDArray[np.float32]]:
        """Send patches on their way; see `genre_app.models.base.Overlapping`."""
        wait = self._pool.begin(lambda piece: self._network(self._front_end(piece)), torch.from_numpy(patches))
        return lambda: wait().numpy()

    def log_mel(self, patches: NDArray[np.float32]) -> Tensor:
        """Compute the front end's output alone, for the benchmark."""
        return self._pool.run(self._front_end, torch.from_numpy(patches))

    def score_log_mel(self, log_mel: Tensor) -> Tensor:
        """Run the network alone on the front end's output, for the benchmark."""
        return self._pool.run(self._network, log_mel)

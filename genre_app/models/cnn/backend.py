"""The model ``cnn``: our own small network with its front end."""

from pathlib import Path
from typing import Final

import torch

from genre_app.models.cnn.network import GRID, GenreCNN, RelativeLogMel
from genre_app.models.runtime.fingerprint import fingerprint_of
from genre_app.models.runtime.patch_backend import PatchBackend
from genre_app.results.model_info import ModelInfo
from genre_app.weights import WEIGHTS_FOLDER

_FILE: Final = "cnn.safetensors"


class CnnBackend(PatchBackend):
    """The CNN on one device, on patches of 10 s, one every 5 s. It scores the ten genres and does not detect music.

    Parameters
    ----------
    device : torch.device
        Device of front end and network.
    threads : int
        Threads to use on a CPU.
    weights : Path
        Folder of the safetensors file.
    """

    name: Final = "cnn"
    grid = GRID

    def __init__(self, device: torch.device, *, threads: int = 1, weights: Path = WEIGHTS_FOLDER) -> None:
        file = weights / _FILE
        network = GenreCNN.from_file(file)
        info = ModelInfo(
            name=self.name,
            revision=fingerprint_of(file),
            labels=network.labels,
            device=device.type,
            rule=network.rule,
        )
        super().__init__(RelativeLogMel(), network, info=info, device=device, threads=threads)

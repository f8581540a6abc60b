"""The embedded default: MusiCNN's tags, and the genre head and music detector that read them."""

from collections.abc import Sequence
from pathlib import Path
from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from genre_app.models.base import BatchPolicy, PatchGrid
from genre_app.models.musicnn.genre_head import GenreHead
from genre_app.models.musicnn.loudness import LoudnessNormalizer
from genre_app.models.musicnn.music_detector import MusicDetector
from genre_app.models.musicnn.network import GRID, LogMel, MusiCNN
from genre_app.models.runtime.cpu_pool import PatchThreadPool
from genre_app.models.runtime.fingerprint import fingerprint_of
from genre_app.results.model_info import ModelInfo
from genre_app.weights import WEIGHTS_FOLDER

_NETWORK_FILE: Final = "musicnn_msd.safetensors"
_HEAD_FILE: Final = "musicnn_head.safetensors"
_VERDICT_FILE: Final = "musicnn_verdict.safetensors"


class Tagger(nn.Module):
    """The network and what reads its tags.

    Parameters
    ----------
    musicnn : MusiCNN
        Log-mels to tag logits.
    readers : sequence of Module
        Each turns tag logits of shape (n, 50) into some columns.
    """

    def __init__(self, musicnn: MusiCNN, readers: Sequence[nn.Module]) -> None:
        super().__init__()
        self.musicnn = musicnn
        self.readers = nn.ModuleList(readers)

    def forward(self, log_mel: Tensor) -> Tensor:
        """Turn log-mels of shape (n, 187, 96) into the readers' columns side by side."""
        tags = self.musicnn(log_mel)
        return torch.cat([reader(tags) for reader in self.readers], dim=1)


class MusicnnBackend:
    """MusiCNN with the ten-genre head, front end included, on one device.

    Parameters
    ----------
    device : torch.device
        Where front end and network live.
    threads : int
        PatchThreadPool to use on a CPU.
    precision : {"float32", "bfloat16"}
        In which the front convolutions multiply.
    weights : Path
        Folder of the safetensors files.
    """

    name: Final = "musicnn"

    def __init__(
        self,
        device: torch.device,
        *,
        threads: int = 1,
        precision: str = "float32",
        weights: Path = WEIGHTS_FOLDER,
    ) -> None:
        files = [weights / name for name in (_NETWORK_FILE, _HEAD_FILE, _VERDICT_FILE)]
        network_file, head_file, verdict_file = files
        head = GenreHead.from_file(head_file)
        detector = MusicDetector.from_file(verdict_file)
        self._front_end = nn.Sequential(LoudnessNormalizer(), LogMel()).to(device)
        musicnn = MusiCNN.from_file(network_file)
        if precision == "bfloat16":
            musicnn.halve()
        self._network = Tagger(musicnn, [head, detector]).eval().to(device)
        self._info = ModelInfo(
            name=self.name,
            revision=fingerprint_of(*files),
            labels=head.labels,
            device=device.type,
            precision=precision,
            rule=detector.rule,
        )
        self._pool = PatchThreadPool(device, threads=threads, name=self.name)

    @property
    def info(self) -> ModelInfo:
        """What a result says of the model."""
        return self._info

    @property
    def grid(self) -> PatchGrid:
        """Patches of 2.992 s that touch and do not overlap.

        Scoring every second instead of every three costs three times as much; its gain in accuracy is in
        ``weights/musicnn_head.metrics.json``.
        """
        return GRID

    @property
    def batching(self) -> BatchPolicy:
        """A few patches for each core, or a batch that fills a GPU."""
        return self._pool.batching

    def score(self, patches: NDArray[np.float32]) -> NDArray[np.float32]:
        """Score patches of shape (n, grid.input_samples); see `genre_app.models.base.Backend`."""
        return self._pool.run(lambda piece: self._network(self._front_end(piece)), torch.from_numpy(patches)).numpy()

    def log_mel(self, patches: NDArray[np.float32]) -> Tensor:
        """Run the front end alone, for the benchmark: shape (n, 187, 96)."""
        return self._pool.run(self._front_end, torch.from_numpy(patches))

    def score_log_mel(self, log_mel: Tensor) -> Tensor:
        """Run the network and its readers alone on log-mels of shape (n, 187, 96), for the benchmark."""
        return self._pool.run(self._network, log_mel)

"""The embedded default: MusiCNN and YAMNet over the same patches, and the heads that read both."""

from pathlib import Path
from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from genre_app.models.base import BatchPolicy, PatchGrid
from genre_app.models.musicnn.loudness import LoudnessNormalizer
from genre_app.models.musicnn.network import GRID, LogMel, MusiCNN
from genre_app.models.runtime.cpu_pool import PatchThreadPool
from genre_app.models.runtime.fingerprint import fingerprint_of
from genre_app.models.standard.heads import FILES, RULE_FILE, StandardHeads
from genre_app.models.standard.tables import read_rule
from genre_app.models.yamnet.network import Yamnet
from genre_app.results.model_info import ModelInfo, Style
from genre_app.weights import WEIGHTS_FOLDER

_MUSICNN_FILE: Final = "musicnn_msd.safetensors"
_YAMNET_FILE: Final = "yamnet.safetensors"


class TwoNetworks(nn.Module):
    """Waveforms to the columns of the heads, through both networks.

    Parameters
    ----------
    musicnn : MusiCNN
    yamnet : Yamnet
    heads : StandardHeads
    """

    def __init__(self, musicnn: MusiCNN, yamnet: Yamnet, heads: StandardHeads) -> None:
        super().__init__()
        self.loudness = LoudnessNormalizer()
        self.log_mel = LogMel()
        self.musicnn = musicnn
        self.yamnet = yamnet
        self.heads = heads

    def forward(self, waveforms: Tensor) -> Tensor:
        """Turn patches of shape (n, GRID.input_samples) into shape (n, n_columns)."""
        levelled = self.loudness(waveforms)
        tag_logits = self.musicnn(self.log_mel(levelled))
        # YAMNet's frames need no samples before the patch.
        heard = self.yamnet(levelled[:, GRID.lead_samples :])
        columns = self.heads(tag_logits, heard.embeddings, heard.logits)
        return torch.cat([columns.genres, columns.music, columns.tags, columns.styles, columns.sounds], dim=1)


class StandardBackend:
    """MusiCNN and YAMNet in one pass, front ends included, on one device.

    Parameters
    ----------
    device : torch.device
        Where front ends and networks live.
    threads : int
        Cores to use on a CPU.
    precision : {"float32", "bfloat16"}
        In which MusiCNN's front convolutions multiply; YAMNet stays in float32.
    weights : Path
        Folder of the safetensors files and tables.
    """

    name: Final = "standard"

    def __init__(
        self,
        device: torch.device,
        *,
        threads: int = 1,
        precision: str = "float32",
        weights: Path = WEIGHTS_FOLDER,
    ) -> None:
        files = [weights / name for name in (_MUSICNN_FILE, _YAMNET_FILE, *FILES)]
        heads = StandardHeads.from_file(weights)
        musicnn = MusiCNN.from_file(weights / _MUSICNN_FILE)
        if precision == "bfloat16":
            musicnn.halve()
        self._model = TwoNetworks(musicnn, Yamnet.from_file(weights / _YAMNET_FILE), heads).eval().to(device)
        self._info = ModelInfo(
            name=self.name,
            revision=fingerprint_of(*files),
            labels=heads.genre_head.labels,
            device=device.type,
            precision=precision,
            rule=read_rule(weights / RULE_FILE),
            tags=heads.tags.names,
            styles=tuple(Style(group.name, group.outside, group.near) for group in heads.styles.groups),
            sounds=heads.sounds.names,
        )
        self._pool = PatchThreadPool(device, threads=threads, name=self.name)

    @property
    def info(self) -> ModelInfo:
        """What a result says of the model."""
        return self._info

    @property
    def grid(self) -> PatchGrid:
        """Patches of 2.992 s that touch and do not overlap; three YAMNet patches lie in each."""
        return GRID

    @property
    def batching(self) -> BatchPolicy:
        """A few patches for each core, or a batch that fills a GPU."""
        return self._pool.batching

    def score(self, patches: NDArray[np.float32]) -> NDArray[np.float32]:
        """Score patches of shape (n, grid.input_samples); see `genre_app.models.base.Backend`."""
        return self._pool.run(self._model, torch.from_numpy(patches)).numpy()

"""The model ``musicnn``: MusiCNN with its genre head, its music detector and its own tags."""

from collections.abc import Sequence
from pathlib import Path
from typing import Final

import torch
from torch import Tensor, nn

from genre_app.models.musicnn.genre_head import MSD_TAGS, GenreHead
from genre_app.models.musicnn.loudness import LoudnessNormalizer
from genre_app.models.musicnn.music_detector import MusicDetector
from genre_app.models.musicnn.network import GRID, N_PENULTIMATE, LogMel, MusiCNN
from genre_app.models.musicnn.tags_backend import spell
from genre_app.models.runtime.fingerprint import fingerprint_of
from genre_app.models.runtime.patch_backend import PatchBackend
from genre_app.results.model_info import ModelInfo
from genre_app.weights import WEIGHTS_FOLDER

_NETWORK_FILE: Final = "musicnn_msd.safetensors"
_HEAD_FILE: Final = "musicnn_head.safetensors"
_VERDICT_FILE: Final = "musicnn_verdict.safetensors"


class Tagger(nn.Module):
    """MusiCNN, the heads on its tags, the tags, and the layer before them.

    Parameters
    ----------
    musicnn : MusiCNN
        Log-mels to tag logits.
    heads : sequence of Module
        Each turns tag logits of shape (n, 50) into one or more columns.
    """

    def __init__(self, musicnn: MusiCNN, heads: Sequence[nn.Module]) -> None:
        super().__init__()
        self.musicnn = musicnn
        self.heads = nn.ModuleList(heads)

    def forward(self, log_mel: Tensor) -> Tensor:
        """Turn log-mels of shape (n, 187, 96) into the heads' columns, the 50 tag logits and the 200 numbers before."""
        # Their mean over the training data is zero: batch norm is the last that happens to them.
        penultimate = self.musicnn.embed(self.musicnn.pool(log_mel))
        tags = self.musicnn.tags(penultimate)
        return torch.cat([*(head(tags) for head in self.heads), tags, penultimate], dim=1)


class MusicnnBackend(PatchBackend):
    """MusiCNN with the ten-genre head, the music detector and its 50 tags in one pass on one device.

    Patches of 2.992 s do not overlap. A patch every second instead of every three costs three times as much; the gain
    in accuracy is in ``weights/musicnn_head.metrics.json``.

    Parameters
    ----------
    device : torch.device
        Device of front end and network.
    threads : int
        Threads to use on a CPU.
    precision : {"float32", "bfloat16"}
        Number type of the front convolutions' products.
    weights : Path
        Folder of the safetensors files.
    """

    name: Final = "musicnn"
    grid = GRID

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
        musicnn = MusiCNN.from_file(network_file)
        if precision == "bfloat16":
            musicnn.halve()
        info = ModelInfo(
            name=self.name,
            revision=fingerprint_of(*files),
            labels=head.labels,
            device=device.type,
            precision=precision,
            rule=detector.rule,
            tags=tuple(spell(tag) for tag in MSD_TAGS),
            n_dimensions=N_PENULTIMATE,
        )
        super().__init__(
            nn.Sequential(LoudnessNormalizer(), LogMel()),
            Tagger(musicnn, [head, detector]),
            info=info,
            device=device,
            threads=threads,
        )

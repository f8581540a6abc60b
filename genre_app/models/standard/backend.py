"""The embedded default: MusiCNN and YAMNet over the same patches, and the heads on both."""

from pathlib import Path
from typing import Final

import torch
from torch import Tensor, nn

from genre_app.models.musicnn.loudness import LoudnessNormalizer
from genre_app.models.musicnn.network import GRID, LogMel, MusiCNN
from genre_app.models.runtime.fingerprint import fingerprint_of
from genre_app.models.runtime.patch_backend import PatchBackend
from genre_app.models.standard.embedding import N_DIMENSIONS, SoundProjection
from genre_app.models.standard.heads import FILES, RULE_FILE, StandardHeads
from genre_app.models.standard.tables import read_rule
from genre_app.models.yamnet.network import Yamnet
from genre_app.results.model_info import ModelInfo, Style
from genre_app.weights import WEIGHTS_FOLDER

_MUSICNN_FILE: Final = "musicnn_msd.safetensors"
_YAMNET_FILE: Final = "yamnet.safetensors"
_PROJECTION_FILE: Final = "similarity.safetensors"


class TwoNetworks(nn.Module):
    """Levelled waveforms to the columns of the heads, through both networks.

    Parameters
    ----------
    musicnn : MusiCNN
    yamnet : Yamnet
    heads : StandardHeads
    projection : SoundProjection
    """

    def __init__(self, musicnn: MusiCNN, yamnet: Yamnet, heads: StandardHeads, projection: SoundProjection) -> None:
        super().__init__()
        self.log_mel = LogMel()
        self.musicnn = musicnn
        self.yamnet = yamnet
        self.heads = heads
        self.projection = projection

    def forward(self, waveforms: Tensor) -> Tensor:
        """Turn patches of shape (n, GRID.input_samples) at -18 dBFS into shape (n, n_columns)."""
        tag_logits = self.musicnn(self.log_mel(waveforms))
        # YAMNet's frames need no samples before the patch.
        audioset = self.yamnet(waveforms[:, GRID.lead_samples :])
        columns = self.heads(tag_logits, audioset.embeddings, audioset.logits)
        sound = self.projection(tag_logits, columns.embedding)
        return torch.cat([columns.genres, columns.music, columns.tags, columns.styles, columns.sounds, sound], dim=1)


class StandardBackend(PatchBackend):
    """MusiCNN and YAMNet in one pass on one device; three YAMNet patches lie in each patch of 2.992 s.

    Parameters
    ----------
    device : torch.device
        Device of front ends and networks.
    threads : int
        Threads to use on a CPU.
    precision : {"float32", "bfloat16"}
        Number type of the products in MusiCNN's front convolutions; YAMNet stays in float32.
    weights : Path
        Folder of the safetensors files and tables.
    """

    name: Final = "standard"
    grid = GRID

    def __init__(
        self,
        device: torch.device,
        *,
        threads: int = 1,
        precision: str = "float32",
        weights: Path = WEIGHTS_FOLDER,
    ) -> None:
        files = [weights / name for name in (_MUSICNN_FILE, _YAMNET_FILE, _PROJECTION_FILE, *FILES)]
        heads = StandardHeads.from_file(weights)
        musicnn = MusiCNN.from_file(weights / _MUSICNN_FILE)
        if precision == "bfloat16":
            musicnn.halve()
        info = ModelInfo(
            name=self.name,
            revision=fingerprint_of(*files),
            labels=heads.genre_head.labels,
            device=device.type,
            precision=precision,
            rule=read_rule(weights / RULE_FILE),
            tags=heads.tags.names,
            styles=tuple(Style(group.name, group.outside, group.near) for group in heads.styles.groups),
            sounds=heads.sounds.names,
            n_dimensions=N_DIMENSIONS,
        )
        projection = SoundProjection.from_file(weights / _PROJECTION_FILE)
        networks = TwoNetworks(musicnn, Yamnet.from_file(weights / _YAMNET_FILE), heads, projection)
        super().__init__(LoudnessNormalizer(), networks, info=info, device=device, threads=threads)

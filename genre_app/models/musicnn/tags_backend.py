"""The model ``tags``: what both MusiCNNs hear, without a genre head.

One network learned the tags of the Million Song Dataset (genres, moods, decades), the other those of MagnaTagATune
(instruments, voices, tempo, loudness). They share one front end.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from genre_app.models.base import BatchPolicy, PatchGrid
from genre_app.models.huggingface.label_mapping import app_spelling
from genre_app.models.musicnn.genre_head import MSD_TAGS
from genre_app.models.musicnn.loudness import LoudnessNormalizer
from genre_app.models.musicnn.network import GRID, LogMel, MusiCNN
from genre_app.models.runtime.cpu_pool import PatchThreadPool
from genre_app.models.runtime.fingerprint import fingerprint_of
from genre_app.results.model_info import ModelInfo
from genre_app.weights import WEIGHTS_FOLDER

#: The tags of MusiCNN trained on MagnaTagATune, in output order.
MTT_TAGS: Final[tuple[str, ...]] = (
    *("guitar", "classical", "slow", "techno", "strings", "drums", "electronic", "rock", "fast", "piano", "ambient"),
    *("beat", "violin", "vocal", "synth", "female", "indian", "opera", "male", "singing", "vocals", "no vocals"),
    *("harpsichord", "loud", "quiet", "flute", "woman", "male vocal", "no vocal", "pop", "soft", "sitar", "solo"),
    *("man", "classic", "choir", "voice", "new age", "dance", "male voice", "female vocal", "beats", "harp", "cello"),
    *("no voice", "weird", "country", "metal", "female voice", "choral"),
)
_FILES: Final = ("musicnn_msd.safetensors", "musicnn_mtt.safetensors")


def spell(tag: str) -> str:
    """Return a tag in small letters; one of the app's genres in the app's spelling."""
    return app_spelling(tag).lower()


class TagUnion(nn.Module):
    """Several networks on one log-mel; where they know the same tag, the mean of their logits counts.

    Parameters
    ----------
    networks : sequence of Module
        Log-mels to tag logits.
    vocabularies : sequence of sequence of str
        Each network's tags in output order.
    """

    def __init__(self, networks: Sequence[nn.Module], vocabularies: Sequence[Sequence[str]]) -> None:
        super().__init__()
        self.networks = nn.ModuleList(networks)
        tags = [spell(tag) for vocabulary in vocabularies for tag in vocabulary]
        #: Each tag once, in the order in which the networks name them.
        self.tags = tuple(dict.fromkeys(tags))
        of_tag = torch.tensor([[tag == ours for tag in tags] for ours in self.tags], dtype=torch.float32)
        self.register_buffer("mean", (of_tag / of_tag.sum(dim=1, keepdim=True)).T, persistent=False)

    def forward(self, log_mel: Tensor) -> Tensor:
        """Turn log-mels of shape (n, 187, 96) into tag logits of shape (n, len(tags))."""
        logits = torch.cat([network(log_mel) for network in self.networks], dim=1)
        return logits @ self.get_buffer("mean")


class MusicnnTagsBackend:
    """The tags of both MusiCNNs, front end included, on one device.

    Each tag stands alone: its score is its sigmoid. The decision rule is the contract's default, which nobody has
    validated for tags; they do not tell music from other sound.

    Every patch is brought to one level, as for the model ``musicnn`` and unlike in the original, so that a recording
    has the same tags however loud it was made. On seven real recordings 12 dB less moved a tag's score by up to 0.29,
    and 30 dB less turned metal (0.78) into rock (0.18). The price: "loud", "quiet" and "soft" judge timbre alone, and
    a quiet orchestral piece lost 0.21 of its "classical". See ``weights/musicnn_mtt.md``.

    Parameters
    ----------
    device : torch.device
        Where front end and networks live.
    threads : int
        PatchThreadPool to use on a CPU.
    precision : {"float32", "bfloat16"}
        In which the front convolutions multiply.
    weights : Path
        Folder of the safetensors files.
    """

    name: Final = "tags"

    def __init__(
        self,
        device: torch.device,
        *,
        threads: int = 1,
        precision: str = "float32",
        weights: Path = WEIGHTS_FOLDER,
    ) -> None:
        files = [weights / name for name in _FILES]
        networks = [MusiCNN.from_file(file) for file in files]
        if precision == "bfloat16":
            for network in networks:
                network.halve()
        union = TagUnion(networks, (MSD_TAGS, MTT_TAGS))
        self._model = nn.Sequential(LoudnessNormalizer(), LogMel(), union).eval().to(device)
        self._info = ModelInfo(
            name=self.name,
            revision=fingerprint_of(*files),
            labels=union.tags,
            device=device.type,
            precision=precision,
            activation="sigmoid",
        )
        self._pool = PatchThreadPool(device, threads=threads, name=self.name)

    @property
    def info(self) -> ModelInfo:
        """What a result says of the model."""
        return self._info

    @property
    def grid(self) -> PatchGrid:
        """Patches of 2.992 s that touch and do not overlap."""
        return GRID

    @property
    def batching(self) -> BatchPolicy:
        """A few patches for each core, or a batch that fills a GPU."""
        return self._pool.batching

    def score(self, patches: NDArray[np.float32]) -> NDArray[np.float32]:
        """Score patches of shape (n, grid.input_samples); see `genre_app.models.base.Backend`."""
        return self._pool.run(self._model, torch.from_numpy(patches)).numpy()

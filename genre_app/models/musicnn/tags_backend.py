"""The model ``tags``: the tags of two MusiCNNs, without a genre head.

One network was trained on the Million Song Dataset (genres, moods, decades), the other on MagnaTagATune (instruments,
voices, tempo, loudness). They share a front end.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Final

import torch
from torch import Tensor, nn

from genre_app.models.huggingface.label_mapping import app_spelling
from genre_app.models.musicnn.genre_head import MSD_TAGS
from genre_app.models.musicnn.loudness import LoudnessNormalizer
from genre_app.models.musicnn.network import GRID, LogMel, MusiCNN
from genre_app.models.runtime.fingerprint import fingerprint_of
from genre_app.models.runtime.patch_backend import PatchBackend
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
    """Return a tag in lower case; the app's genres in the app's spelling."""
    return app_spelling(tag).lower()


class TagUnion(nn.Module):
    """Several tagging networks on one log-mel; the logits of tags that they share are averaged.

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
        #: Distinct tags, in the networks' order.
        self.tags = tuple(dict.fromkeys(tags))
        of_tag = torch.tensor([[tag == ours for tag in tags] for ours in self.tags], dtype=torch.float32)
        self.register_buffer("mean", (of_tag / of_tag.sum(dim=1, keepdim=True)).T, persistent=False)

    def forward(self, log_mel: Tensor) -> Tensor:
        """Turn log-mels of shape (n, 187, 96) into tag logits of shape (n, len(tags))."""
        logits = torch.cat([network(log_mel) for network in self.networks], dim=1)
        return logits @ self.get_buffer("mean")


class MusicnnTagsBackend(PatchBackend):
    """The tags of both MusiCNNs on one device, on patches of 2.992 s without overlap.

    Tags are independent: a tag's score is the sigmoid of its logit. The decision rule is the default, which is not
    validated for tags, and the model does not detect music.

    The level of patches is normalised, as in the model ``musicnn`` and unlike the original, so that a recording has the
    same tags at any level. Without that, on seven real recordings, attenuation by 12 dB moved a tag's score by up to
    0.29, and by 30 dB turned metal (0.78) into rock (0.18). In return, "loud", "quiet" and "soft" depend on timbre
    alone, and a quiet orchestral piece lost 0.21 of its "classical". See ``weights/musicnn_mtt.md``.

    The parameters are those of `genre_app.models.musicnn.backend.MusicnnBackend`.
    """

    name: Final = "tags"
    grid = GRID

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
        info = ModelInfo(
            name=self.name,
            revision=fingerprint_of(*files),
            labels=union.tags,
            device=device.type,
            precision=precision,
            activation="sigmoid",
        )
        front_end = nn.Sequential(LoudnessNormalizer(), LogMel())
        super().__init__(front_end, union, info=info, device=device, threads=threads)

"""Clips as what the two networks made of each patch, out of the files that hold real audio's features."""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray

from genre_app.models.standard.heads import StandardHeads, sounding_weight
from genre_app.models.yamnet.network import Yamnet

#: How many YAMNet patches begin in a patch of 2.992 s, and how long both are.
_PARTS: Final = 3
_PATCH_S: Final = 2.992
_PART_S: Final = 0.96


@dataclass(frozen=True, slots=True)
class PatchClips:
    """n clips, each of some patches of 2.992 s.

    Attributes
    ----------
    tags : list of ndarray, shape (n_patches, 50)
        MusiCNN's tag logits, for each clip.
    parts : list of ndarray, shape (n_patches, 3, 1024)
        Embeddings of the YAMNet patches inside.
    seconds : ndarray, shape (n,)
    """

    tags: list[NDArray[np.float32]]
    parts: list[NDArray[np.float32]]
    seconds: NDArray[np.float64]

    def chosen(self, which: NDArray[np.bool_]) -> "PatchClips":
        """Return some of the clips; ``which`` has shape (n,)."""
        places = np.flatnonzero(which)
        return PatchClips([self.tags[i] for i in places], [self.parts[i] for i in places], self.seconds[places])

    def mean_tags(self) -> NDArray[np.float64]:
        """Return the mean tag logits of each clip, shape (n, 50)."""
        return np.stack([one.mean(axis=0, dtype=np.float64) for one in self.tags])

    def mean_embedding(self, network: Yamnet) -> NDArray[np.float64]:
        """Return the mean embedding of each clip, in which silent parts count little; shape (n, 1024)."""
        means = []
        with torch.inference_mode():
            for parts in self.parts:
                embeddings = torch.from_numpy(parts)
                weighted = (embeddings * sounding_weight(network.classify(embeddings))).sum(dim=1)
                means.append(weighted.double().mean(dim=0).numpy())
        return np.stack(means)

    def columns(self, heads: StandardHeads, network: Yamnet) -> dict[str, NDArray[np.float64]]:
        """Run the heads; for each kind of column the mean over each clip's patches, shape (n, n_columns)."""
        rows = []
        with torch.inference_mode():
            for tags, parts in zip(self.tags, self.parts, strict=True):
                embeddings = torch.from_numpy(parts)
                columns = heads(torch.from_numpy(tags), embeddings, network.classify(embeddings))
                rows.append({name: one.double().mean(dim=0).numpy() for name, one in columns._asdict().items()})
        return {name: np.stack([row[name] for row in rows]) for name in rows[0]}


def read_patch_clips(path: Path) -> PatchClips:
    """Read a file with the arrays that ``../shared/yamnet/README.md`` describes."""
    with np.load(path, allow_pickle=False) as stored:
        n_clips = len(stored["clip"])
        tags = stored["musicnn_tag_logits_levelled"].astype(np.float32)
        tag_clip = stored["musicnn_clip_index"].astype(np.int64)
        embedding = stored["yamnet_embedding_levelled"].astype(np.float32)
        embedding_clip = stored["yamnet_clip_index"].astype(np.int64)
    by_clip = [(tags[tag_clip == index], embedding[embedding_clip == index]) for index in range(n_clips)]
    return PatchClips(
        tags=[some for some, _ in by_clip],
        parts=[embeddings[_places(len(some), len(embeddings))] for some, embeddings in by_clip],
        seconds=np.array([_PART_S * len(embeddings) for _, embeddings in by_clip]),
    )


def _places(n_patches: int, n_parts: int) -> NDArray[np.int64]:
    """Return which YAMNet patches lie in each patch, by time; shape (n_patches, 3)."""
    first = np.round(np.arange(n_patches) * _PATCH_S / _PART_S).astype(np.int64)
    first = np.minimum(first, max(n_parts - _PARTS, 0))
    places: NDArray[np.int64] = np.minimum(first[:, None] + np.arange(_PARTS), n_parts - 1)
    return places

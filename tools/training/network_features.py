"""What the two networks of the standard model make of audio: the features that its heads read."""

from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from genre_app.inference.framing import PatchCutter
from genre_app.models.musicnn.loudness import LoudnessNormalizer
from genre_app.models.musicnn.network import GRID, LogMel, MusiCNN
from genre_app.models.yamnet.network import Yamnet

#: Patches at once; more are slower on a CPU.
_BATCH = 2


class PatchFeatures(NamedTuple):
    """Features of n patches of 2.992 s.

    Attributes
    ----------
    tags : ndarray, shape (n, 50)
    embeddings : ndarray, shape (n, 3, 1024)
    classes : ndarray, shape (n, 3, 521)
    level : ndarray, shape (n,)
        Root mean square before levelling.
    """

    tags: NDArray[np.float32]
    embeddings: NDArray[np.float32]
    classes: NDArray[np.float32]
    level: NDArray[np.float32]


class TwoNetworks:
    """MusiCNN and YAMNet with their front ends.

    Parameters
    ----------
    weights : Path
        Folder of the app's weights.
    """

    def __init__(self, weights: Path) -> None:
        self._leveller = LoudnessNormalizer()
        self._musicnn = nn.Sequential(LogMel(), MusiCNN.from_file(weights / "musicnn_msd.safetensors")).eval()
        self.yamnet = Yamnet.from_file(weights / "yamnet.safetensors")

    def features(self, audio: NDArray[np.float32]) -> PatchFeatures:
        """Compute the features of mono audio at 16 kHz."""
        patches = torch.from_numpy(np.stack(list(PatchCutter(GRID).cut([audio]))))
        level = patches.std(dim=1, correction=0).numpy()
        batches = []
        with torch.inference_mode():
            for batch in self._leveller(patches).split(_BATCH):
                # MusiCNN's context before the patch is not YAMNet's.
                outputs = self.yamnet(batch[:, GRID.lead_samples :])
                batches.append((self._musicnn(batch), outputs.embeddings, outputs.logits))
        tags, embeddings, classes = (torch.cat(column).numpy() for column in zip(*batches, strict=True))
        return PatchFeatures(tags, embeddings, classes, level)

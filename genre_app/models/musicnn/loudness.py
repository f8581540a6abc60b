"""Bring every patch to one level before the network hears it."""

from typing import Final

import torch
from torch import Tensor, nn

#: Root mean square of GTZAN's clips in the median, on which the heads were trained: -18 dB below full scale.
_TARGET_RMS: Final = 10 ** (-18 / 20)
#: What is quieter than the target by more than 30 dB stays quiet: silence must not become noise.
_MOST_GAIN: Final = 10 ** (30 / 20)


class LoudnessNormalizer(nn.Module):
    """Scale each patch to a root mean square of -18 dBFS, with at most 30 dB of gain.

    MusiCNN's log-mel keeps the absolute level, and its tags move with it: 12 dB less moved the top score of real
    recordings by 0.1 and made metal sound like noise to the music detector.
    """

    def forward(self, patches: Tensor) -> Tensor:
        """Scale waveforms of shape (n, n_samples)."""
        # The standard deviation is the level without a constant offset, which nobody hears.
        rms = patches.std(dim=1, keepdim=True, correction=0)
        gain = torch.clamp(_TARGET_RMS / torch.clamp(rms, min=1e-9), max=_MOST_GAIN)
        return patches * gain

"""YAMNet in PyTorch: MobileNet v1 on log-mel patches of 0.96 s, with its front end.

Hershey et al., "CNN architectures for large-scale audio classification" (ICASSP 2017); Gemmeke et al., "Audio Set: an
ontology and human-labeled dataset for audio events" (ICASSP 2017); Howard et al., "MobileNets" (arXiv 1704.04861). The
weights are Google's (Apache-2.0) with batch norm folded in, in 8 bits, converted by `tools.training.convert_yamnet`.
"""

import math
from pathlib import Path
from typing import Final, NamedTuple

import torch
from safetensors.torch import load_file
from torch import Tensor, nn
from torch.nn import functional

from genre_app.models.yamnet.classes import AUDIOSET_CLASSES

SAMPLE_RATE_HZ: Final = 16_000
FRAME_SAMPLES: Final = 400  # 25 ms
HOP_SAMPLES: Final = 160  # 10 ms
N_FFT: Final = 512
N_MELS: Final = 64
PATCH_FRAMES: Final = 96
PATCH_HOP_SAMPLES: Final = PATCH_FRAMES * HOP_SAMPLES  # 15,360 samples, 0.96 s: patches touch
#: How far the last frame of a patch reaches into the next patch.
OVERHANG_SAMPLES: Final = FRAME_SAMPLES - HOP_SAMPLES
PATCH_SAMPLES: Final = PATCH_HOP_SAMPLES + OVERHANG_SAMPLES  # 15,600
N_EMBEDDING: Final = 1024
N_CLASSES: Final = len(AUDIOSET_CLASSES)

_MEL_LOW_HZ: Final = 125.0
_MEL_HIGH_HZ: Final = 7_500.0
_LOG_OFFSET: Final = 1e-3
_N_FIRST: Final = 32
#: Output channels and stride of each block.
_BLOCKS: Final = (
    *((64, 1), (128, 2), (128, 1), (256, 2), (256, 1), (512, 2)),
    *((512, 1), (512, 1), (512, 1), (512, 1), (512, 1)),
    *((N_EMBEDDING, 2), (N_EMBEDDING, 1)),
)


def count_patches(n_samples: int) -> int:
    """Count the patches, side by side, that fit into a waveform: three in the 47,872 samples of a MusiCNN patch."""
    return max(0, n_samples - OVERHANG_SAMPLES) // PATCH_HOP_SAMPLES


def mel_weights() -> Tensor:
    """Return the mel filters, shape (N_FFT // 2 + 1, N_MELS): triangles on the HTK mel scale that peak at one.

    Unlike torchaudio's, whose triangles are straight in hertz, they are straight in mel, as TensorFlow's
    ``linear_to_mel_weight_matrix`` has them.
    """
    low_mel, high_mel = (1127.0 * math.log1p(hz / 700.0) for hz in (_MEL_LOW_HZ, _MEL_HIGH_HZ))
    edges = torch.linspace(low_mel, high_mel, N_MELS + 2, dtype=torch.float64)
    bins_hz = torch.linspace(0.0, SAMPLE_RATE_HZ / 2, N_FFT // 2 + 1, dtype=torch.float64)
    # Bin 0 lies below the lowest edge; it needs no exception.
    bins = (1127.0 * torch.log1p(bins_hz / 700.0))[:, None]
    rising = (bins - edges[:-2]) / (edges[1:-1] - edges[:-2])
    falling = (edges[2:] - bins) / (edges[2:] - edges[1:-1])
    return torch.minimum(rising, falling).clamp(min=0.0).float()


class LogMel(nn.Module):
    """Log mel spectrogram: ``log(mel + 0.001)`` of the magnitude, 64 HTK bands from 125 to 7,500 Hz."""

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("window", torch.hann_window(FRAME_SAMPLES, periodic=True), persistent=False)
        self.register_buffer("mel", mel_weights(), persistent=False)

    def forward(self, waveforms: Tensor) -> Tensor:
        """Turn waveforms of shape (n, n_samples), at least one frame long, into shape (n, n_frames, N_MELS).

        Frames lie inside the waveform; what is left over at its end is dropped.
        """
        frames = waveforms.unfold(1, FRAME_SAMPLES, HOP_SAMPLES) * self.get_buffer("window")
        magnitude = torch.fft.rfft(frames, n=N_FFT).abs()
        return torch.log(magnitude @ self.get_buffer("mel") + _LOG_OFFSET)


def pad_end(features: Tensor) -> Tensor:
    """Pad the last two axes by one at their end: TensorFlow's "same" for a kernel of 3, stride 2 and an even length.

    PyTorch's ``padding=1`` pads both ends and so moves every output by one input.
    """
    return functional.pad(features, (0, 1, 0, 1))


class Separable(nn.Module):
    """A depthwise 3x3 convolution and a pointwise one, each followed by ReLU.

    Channels lie last in memory, where the pointwise one is a linear layer: on one core the network then takes 7 ms for
    three patches, 8 ms with ``Conv2d``, and 13 ms in PyTorch's usual order.
    """

    def __init__(self, n_in: int, n_out: int, stride: int) -> None:
        super().__init__()
        self.shrinks = stride > 1
        self.depthwise = nn.Conv2d(n_in, n_in, 3, stride, padding=0 if self.shrinks else 1, groups=n_in)
        self.pointwise = nn.Linear(n_in, n_out)

    def forward(self, features: Tensor) -> Tensor:
        """Turn (n, n_in, time, frequency) into (n, n_out, time / stride, frequency / stride), channels last."""
        filtered: Tensor = self.depthwise(pad_end(features) if self.shrinks else features).relu_()
        mixed: Tensor = self.pointwise(filtered.permute(0, 2, 3, 1)).relu_()
        return mixed.permute(0, 3, 1, 2)


def dequantise(stored: dict[str, Tensor]) -> dict[str, Tensor]:
    """Turn the 8-bit weights of a file into float32.

    Parameters
    ----------
    stored : dict of str to Tensor
        For each layer an int8 ``weight`` of shape (n_out, ...), a ``scale`` of shape (n_out,) and a ``bias``.

    Returns
    -------
    dict of str to Tensor
        Weights times scales, and the biases.

    Raises
    ------
    KeyError
        If a layer lacks its weight or its scale.
    """
    state = dict(stored)
    for layer in [name.removesuffix(".bias") for name in stored if name.endswith(".bias")]:
        weight, scale = state[f"{layer}.weight"], state.pop(f"{layer}.scale")
        state[f"{layer}.weight"] = weight.float() * scale.view(-1, *[1] * (weight.ndim - 1))
    return state


class YamnetOutput(NamedTuple):
    """What the network says of waveforms.

    Attributes
    ----------
    embeddings : Tensor, shape (n, n_patches, N_EMBEDDING)
        The last layer's input.
    logits : Tensor, shape (n, n_patches, N_CLASSES)
        One for each of `AUDIOSET_CLASSES`; each class stands alone, so its score is its sigmoid.
    """

    embeddings: Tensor
    logits: Tensor


class Yamnet(nn.Module):
    """The tagging network, front end included."""

    def __init__(self) -> None:
        super().__init__()
        self.log_mel = LogMel()
        self.first = nn.Conv2d(1, _N_FIRST, 3, stride=2)
        n_channels = (_N_FIRST, *(n_out for n_out, _ in _BLOCKS))
        self.blocks = nn.Sequential(
            *(Separable(n_in, n_out, stride) for n_in, (n_out, stride) in zip(n_channels, _BLOCKS, strict=False))
        )
        self.classifier = nn.Linear(N_EMBEDDING, N_CLASSES)

    @classmethod
    def from_file(cls, path: Path) -> "Yamnet":
        """Load converted weights; the network computes in float32 and is ready for inference.

        Raises
        ------
        ValueError
            If the file holds other weights.
        """
        network = cls()
        try:
            network.load_state_dict(dequantise(load_file(path)))
        except (KeyError, RuntimeError) as error:
            raise ValueError(f"{path.name} does not hold YAMNet's weights") from error
        return network.eval().requires_grad_(requires_grad=False)

    def forward(self, waveforms: Tensor) -> YamnetOutput:
        """Classify the patches that lie side by side from the start of each waveform.

        Parameters
        ----------
        waveforms : Tensor, shape (n, n_samples)
            Mono at `SAMPLE_RATE_HZ`, full scale ±1, brought to -18 dBFS: below about -40 dBFS the logarithm's offset
            drowns the sound.

        Returns
        -------
        YamnetOutput
            ``n_patches`` is ``count_patches(n_samples)``.

        Raises
        ------
        ValueError
            If the waveforms are shorter than one patch.
        """
        n_patches = count_patches(waveforms.shape[1])
        if n_patches == 0:
            raise ValueError(f"YAMNet needs {PATCH_SAMPLES} samples at least, not {waveforms.shape[1]}")
        covered = waveforms[:, : n_patches * PATCH_HOP_SAMPLES + OVERHANG_SAMPLES]
        patches = self.log_mel(covered).reshape(-1, PATCH_FRAMES, N_MELS)
        embeddings = self.embed(patches).reshape(-1, n_patches, N_EMBEDDING)
        return YamnetOutput(embeddings, self.classify(embeddings))

    def embed(self, log_mel: Tensor) -> Tensor:
        """Turn log-mels of shape (n, PATCH_FRAMES, N_MELS) into embeddings of shape (n, N_EMBEDDING)."""
        features: Tensor = self.first(pad_end(log_mel.unsqueeze(1))).relu_()
        features = self.blocks(features.contiguous(memory_format=torch.channels_last))
        return features.mean(dim=(2, 3))

    def classify(self, embeddings: Tensor) -> Tensor:
        """Turn embeddings of shape (..., N_EMBEDDING) into logits of shape (..., N_CLASSES)."""
        logits: Tensor = self.classifier(embeddings)
        return logits

"""MusiCNN in PyTorch: the network of Pons & Serra (2019) with its log-mel front end.

Pons et al., "End-to-end learning for music audio tagging at scale" (ISMIR 2018); Pons & Serra, "musicnn: pre-trained
convolutional neural networks for music audio tagging" (LBD-ISMIR 2019). The weights are those of the ``musicnn`` wheel
(ISC), converted by `tools.training.convert_musicnn`.
"""

from pathlib import Path
from typing import Final

import torch
from safetensors.torch import load_file
from torch import Tensor, nn
from torch.nn import functional

from genre_app.models.base import PatchGrid
from genre_app.models.runtime.mel import mel_power

SAMPLE_RATE_HZ: Final = 16_000
N_FFT: Final = 512
HOP_SAMPLES: Final = 256  # 16 ms a frame
N_MELS: Final = 96
PATCH_FRAMES: Final = 187
PATCH_SAMPLES: Final = PATCH_FRAMES * HOP_SAMPLES  # 47,872 samples, 2.992 s
N_TAGS: Final = 50

#: Frames are centred: the first begins half a transform before the patch, and the last one ends with it.
GRID: Final = PatchGrid(SAMPLE_RATE_HZ, PATCH_SAMPLES, hop_samples=PATCH_SAMPLES, lead_samples=N_FFT // 2)

_BATCH_NORM_EPS: Final = 1e-3
_N_TIMBRAL: Final = 204
_N_TEMPORAL: Final = 51
_N_MID: Final = 64
_N_FRONT: Final = 2 * _N_TIMBRAL + 3 * _N_TEMPORAL
_N_POOLED: Final = 2 * (_N_FRONT + 3 * _N_MID)  # max and mean of each feature
N_PENULTIMATE: Final = 200


class LogMel(nn.Module):
    """Log-compressed mel power spectrogram: ``log10(1 + 10000 * mel)``, 96 Slaney bands to 8 kHz."""

    def __init__(self) -> None:
        super().__init__()
        self.mel = mel_power(SAMPLE_RATE_HZ, n_fft=N_FFT, hop_samples=HOP_SAMPLES, n_mels=N_MELS)

    def forward(self, patches: Tensor) -> Tensor:
        """Turn waveforms of shape (n, GRID.input_samples) into log-mels of shape (n, PATCH_FRAMES, N_MELS)."""
        mel: Tensor = self.mel(patches)
        return torch.log10(1.0 + 10_000.0 * mel).transpose(1, 2)


class _Convolution(nn.Module):
    """Parameters of a convolution and of the batch norm that follows its ReLU, as in the original."""

    def __init__(self, n_in: int, n_out: int, kernel: tuple[int, int]) -> None:
        super().__init__()
        self.conv = nn.Conv2d(n_in, n_out, kernel)
        self.norm = nn.BatchNorm2d(n_out, eps=_BATCH_NORM_EPS)


class FrontConvolution(_Convolution):
    """A convolution over time and frequency, followed by the maximum over frequency.

    The original takes the maximum last: ``max(norm(relu(conv)))``. ReLU and a batch norm with a positive gain are
    increasing, so the maximum can come first; with a negative gain the *minimum* is needed, which is the maximum of the
    negated convolution. With the signs folded into the kernel, the large (frequency-wide) tensor is read only once. The
    rewrite is exact.
    """

    def __init__(self, n_out: int, kernel: tuple[int, int]) -> None:
        super().__init__(1, n_out, kernel)
        n_frames = kernel[0]
        #: TensorFlow's "same" padding of time: (k - 1) // 2 before and k // 2 after.
        self.padding = (0, 0, (n_frames - 1) // 2, n_frames // 2)
        self.register_buffer("sign", torch.ones(n_out, 1), persistent=False)
        self.register_buffer("half_kernel", None, persistent=False)

    def fold_signs(self) -> None:
        """Negate the kernels of channels with a negative gain; call once, after loading the weights."""
        sign = torch.where(self.norm.weight < 0, -1.0, 1.0)
        self.conv.weight.data.mul_(sign[:, None, None, None])
        assert self.conv.bias is not None
        self.conv.bias.data.mul_(sign)
        self.get_buffer("sign").copy_(sign[:, None])

    def halve(self) -> None:
        """Switch to products in bfloat16, summed in float32; call after `fold_signs`."""
        # Rows in the order of `_peak_in_half`'s columns: frequency, then time.
        kernel = self.conv.weight.squeeze(1).permute(2, 1, 0).flatten(0, 1)
        self.register_buffer("half_kernel", kernel.bfloat16().contiguous(), persistent=False)

    def forward(self, log_mel: Tensor) -> Tensor:
        """Turn (n, 1, time, frequency) into (n, n_out, time)."""
        padded = functional.pad(log_mel, self.padding)
        peak = self.conv(padded).amax(dim=3) if self.half_kernel is None else self._peak_in_half(padded.squeeze(1))
        activated = functional.relu(peak * self.get_buffer("sign"))
        normed: Tensor = self.norm(activated.unsqueeze(3))
        return normed.squeeze(3)

    def _peak_in_half(self, padded: Tensor) -> Tensor:
        """Convolve as one matrix product, the fastest way on processors with bfloat16 tiles, and take the maximum.

        Copies of the spectrogram, shifted by each frame of the kernel, are interleaved so that the inputs of each
        output are contiguous and the matrix of all inputs is a view.
        """
        n_frames, n_bands = self.conv.kernel_size
        shifted = padded.bfloat16().unfold(1, n_frames, 1).contiguous()
        n, time, frequency, _ = shifted.shape
        n_positions = frequency - n_bands + 1
        inputs = shifted.as_strided(
            (n, time, n_positions, n_bands * n_frames),
            (time * frequency * n_frames, frequency * n_frames, n_frames, 1),
        )
        outputs = inputs.flatten(0, 2) @ self.get_buffer("half_kernel")
        peak = outputs.view(n, time, n_positions, -1).amax(dim=2).float().transpose(1, 2)
        assert self.conv.bias is not None
        return peak + self.conv.bias[:, None]


class MidConvolution(_Convolution):
    """A convolution over 7 frames and all features."""

    def __init__(self, n_features: int) -> None:
        super().__init__(1, _N_MID, (7, n_features))

    def forward(self, features: Tensor) -> Tensor:
        """Turn (n, n_features, time) into (n, 64, time)."""
        kernel = self.conv.weight.squeeze(1).transpose(1, 2)
        activated = functional.relu(functional.conv1d(features, kernel, self.conv.bias, padding=3))
        normed: Tensor = self.norm(activated.unsqueeze(3))
        return normed.squeeze(3)


class MusiCNN(nn.Module):
    """The tagging network: log-mel patches to the logits of 50 tags."""

    def __init__(self) -> None:
        super().__init__()
        self.input_norm = nn.BatchNorm2d(1, eps=_BATCH_NORM_EPS)
        self.timbral_low = FrontConvolution(_N_TIMBRAL, (7, 38))
        self.timbral_high = FrontConvolution(_N_TIMBRAL, (7, 67))
        self.temporal_long = FrontConvolution(_N_TEMPORAL, (128, 1))
        self.temporal_middle = FrontConvolution(_N_TEMPORAL, (64, 1))
        self.temporal_short = FrontConvolution(_N_TEMPORAL, (32, 1))
        self.mid_1 = MidConvolution(_N_FRONT)
        self.mid_2 = MidConvolution(_N_MID)
        self.mid_3 = MidConvolution(_N_MID)
        self.pooled_norm = nn.BatchNorm1d(_N_POOLED, eps=_BATCH_NORM_EPS)
        self.penultimate = nn.Linear(_N_POOLED, N_PENULTIMATE)
        self.penultimate_norm = nn.BatchNorm1d(N_PENULTIMATE, eps=_BATCH_NORM_EPS)
        self.tags = nn.Linear(N_PENULTIMATE, N_TAGS)

    @classmethod
    def from_file(cls, path: Path) -> "MusiCNN":
        """Load converted weights, for inference."""
        network = cls()
        # Batch norm's step counter is not in the checkpoint.
        missing = network.load_state_dict(load_file(path), strict=False)
        if missing.unexpected_keys or any("num_batches" not in key for key in missing.missing_keys):
            raise ValueError(f"{path.name} does not hold MusiCNN's weights: {missing}")
        for front in network.front:
            front.fold_signs()
        return network.eval().requires_grad_(requires_grad=False)

    def halve(self) -> None:
        """Compute the slowest branches' products in bfloat16; tag logits move by about 0.015 (root mean square)."""
        for branch in (self.timbral_low, self.timbral_high):
            branch.halve()

    @property
    def front(self) -> tuple[FrontConvolution, ...]:
        """The front end's branches, in the order of their features."""
        return (
            self.timbral_low,
            self.timbral_high,
            self.temporal_long,
            self.temporal_middle,
            self.temporal_short,
        )

    def forward(self, log_mel: Tensor) -> Tensor:
        """Turn log-mels of shape (n, PATCH_FRAMES, N_MELS) into tag logits of shape (n, N_TAGS)."""
        logits: Tensor = self.tags(self.embed(self.pool(log_mel)))
        return logits

    def pool(self, log_mel: Tensor) -> Tensor:
        """Return each feature's maximum and mean over time, interleaved: shape (n, 1506)."""
        spectrogram = self.input_norm(log_mel.unsqueeze(1))
        front = torch.cat([branch(spectrogram) for branch in self.front], dim=1)
        mid_1 = self.mid_1(front)
        mid_2 = mid_1 + self.mid_2(mid_1)
        mid_3 = mid_2 + self.mid_3(mid_2)
        features = torch.cat([front, mid_1, mid_2, mid_3], dim=1)
        return torch.stack([features.amax(dim=2), features.mean(dim=2)], dim=2).flatten(1)

    def embed(self, pooled: Tensor) -> Tensor:
        """Turn pooled features of shape (n, 1506) into those of the penultimate layer, shape (n, 200)."""
        embedding: Tensor = self.penultimate_norm(functional.relu(self.penultimate(self.pooled_norm(pooled))))
        return embedding

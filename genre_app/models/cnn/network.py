"""Our own small convolutional network from log-mels to genres, and its front end.

The front end reproduces the training data (``../shared/gtzan/log_mel.npz``): librosa spectrograms thinned in time to a
frame every 41.5 ms, in dB below the loudest cell. Trained by `tools.training.train_cnn`.
"""

from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

import torch
from safetensors.torch import save
from torch import Tensor, nn
from torch.nn import functional

from genre_app.models.base import PatchGrid
from genre_app.models.runtime.mel import mel_power
from genre_app.models.runtime.weight_file import header, read_weights
from genre_app.results.model_info import DecisionRule

SAMPLE_RATE_HZ: Final = 22_050
N_FFT: Final = 2048
N_MELS: Final = 128
#: The training spectrograms hold 723 of a 30 s clip's 1293 frames of 512 samples: 915.65 samples, 41.5 ms, a frame.
HOP_SAMPLES: Final = 916
PATCH_FRAMES: Final = 241  # a third of a clip, 10.0 s
#: Frames are centred: the first begins half a transform before the patch, and the last one ends with it.
PATCH_SAMPLES: Final = (PATCH_FRAMES - 1) * HOP_SAMPLES + N_FFT // 2
GRID: Final = PatchGrid(SAMPLE_RATE_HZ, PATCH_SAMPLES, hop_samples=PATCH_SAMPLES // 2, lead_samples=N_FFT // 2)

#: Floor below the patch's loudest cell. The training clips have theirs 80 dB below the *clip's* loudest cell, which is
#: nearly always less than 10 dB above that of a patch.
RANGE_DB: Final = 70.0
_SILENCE: Final = 1e-10
_CENTRE_DB: Final = -42.0
_SCALE_DB: Final = 15.4
_CHANNELS: Final = (16, 32, 64, 128, 128)
_N_FEATURES: Final = 192
EMBEDDING_SIZE: Final = 2 * _N_FEATURES
_HEADER_KEY: Final = "cnn"


def relative_db(db: Tensor) -> Tensor:
    """Return levels below the patch's loudest cell, from -RANGE_DB to 0; ``db`` is (n, N_MELS, frames)."""
    return (db - db.amax(dim=(1, 2), keepdim=True)).clamp_min(-RANGE_DB)


class RelativeLogMel(nn.Module):
    """Mel spectrogram in dB below the loudest cell: 128 Slaney bands to 11,025 Hz, whatever the recording's level."""

    def __init__(self) -> None:
        super().__init__()
        self.mel = mel_power(SAMPLE_RATE_HZ, n_fft=N_FFT, hop_samples=HOP_SAMPLES, n_mels=N_MELS)

    def forward(self, patches: Tensor) -> Tensor:
        """Turn waveforms of shape (n, GRID.input_samples) into dB of shape (n, N_MELS, PATCH_FRAMES)."""
        # Scaled to full scale first: quiet patches must not fall below `_SILENCE`, nor loud ones overflow.
        peak = patches.abs().amax(dim=1, keepdim=True).clamp_min(_SILENCE)
        mel: Tensor = self.mel(patches / peak)
        return relative_db(10.0 * torch.log10(mel.clamp_min(_SILENCE)))


class _Block(nn.Module):
    """A 3 by 3 convolution, batch norm, ReLU and max pooling over ``pool`` by ``pool``."""

    def __init__(self, n_in: int, n_out: int, *, pool: int) -> None:
        super().__init__()
        self.conv = nn.Conv2d(n_in, n_out, 3, padding=1, bias=False)
        self.norm = nn.BatchNorm2d(n_out)
        self.pool = pool

    def forward(self, x: Tensor) -> Tensor:
        """Turn (n, n_in, frequency, time) into (n, n_out, frequency / pool, time / pool)."""
        return functional.max_pool2d(functional.relu(self.norm(self.conv(x))), self.pool)


class GenreCNN(nn.Module):
    """Relative log-mels to calibrated genre logits.

    Parameters
    ----------
    labels : tuple of str
        The genres in the order of the output's columns.
    rule : DecisionRule
        Thresholds of the verdict.
    """

    def __init__(self, labels: tuple[str, ...], rule: DecisionRule | None = None) -> None:
        super().__init__()
        self.labels = labels
        self.rule = rule or DecisionRule()
        self.stem = nn.Conv2d(1, _CHANNELS[0], 5, stride=2, padding=2, bias=False)
        self.stem_norm = nn.BatchNorm2d(_CHANNELS[0])
        pools = (2, 2, 2, 1)
        pairs = zip(_CHANNELS[:-1], _CHANNELS[1:], pools, strict=True)
        self.blocks = nn.Sequential(*(_Block(n_in, n_out, pool=pool) for n_in, n_out, pool in pairs))
        # The 128 bands are 8 rows here; a kernel over all of them distinguishes low from high.
        self.all_bands = nn.Conv2d(_CHANNELS[-1], _N_FEATURES, (8, 1), bias=False)
        self.all_bands_norm = nn.BatchNorm2d(_N_FEATURES)
        self.genres = nn.Linear(EMBEDDING_SIZE, len(labels))
        self.register_buffer("temperature", torch.tensor(1.0))

    @classmethod
    def from_file(cls, path: Path) -> "GenreCNN":
        """Load trained weights; the network is ready for inference.

        Raises
        ------
        ValueError
            The file does not hold this network's weights.
        """
        facts, state = read_weights(path, _HEADER_KEY, framework="pt")
        try:
            network = cls(tuple(facts["labels"]), DecisionRule(**facts["rule"]))
            missing = network.load_state_dict(state, strict=False)
        except (KeyError, TypeError, RuntimeError) as error:
            raise ValueError(f"{path.name} does not hold the weights of cnn") from error
        # Batch norm's step counter is not stored.
        if missing.unexpected_keys or any("num_batches" not in key for key in missing.missing_keys):
            raise ValueError(f"{path.name} does not hold the weights of cnn: {missing}")
        return network.eval().requires_grad_(requires_grad=False)

    def to_file(self, path: Path, facts: Mapping[str, Any]) -> None:
        """Write the weights, with labels, rule and further facts (JSON values) in the header."""
        weights = {name: value for name, value in self.state_dict().items() if "num_batches" not in name}
        state = {name: value.detach().contiguous() for name, value in weights.items()}
        stored_facts = {**facts, "labels": self.labels, "rule": asdict(self.rule)}
        path.write_bytes(save(state, metadata=header(_HEADER_KEY, stored_facts)))

    def embed(self, relative: Tensor) -> Tensor:
        """Turn dB of shape (n, N_MELS, frames) into features of shape (n, EMBEDDING_SIZE)."""
        x = ((relative - _CENTRE_DB) / _SCALE_DB).unsqueeze(1)
        x = self.blocks(functional.relu(self.stem_norm(self.stem(x))))
        x = functional.relu(self.all_bands_norm(self.all_bands(x))).squeeze(2)
        return torch.cat([x.mean(dim=2), x.amax(dim=2)], dim=1)

    def forward(self, relative: Tensor) -> Tensor:
        """Turn dB of shape (n, N_MELS, PATCH_FRAMES) into calibrated logits of shape (n, len(labels))."""
        logits: Tensor = self.genres(self.embed(relative))
        return logits / self.get_buffer("temperature")

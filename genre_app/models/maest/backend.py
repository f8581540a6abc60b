"""The model ``maest``: 400 Discogs styles on patches of 30 s, and the genres that they roll up to.

Alonso-Jiménez, Serra & Bogdanov, "Efficient supervised training of audio transformers for music representation
learning" (ISMIR 2023). The weights, ``mtg-upf/discogs-maest-30s-pw-129e`` on the Hugging Face hub, are under
CC BY-NC-SA 4.0. The folder's own code is not run: the front end is reimplemented here from its parameters, and the
network is the audio spectrogram transformer of transformers.
"""

import hashlib
from pathlib import Path
from typing import Any, Final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from genre_app.errors import ModelUnavailableError
from genre_app.models.base import BatchPolicy, PatchGrid
from genre_app.models.huggingface.model_folder import (
    files_hash,
    has_safetensors,
    is_maest,
    read_config,
    require_safetensors,
)
from genre_app.models.huggingface.network import (
    Transformer,
    batch_policy,
    config_of,
    load_network,
    number_type,
    unusable,
)
from genre_app.models.maest.genre_rollup import RollUp, RollUpTable
from genre_app.models.musicnn.network import HOP_SAMPLES, N_FFT, N_MELS, SAMPLE_RATE_HZ, LogMel
from genre_app.models.runtime.cpu_pool import PatchThreadPool
from genre_app.results.model_info import DecisionRule, ModelInfo
from genre_app.weights import WEIGHTS_FOLDER

_TABLE: Final = WEIGHTS_FOLDER / "maest_rollup.toml"
_PICKLE: Final = "pytorch_model.bin"
#: Mean and standard deviation of the log-mels of MAEST's training data.
_MEAN: Final = 2.06755686098554
_STANDARD_DEVIATION: Final = 1.268292820667291
#: Log-odds from which sound counts as music: zero, where musical and other styles weigh the same. Not validated.
_MUSIC_FROM: Final = 0.0


class MaestLogMel(nn.Module):
    """MusiCNN's log-mel, standardised, with the first frame centred on the patch's first sample."""

    def __init__(self) -> None:
        super().__init__()
        self.log_mel = LogMel()

    def forward(self, patches: Tensor) -> Tensor:
        """Turn waveforms of shape (n, k * 256) into features of shape (n, k + 1, 96)."""
        # The first and last frames extend half a transform beyond the patch, into zeros.
        log_mel = self.log_mel(functional.pad(patches, (N_FFT // 2, N_FFT // 2)))
        assert log_mel.shape[1:] == (patches.shape[1] // HOP_SAMPLES + 1, N_MELS)
        features: Tensor = (log_mel - _MEAN) / (2 * _STANDARD_DEVIATION)
        return features


class MaestBackend:
    """MAEST on one device: genres, music detection, and the styles as tags.

    Styles are rolled up to genres by ``weights/maest_rollup.toml``. Neither that table nor the decision rule has been
    validated.

    Parameters
    ----------
    folder : Path
        Folder with ``config.json`` and the weights: ``model.safetensors``, else ``pytorch_model.bin``, which is read as
        plain tensors without running code.
    device : torch.device
        Front end and network run in half precision on a GPU, in float32 on a CPU.
    threads : int
        Threads to use on a CPU.
    revision : str or None
        Revision of the files, such as a commit of the hub; by default their hash. The hash of the table is appended.
    table : Path
        The genre of each style.

    Raises
    ------
    ModelUnavailableError
        The folder holds no usable MAEST, or the table has a mistake.
    """

    name: Final = "maest"

    def __init__(
        self,
        folder: Path,
        *,
        device: torch.device,
        threads: int,
        revision: str | None = None,
        table: Path = _TABLE,
    ) -> None:
        network = _load(folder)
        config = config_of(network)
        with unusable(self.name):
            styles = [str(config.id2label[index]) for index in range(config.num_labels)]
        self._roll_up = RollUp(RollUpTable.from_file(table), styles)
        self._front_end = MaestLogMel().to(device)
        self._network = Transformer(network, device, number_type(device))
        self._grid = _grid(config)
        weights = "*.safetensors" if has_safetensors(folder) else _PICKLE
        self._info = ModelInfo(
            name=self.name,
            revision=f"{revision or files_hash(folder, weights)}-{_table_hash(table)}",
            labels=self._roll_up.labels,
            device=device.type,
            precision=self._network.precision,
            rule=DecisionRule(music_from=_MUSIC_FROM if self._roll_up.knows_other_sound else None),
            tags=tuple(style.replace("---", ": ") for style in styles),
        )
        self._batching = batch_policy(device, threads=threads)
        self._pool = PatchThreadPool(device, threads=threads, name=self.name)

    @property
    def info(self) -> ModelInfo:
        """Facts about the model for results."""
        return self._info

    @property
    def grid(self) -> PatchGrid:
        """Patches of 30 s, one every 15 s."""
        return self._grid

    @property
    def batching(self) -> BatchPolicy:
        """A patch for each core, or a small batch on a GPU."""
        return self._batching

    def score(self, patches: NDArray[np.float32]) -> NDArray[np.float32]:
        """Score patches of shape (n, grid.input_samples); see `genre_app.models.base.Backend`."""
        return self._pool.run(self._score, torch.from_numpy(patches)).numpy()

    def _score(self, patches: Tensor) -> Tensor:
        styles = self._network({"input_values": self._front_end(patches)})
        return torch.cat([self._roll_up(styles), styles], dim=1)


def _load(folder: Path) -> nn.Module:
    read_config(folder, name=MaestBackend.name)
    if not is_maest(folder):
        raise ModelUnavailableError(f"The folder {folder} does not hold the model maest; please download it again.")
    if has_safetensors(folder) or not (folder / _PICKLE).is_file():
        require_safetensors(folder, name=MaestBackend.name)
        return load_network(folder, name=MaestBackend.name)
    return load_network(folder, name=MaestBackend.name, use_safetensors=False)


def _grid(config: Any) -> PatchGrid:
    """Return the grid of the variant: 30 s and 1876 frames, or shorter."""
    # One frame more than hops: the first is centred on the patch's start, the last on its end.
    patch_samples = (config.max_length - 1) * HOP_SAMPLES
    return PatchGrid(SAMPLE_RATE_HZ, patch_samples, hop_samples=patch_samples // 2)


def _table_hash(table: Path) -> str:
    return hashlib.sha256(table.read_bytes()).hexdigest()[:8]

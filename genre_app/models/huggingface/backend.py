"""Any audio classifier of the Hugging Face hub, from a folder on this machine."""

from pathlib import Path
from typing import Any, Final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from genre_app.errors import ModelUnavailableError
from genre_app.models.base import BatchPolicy, Grid, WindowGrid
from genre_app.models.huggingface.front_end import FrontEnd, load_front_end
from genre_app.models.huggingface.label_mapping import LabelMapping
from genre_app.models.huggingface.model_folder import files_hash, read_config, require_safetensors
from genre_app.models.huggingface.network import (
    Transformer,
    batch_policy,
    config_of,
    load_network,
    number_type,
    unusable,
)
from genre_app.models.runtime.cpu_pool import PatchThreadPool
from genre_app.results.model_info import Activation, ModelInfo

#: Sound that is heard at once at most. The first layer of wav2vec2 makes 512 channels of 3,200 frames out of a second:
#: 3.3 MB in half precision, and several copies of it live at a time.
_MOST_SECONDS_AT_ONCE: Final = 240


class HuggingFaceBackend:
    """An ``AutoModelForAudioClassification`` folder: front end, network, and labels in the app's spelling.

    Models that read the waveform (wav2vec2, HuBERT, WavLM …) hear the user's windows as a whole; those of a fixed
    length (AST, Whisper) hear patches that overlap by half. Weights are read from safetensors only, nothing is fetched,
    and no program code of the folder is run. The decision rule is the contract's default, which nobody has validated
    for these models, and none of them is taken to tell music from other sound.

    Parameters
    ----------
    folder : Path
        Where ``config.json``, ``preprocessor_config.json`` and ``model.safetensors`` lie.
    name : str
        The name by which a user picks the model.
    device : torch.device
        Where the network runs: in half precision on a GPU, in float32 on a CPU.
    threads : int
        PatchThreadPool to use on a CPU.
    revision : str or None
        What the files' content is called, such as a commit of the hub; None hashes the files.

    Raises
    ------
    ModelUnavailableError
        The folder does not hold an audio classifier that can be used.
    """

    def __init__(
        self, folder: Path, *, name: str, device: torch.device, threads: int, revision: str | None = None
    ) -> None:
        read_config(folder, name=name)
        require_safetensors(folder, name=name)
        network = load_network(folder, name=name)
        config = config_of(network)
        self._activation: Activation = _activation(config, name)
        self._front_end = load_front_end(folder, config, name=name)
        with unusable(name):
            self._mapping = LabelMapping.from_id2label(config.id2label)
            _try_out(network, self._front_end)
        self._network = Transformer(network, device, number_type(device))
        self._info = ModelInfo(
            name=name,
            revision=revision or files_hash(folder),
            labels=self._mapping.labels,
            device=device.type,
            precision=self._network.precision,
            activation=self._activation,
        )
        self._batching = batch_policy(device, threads=threads)
        self._pool = PatchThreadPool(device, threads=threads, name="huggingface")

    @property
    def info(self) -> ModelInfo:
        """What a result says of the model."""
        return self._info

    @property
    def grid(self) -> Grid:
        """Windows of one second to a minute, or patches of the length that the model was trained on."""
        return self._front_end.grid

    @property
    def batching(self) -> BatchPolicy:
        """A piece for each core, or a small batch for a GPU."""
        return self._batching

    def score(self, patches: NDArray[np.float32]) -> NDArray[np.float32]:
        """Score pieces of shape (n, n_samples); see `genre_app.models.base.Backend`."""
        most_at_once = max(1, _MOST_SECONDS_AT_ONCE * self.grid.sample_rate_hz // patches.shape[1])
        parts = torch.split(torch.from_numpy(patches), most_at_once)
        return torch.cat([self._pool.run(self._score, part) for part in parts]).numpy()

    def _score(self, waveforms: Tensor) -> Tensor:
        return self._mapping.combine(self._network(self._front_end(waveforms)), self._activation)


def _try_out(network: nn.Module, front_end: FrontEnd) -> None:
    """Hear a second of silence, so that a network that cannot work is refused now and not in the middle of a track.

    Patches are not tried: they are long, and their shape was compared with the network's. It happens on the CPU,
    because on a ZeroGPU Space there is no GPU yet when models are loaded.
    """
    if isinstance(front_end.grid, WindowGrid):
        transformer = Transformer(network, torch.device("cpu"), torch.float32)
        with torch.inference_mode():
            transformer(front_end(torch.zeros(1, front_end.grid.min_samples)))


def _activation(config: Any, name: str) -> Activation:
    if config.problem_type == "multi_label_classification":
        return "sigmoid"
    if config.problem_type == "regression" or config.num_labels < 2:
        raise ModelUnavailableError(
            f"The model {name} does not choose between classes of sound; choose a model for audio classification."
        )
    return "softmax"

"""Any audio classifier of the Hugging Face hub, from a local folder."""

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

#: Most audio in a batch. The first layer of wav2vec2 turns a second into 512 channels of 3,200 frames: 3.3 MB in half
#: precision, of which several copies exist at a time.
_MOST_SECONDS_AT_ONCE: Final = 240


class HuggingFaceBackend:
    """An ``AutoModelForAudioClassification`` folder: front end, network, and labels in the app's spelling.

    Waveform models (wav2vec2, HuBERT, WavLM …) score the user's windows as a whole; models of a fixed length (AST,
    Whisper) score patches that overlap by half. Weights are read from safetensors only, nothing is downloaded, and no
    code in the folder is run. The decision rule is the default, which is not validated for these models, and no music
    detection is assumed.

    Parameters
    ----------
    folder : Path
        Folder with ``config.json``, ``preprocessor_config.json`` and ``model.safetensors``.
    name : str
        Name of the model in results and messages.
    device : torch.device
        The network runs in half precision on a GPU, in float32 on a CPU.
    threads : int
        Threads to use on a CPU.
    revision : str or None
        Revision of the files, such as a commit of the hub; by default their hash.

    Raises
    ------
    ModelUnavailableError
        The folder does not hold a usable audio classifier.
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
        """Facts about the model for results."""
        return self._info

    @property
    def grid(self) -> Grid:
        """Windows of one second to a minute, or patches of the length that the model was trained on."""
        return self._front_end.grid

    @property
    def batching(self) -> BatchPolicy:
        """A patch or window for each core, or a small batch on a GPU."""
        return self._batching

    def score(self, patches: NDArray[np.float32]) -> NDArray[np.float32]:
        """Score patches or windows of shape (n, n_samples); see `genre_app.models.base.Backend`."""
        most_at_once = max(1, _MOST_SECONDS_AT_ONCE * self.grid.sample_rate_hz // patches.shape[1])
        parts = torch.split(torch.from_numpy(patches), most_at_once)
        return torch.cat([self._pool.run(self._score, part) for part in parts]).numpy()

    def _score(self, waveforms: Tensor) -> Tensor:
        return self._mapping.combine(self._network(self._front_end(waveforms)), self._activation)


def _try_out(network: nn.Module, front_end: FrontEnd) -> None:
    """Score a second of silence, so that a network that does not work is refused on loading, not during a track.

    Patches are not tried: they are long, and their shape is checked against the network's. Runs on the CPU, because a
    ZeroGPU Space has no GPU yet when models are loaded.
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

"""Loading, precision and batch size of the networks of transformers."""

import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import torch
import transformers
from torch import Tensor, nn

from genre_app.errors import ModelUnavailableError
from genre_app.models.base import BatchPolicy

_CUDA_BATCH: Final = 16
_CUDA_WAIT_S: Final = 0.004
#: Weights that are used in training only and may be missing.
_TRAINING_ONLY: Final = frozenset({"masked_spec_embed"})


class Transformer(nn.Module):
    """An audio classifier on its device and in its number type.

    Parameters
    ----------
    network : Module
        A model "for audio classification" of transformers.
    device : torch.device
        Device of the weights.
    dtype : torch.dtype
        Type of the weights and products.
    """

    def __init__(self, network: nn.Module, device: torch.device, dtype: torch.dtype) -> None:
        super().__init__()
        self.network = network.eval().requires_grad_(requires_grad=False).to(device, dtype)
        self.dtype = dtype

    @property
    def precision(self) -> str:
        """Name of the number type, for `genre_app.results.model_info.ModelInfo`."""
        return str(self.dtype).removeprefix("torch.")

    def forward(self, features: Mapping[str, Tensor]) -> Tensor:
        """Turn a front end's features into float32 logits of shape (n, number of classes)."""
        cast = {key: value.to(self.dtype) if value.is_floating_point() else value for key, value in features.items()}
        logits: Tensor = self.network(**cast, return_dict=True).logits
        return logits.float()


def load_network(folder: Path, *, name: str, use_safetensors: bool = True) -> nn.Module:
    """Load an audio classifier from a folder, without using the network or the folder's own code.

    Parameters
    ----------
    folder : Path
        The model's folder.
    name : str
        Name of the model in messages.
    use_safetensors : bool
        If false, ``pytorch_model.bin`` is read with ``weights_only``; for known models only.

    Returns
    -------
    Module
        In float32, on the CPU.

    Raises
    ------
    ModelUnavailableError
        The folder does not hold an audio classifier with all its weights.
    """
    with unusable(name):
        network, report = transformers.AutoModelForAudioClassification.from_pretrained(
            folder,
            local_files_only=True,
            trust_remote_code=False,
            use_safetensors=use_safetensors,
            weights_only=True,
            dtype=torch.float32,
            output_loading_info=True,
        )
    missing = sorted(key for key in report["missing_keys"] if key.rpartition(".")[2] not in _TRAINING_ONLY)
    if missing:
        raise ModelUnavailableError(
            f"The model {name} is not trained to name classes of sound: its file lacks {len(missing)} of the weights "
            "that are needed; choose a model that was fine-tuned for audio classification."
        ) from KeyError(*missing)
    assert isinstance(network, nn.Module)
    return network


@contextmanager
def unusable(name: str) -> Iterator[None]:
    """Convert errors of transformers on a third-party folder, and silence its log messages.

    Raises
    ------
    ModelUnavailableError
        In place of any other error.
    """
    log: Any = transformers.utils.logging
    verbosity, showed_progress = log.get_verbosity(), log.is_progress_bar_enabled()
    log.set_verbosity(logging.CRITICAL)
    log.disable_progress_bar()
    try:
        yield
    except ModelUnavailableError:
        raise
    except Exception as error:
        raise ModelUnavailableError(
            f"The model {name} cannot be used: its files are damaged, incomplete, or of a kind that this app does not "
            "run; download it again or choose another model."
        ) from error
    finally:
        log.set_verbosity(verbosity)
        if showed_progress:
            log.enable_progress_bar()


def number_type(device: torch.device) -> torch.dtype:
    """Choose a transformer's number type on a device.

    On a GPU bfloat16, which does not overflow, if the GPU supports it, else float16; on a CPU float32.
    """
    if device.type != "cuda":
        return torch.float32
    return torch.bfloat16 if torch.cuda.is_bf16_supported(including_emulation=False) else torch.float16


def batch_policy(device: torch.device, *, threads: int) -> BatchPolicy:
    """Choose a transformer's batch size.

    One patch or window for each core of a CPU: a wav2vec2-base took 4.7 s of one core for 30 s of audio in batches of
    1, 2 and 4, so larger batches would only delay a cancellation. 16 on a GPU.
    """
    return BatchPolicy(_CUDA_BATCH, _CUDA_WAIT_S) if device.type == "cuda" else BatchPolicy(threads)


def config_of(network: nn.Module) -> Any:
    """Return a network's configuration, an attribute unknown to torch's types."""
    return network.config

"""The files of a model folder in the layout of the Hugging Face hub; needs no torch."""

import hashlib
import json
from pathlib import Path
from typing import Any, Final

from genre_app.errors import ModelUnavailableError

_CONFIG: Final = "config.json"
_PREPROCESSORS: Final = ("preprocessor_config.json", "processor_config.json")
_SAFE_WEIGHTS: Final = ("model.safetensors", "model.safetensors.index.json")
#: Weights as Python pickles, which can run arbitrary code on loading.
_PICKLES: Final = ("*.bin", "*.pt", "*.pth", "*.ckpt")
_MAEST_BANDS: Final = 96


def read_config(folder: Path, *, name: str) -> dict[str, Any]:
    """Read a model's ``config.json``.

    Parameters
    ----------
    folder : Path
        The model's folder.
    name : str
        Name of the model in messages.

    Raises
    ------
    ModelUnavailableError
        The folder or file is missing, or the file does not hold a JSON object.
    """
    if not folder.is_dir():
        raise ModelUnavailableError(f"The folder of the model {name} is not there: {folder}")
    try:
        config = json.loads((folder / _CONFIG).read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise ModelUnavailableError(
            f"The folder of the model {name} has no {_CONFIG}; choose the folder that the model was saved in."
        ) from error
    except (OSError, ValueError, RecursionError) as error:
        raise ModelUnavailableError(
            f"The {_CONFIG} of the model {name} cannot be read; please download the model again."
        ) from error
    if not isinstance(config, dict):
        raise ModelUnavailableError(f"The {_CONFIG} of the model {name} is damaged; please download the model again.")
    return config


def require_safetensors(folder: Path, *, name: str) -> None:
    """Refuse a folder without weights in the safetensors format.

    Raises
    ------
    ModelUnavailableError
        Weights are missing, or pickles only.
    """
    if has_safetensors(folder):
        return
    if any(next(folder.glob(pattern), None) for pattern in _PICKLES):
        raise ModelUnavailableError(
            f"The weights of the model {name} are Python pickles, which can hide a program and are never opened; "
            "save the model again as safetensors."
        )
    raise ModelUnavailableError(f"The folder of the model {name} has no weights; please download the model again.")


def has_safetensors(folder: Path) -> bool:
    """Return whether a folder has weights in the safetensors format."""
    return any((folder / weights).is_file() for weights in _SAFE_WEIGHTS)


def files_hash(folder: Path, weights: str = "*.safetensors") -> str:
    """Hash the configurations of model and feature extractor, and the weights.

    Parameters
    ----------
    folder : Path
        The model's folder.
    weights : str
        Pattern of the weight files.

    Returns
    -------
    str
        Sixteen hexadecimal digits.
    """
    settings = [folder / file for file in (_CONFIG, *_PREPROCESSORS) if (folder / file).is_file()]
    digest = hashlib.sha256()
    for path in [*settings, *sorted(folder.glob(weights))]:
        with path.open("rb") as file:
            digest.update(hashlib.file_digest(file, "sha256").digest())
    return digest.hexdigest()[:16]


def is_maest(folder: Path) -> bool:
    """Return whether a folder holds a MAEST, by its ``config.json``; False if that cannot be read.

    A MAEST is an audio spectrogram transformer on 96 bands whose labels have the form "Parent---Style".
    """
    try:
        config = read_config(folder, name=folder.name)
    except ModelUnavailableError:
        return False
    labels = config.get("id2label")
    return (
        config.get("model_type") == "audio-spectrogram-transformer"
        and config.get("num_mel_bins") == _MAEST_BANDS
        and isinstance(labels, dict)
        and bool(labels)
        and all("---" in str(label) for label in labels.values())
    )

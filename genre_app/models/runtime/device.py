"""Device and number type of a model."""

import torch

from genre_app.errors import DeviceUnavailableError


def resolve_device(name: str) -> torch.device:
    """Choose the device for a setting.

    Parameters
    ----------
    name : str
        ``"auto"``, ``"cpu"`` or ``"cuda"``.

    Raises
    ------
    DeviceUnavailableError
        CUDA is requested but not available, or the name is unknown.
    """
    if name not in {"auto", "cpu", "cuda"}:
        raise DeviceUnavailableError(f"There is no device called {name!r}; choose auto, cpu or cuda.")
    has_cuda = torch.cuda.is_available()
    if name == "cuda" and not has_cuda:
        raise DeviceUnavailableError("This machine has no usable NVIDIA GPU; choose the device auto or cpu.")
    return torch.device("cuda" if has_cuda and name != "cpu" else "cpu")


def resolve_precision(name: str, device: torch.device) -> str:
    """Choose the number type of a network's products for a setting.

    Parameters
    ----------
    name : str
        ``"auto"``, ``"float32"`` or ``"bfloat16"``.
    device : torch.device
        The network's device.

    Returns
    -------
    str
        ``auto`` becomes ``"bfloat16"`` on a processor with matrix tiles for it (AMX), else ``"float32"``: without
        tiles bfloat16 is no faster.
    """
    if name != "auto":
        return name
    has_tiles = device.type == "cpu" and bool(torch.cpu.get_capabilities().get("amx_bf16"))
    return "bfloat16" if has_tiles else "float32"

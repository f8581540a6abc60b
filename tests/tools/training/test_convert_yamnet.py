"""The conversion of YAMNet's weights: lossless, and only of YAMNet's."""

import numpy as np
import pytest

from tools.training.convert_yamnet import Layer, quantise, to_state_dict


def test_weights_on_the_grid_become_its_steps() -> None:
    steps = np.array([[-128, 0], [3, 127]], dtype=np.int8)
    scale = np.array([0.1, 0.003], dtype=np.float32)
    quantised = quantise(steps * scale[:, None], scale)
    assert quantised.dtype == np.int8
    np.testing.assert_array_equal(quantised, steps)


@pytest.mark.parametrize("weight", [0.15, 12.9], ids=["between two steps", "beyond 8 bits"])
def test_weights_off_the_grid_are_refused(weight: float) -> None:
    with pytest.raises(ValueError, match="8-bit grid"):
        quantise(np.array([[weight]], dtype=np.float32), np.array([0.1], dtype=np.float32))


def test_layers_of_another_network_are_refused() -> None:
    layer = Layer(np.zeros((8, 3, 3, 3), np.int8), np.ones(8, np.float32), np.zeros(8, np.float32))
    with pytest.raises(ValueError, match=r"first has shape \(8, 3, 3, 3\), expected \(32, 1, 3, 3\)"):
        to_state_dict([layer])

"""Arrays in memory become the same mono signal as files with the same samples."""

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import ArrayLike, NDArray

from genre_app.audio import in_memory, load_audio
from genre_app.audio.downmix import Downmix
from genre_app.errors import InvalidOptionError, TruncatedAudioError
from tests.audio.recordings import write_wav

RATE_HZ = 44_100


def to_mono(samples: ArrayLike) -> NDArray[np.float32]:
    return in_memory.to_mono(samples, Downmix())


@pytest.mark.parametrize("n_channels", [1, 2, 3])
@pytest.mark.parametrize(("dtype", "kind"), [("u1", 1), ("<i2", 1), ("<i4", 1), ("<f4", 3), ("<f8", 3)])
def test_an_array_is_mixed_as_the_file_is(dtype: str, kind: int, n_channels: int, tmp_path: Path) -> None:
    noise = np.random.default_rng(1).uniform(-1, 1, (RATE_HZ, n_channels))
    samples = noise.astype(dtype)
    if kind == 1:
        limits = np.iinfo(dtype)
        samples = np.interp(noise, [-1, 1], [limits.min, limits.max]).astype(dtype)
    path = write_wav(tmp_path / "noise.wav", samples, RATE_HZ, kind=kind)
    mono = to_mono(samples.T)
    np.testing.assert_array_equal(mono, load_audio(path, RATE_HZ))
    np.testing.assert_allclose(mono, noise.mean(axis=1), atol=0.02)


def test_one_dimension_is_mono() -> None:
    assert to_mono([0, 0.5, -1]).tolist() == [0, 0.5, -1]


def test_integers_are_scaled_by_their_range() -> None:
    assert to_mono(np.array([0, 128, 255], np.uint8)).tolist() == [-1, 0, 127 / 128]
    assert to_mono(np.array([-(2**15), 0, 2**14], np.int16)).tolist() == [-1, 0, 0.5]


def test_damaged_values_are_silence() -> None:
    assert to_mono([np.nan, np.inf, -np.inf, 1e30, 1e300, 0.5, 3.0]).tolist() == [0, 0, 0, 0, 0, 0.5, 3]
    assert to_mono([[np.inf, 0.5], [-np.inf, 0.5]]).tolist() == [0, 0.5]


def test_a_result_does_not_share_memory_with_its_input() -> None:
    samples = np.ones(4, np.float32)
    assert not np.shares_memory(to_mono(samples), samples)


def test_other_shapes_are_refused() -> None:
    with pytest.raises(InvalidOptionError, match="shape"):
        to_mono(np.zeros((2, 2, 2)))
    with pytest.raises(TruncatedAudioError):
        to_mono([])
    with pytest.raises(TruncatedAudioError):
        to_mono(np.zeros((2, 0)))

"""Arrays in memory become the same mono signal as files with the same samples."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import ArrayLike, NDArray

from genre_app.audio import in_memory, load_audio
from genre_app.audio.downmix import Downmix
from genre_app.errors import InvalidOptionError, TruncatedAudioError
from tests.audio.recordings import write_wav

RATE_HZ = 44_100


def to_mono(samples: ArrayLike, sample_rate_hz: float = RATE_HZ) -> NDArray[np.float32]:
    return in_memory.to_mono(samples, sample_rate_hz, Downmix())


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
    assert to_mono([0, 0.5, -1] * 40, 1000).tolist() == [0, 0.5, -1] * 40


def test_integers_are_scaled_by_their_range() -> None:
    assert to_mono(np.tile(np.array([0, 128, 255], np.uint8), 40), 1000)[:3].tolist() == [-1, 0, 127 / 128]
    assert to_mono(np.tile(np.array([-(2**15), 0, 2**14], np.int16), 40), 1000)[:3].tolist() == [-1, 0, 0.5]


def test_damaged_values_are_silence() -> None:
    values = [np.nan, np.inf, -np.inf, 1e30, 1e300, 0.5, 3.0]
    assert to_mono(values * 20, 1000).tolist() == [0, 0, 0, 0, 0, 0.5, 3] * 20
    assert to_mono([[np.inf, 0.5] * 50, [-np.inf, 0.5] * 50], 1000).tolist() == [0, 0.5] * 50


def test_a_result_does_not_share_memory_with_its_input() -> None:
    samples = np.ones(4410, np.float32)
    assert not np.shares_memory(to_mono(samples), samples)


@pytest.mark.parametrize("shape", [(1, 5000), (2, 5000), (32, 5000)])
def test_the_shorter_axis_is_that_of_the_channels(shape: tuple[int, int]) -> None:
    noise = np.random.default_rng(2).uniform(-1, 1, shape)
    np.testing.assert_array_equal(to_mono(noise.T), to_mono(noise))
    np.testing.assert_allclose(to_mono(noise), noise.mean(axis=0), atol=1e-6)


@pytest.mark.parametrize("shape", [(), (2, 2, 5000), (33, 5000), (5000, 5000)])
def test_other_shapes_are_refused(shape: tuple[int, ...]) -> None:
    with pytest.raises(InvalidOptionError, match="shape"):
        to_mono(np.zeros(shape, np.int8))


@pytest.mark.parametrize("samples", ["noise", ["a", "b"], [1j] * 5000, [True] * 5000, [[0.0], [0.0, 1.0]], [None]])
def test_what_is_no_sound_is_refused(samples: Any) -> None:
    with pytest.raises(InvalidOptionError, match=r"^Audio must be [^\n]+\.$"):
        to_mono(samples)


@pytest.mark.parametrize("rate_hz", [0, -1, 999, 1_000_001, np.nan, np.inf, -np.inf])
def test_rates_that_no_recording_has_are_refused(rate_hz: float) -> None:
    with pytest.raises(InvalidOptionError, match="between 1000 and 1000000 Hz"):
        to_mono(np.zeros(5000), rate_hz)


def test_no_samples_or_few_are_refused() -> None:
    few: tuple[ArrayLike, ...] = (
        [],
        np.zeros((2, 0)),
        np.zeros((0, 5)),
        np.zeros((2, 2)),
        np.zeros((2, 4409)),
        np.zeros(4409),
    )
    for nothing in few:
        with pytest.raises(TruncatedAudioError):
            to_mono(nothing)
    assert len(to_mono(np.zeros((2, 4410)))) == 4410

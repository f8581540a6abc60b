import numpy as np
import pytest

from genre_app.inference.peak_meter import MOST_BINS, PeakMeter
from tests.fakes import Array
from tests.sounds import noise, tone

RATE_HZ = 8000


def peaks_of(audio: Array, *, n_blocks: int = 7) -> Array:
    meter = PeakMeter(RATE_HZ)
    passed_on = list(meter.watch(np.array_split(audio, n_blocks)))
    np.testing.assert_array_equal(np.concatenate(passed_on), audio)
    amplitudes: Array = ((meter.peaks(len(audio)) / 255.0) ** 2).astype(np.float32)
    return amplitudes


def test_a_bin_holds_the_highest_amplitude_and_the_root_mean_square() -> None:
    peaks = peaks_of(tone(5, RATE_HZ, amplitude=0.5))
    assert peaks.shape == (500, 2)
    np.testing.assert_allclose(peaks[:, 0], 0.5, atol=0.01)
    np.testing.assert_allclose(peaks[:, 1], 0.5 / np.sqrt(2), atol=0.02)


@pytest.mark.parametrize("seconds", [0.004, 19.99, 20.0, 20.01, 45.0, 700.0])
def test_bins_are_few_and_each_stands_for_its_part_of_the_track(seconds: float) -> None:
    quiet, loud = noise(seconds / 2, RATE_HZ, amplitude=0.01), noise(seconds / 2, RATE_HZ, amplitude=0.6)
    peaks = peaks_of(np.concatenate([quiet, loud]))
    assert len(peaks) <= MOST_BINS
    assert len(peaks) >= min(MOST_BINS / 2, seconds * 100)
    first_loud = int(np.argmax(peaks[:, 0] > 0.1))
    assert first_loud / len(peaks) == pytest.approx(0.5, abs=0.51 / len(peaks) + 0.001)


def test_how_the_track_is_cut_into_blocks_changes_nothing() -> None:
    audio = noise(61.3, RATE_HZ)
    np.testing.assert_array_equal(peaks_of(audio, n_blocks=1), peaks_of(audio, n_blocks=997))


def test_a_part_of_the_track_has_the_bins_of_that_part() -> None:
    audio = noise(8, RATE_HZ)
    meter = PeakMeter(RATE_HZ)
    list(meter.watch([audio]))
    np.testing.assert_array_equal(meter.peaks(RATE_HZ), meter.peaks(len(audio))[:100])

"""What must not matter to the answer: a late start, a lossy copy, the volume, the number of channels."""

import statistics
from collections.abc import Callable, Iterator
from pathlib import Path

import av
import numpy as np
import pytest
from numpy.typing import NDArray

from genre_app.audio import load_audio
from genre_app.inference.classifier import GenreClassifier
from genre_app.results.schema import ClassificationResult, SliceOptions
from genre_app.settings import Settings
from tests.paths import SHARED

RATE_HZ = 44_100
OPTIONS = SliceOptions(top_k=10)
AUDIO = SHARED / "audio"
MUSIC = (
    "vibe_ace.jazz.mp3",
    "sugar_plum_fairy.classical.m4a",
    "chaos_god.metal.mp3",
    "internal_degeneration.metal.ogg",
    "trumpet_loop.jazz.flac",
)

Wave = NDArray[np.float32]

pytestmark = [
    pytest.mark.shared,
    pytest.mark.skipif(not AUDIO.is_dir(), reason="the recordings of ../shared/audio are not here"),
]


@pytest.fixture(scope="module")
def classifier() -> Iterator[GenreClassifier]:
    with GenreClassifier(Settings(cache_mb=0)) as classifier:
        yield classifier


@pytest.fixture(scope="module")
def recordings() -> dict[str, Wave]:
    """Twenty seconds from the middle of each piece of music."""
    return {name: _middle(load_audio(AUDIO / name, RATE_HZ)) for name in MUSIC}


def _middle(wave: Wave) -> Wave:
    first = max(0, len(wave) // 2 - 10 * RATE_HZ)
    return wave[first : first + 20 * RATE_HZ]


@pytest.fixture(scope="module")
def answers(classifier: GenreClassifier, recordings: dict[str, Wave]) -> dict[str, ClassificationResult]:
    """What the pieces are taken for as they are."""
    return {name: classifier.classify_waveform(wave, RATE_HZ, OPTIONS) for name, wave in recordings.items()}


def _late(wave: Wave, _: Path) -> Wave:
    return np.concatenate([np.zeros(int(1.2 * RATE_HZ), np.float32), wave])


def _quiet(wave: Wave, _: Path) -> Wave:
    return wave * np.float32(10 ** (-12 / 20))


def _as_mp3(wave: Wave, folder: Path) -> Wave:
    path = folder / "copy.mp3"
    with av.open(path, "w") as container:
        stream = container.add_stream("mp3", rate=RATE_HZ, layout="mono")
        stream.bit_rate = 128_000
        for start in range(0, len(wave), 1152):
            frame = av.AudioFrame.from_ndarray(wave[None, start : start + 1152], format="fltp", layout="mono")
            frame.sample_rate = RATE_HZ
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return load_audio(path, RATE_HZ)


@pytest.mark.parametrize("change", [_late, _quiet, _as_mp3], ids=["1.2 s late", "12 dB quieter", "128 kbit/s MP3"])
def test_a_change_that_does_not_matter_hardly_moves_the_score(
    classifier: GenreClassifier,
    recordings: dict[str, Wave],
    answers: dict[str, ClassificationResult],
    change: Callable[[Wave, Path], Wave],
    tmp_path: Path,
) -> None:
    moved = []
    for name, wave in recordings.items():
        before = answers[name]
        after = classifier.classify_waveform(change(wave, tmp_path), RATE_HZ, OPTIONS)
        scores = {prediction.genre: prediction.score for prediction in after.predictions}
        moved.append(abs(before.predicted_confidence - scores[before.predicted_genre]))
    assert statistics.median(moved) <= 0.05


def test_two_equal_channels_are_as_one(classifier: GenreClassifier, recordings: dict[str, Wave]) -> None:
    wave = recordings["trumpet_loop.jazz.flac"]
    mono = classifier.classify_waveform(wave, RATE_HZ)
    stereo = classifier.classify_waveform(np.stack([wave, wave]), RATE_HZ)
    assert stereo.predictions == mono.predictions

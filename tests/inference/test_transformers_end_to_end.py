"""Models of the Hugging Face kind from file to result, through the real loading code; their weights are random."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from genre_app import GenreClassifier, Settings, SliceOptions
from genre_app.errors import InvalidOptionError
from genre_app.genres import GENRES
from genre_app.models.huggingface.backend import HuggingFaceBackend
from genre_app.results.build import build_result
from genre_app.results.window_plan import plan_windows
from tests.fakes import Array
from tests.models import tiny_models
from tests.sounds import noise, write_wav

MINUTES = 4
Open = Callable[..., GenreClassifier]


@pytest.fixture
def heard(monkeypatch: pytest.MonkeyPatch) -> list[tuple[int, int]]:
    """Shapes of what the network was asked about, each a batch."""
    shapes: list[tuple[int, int]] = []
    score = HuggingFaceBackend.score

    def counted(backend: HuggingFaceBackend, pieces: Array) -> Array:
        shapes.append((pieces.shape[0], pieces.shape[1]))
        return score(backend, pieces)

    monkeypatch.setattr(HuggingFaceBackend, "score", counted)
    return shapes


@pytest.fixture
def open_(tmp_path: Path, heard: list[tuple[int, int]]) -> Iterator[Open]:
    opened: list[GenreClassifier] = []

    def open_classifier(folder: Path, **settings: Any) -> GenreClassifier:
        settings = {"device": "cpu", "threads": 2, "cache_dir": tmp_path / "cache", **settings}
        opened.append(GenreClassifier(Settings(model=str(folder), **settings)))
        heard.clear()  # a new model hears a second of silence
        return opened[-1]

    yield open_classifier
    for classifier in opened:
        classifier.close()


@pytest.fixture(scope="module")
def track(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Four minutes."""
    rate_hz = 8000
    minute = noise(60, rate_hz)
    sound = np.concatenate([minute * gain for gain in np.linspace(0.2, 1.0, MINUTES)]).astype(np.float32)
    return write_wav(tmp_path_factory.mktemp("track") / "four_minutes.wav", sound, rate_hz)


def options(overlap: float, window_seconds: float = 10.0) -> SliceOptions:
    return SliceOptions(window_seconds=window_seconds, overlap=overlap)


@pytest.mark.parametrize("kind", ["wav2vec2", "hubert"])
def test_windows_are_batched_and_another_overlap_hears_only_the_new_ones(
    open_: Open, heard: list[tuple[int, int]], tmp_path: Path, track: Path, kind: str
) -> None:
    classifier = open_(tiny_models.waveform_model(tmp_path / "model", GENRES, kind=kind))
    classifier.classify_file(track, options(0.0))
    assert sum(n for n, _ in heard) == 24
    assert {length for _, length in heard} == {160_000}
    assert len(heard) < 24, "windows travel together"
    heard.clear()
    result = classifier.classify_file(track, options(0.5))
    n_windows = len(plan_windows(60 * MINUTES, 10.0, 0.5).starts_s)
    assert result.metadata.num_chunks == n_windows == 47
    assert sum(n for n, _ in heard) == n_windows - 24


def test_a_restart_hears_nothing_again(open_: Open, heard: list[tuple[int, int]], tmp_path: Path, track: Path) -> None:
    folder = tiny_models.waveform_model(tmp_path / "model", GENRES)
    first = open_(folder).classify_file(track, options(0.0))
    again = open_(folder).classify_file(track, options(0.0))
    assert heard == []
    assert again.metadata.cache_hit
    assert again.predictions == first.predictions


def test_a_model_of_fixed_length_hears_the_track_once_for_all_windows(
    open_: Open, heard: list[tuple[int, int]], tmp_path: Path, track: Path
) -> None:
    classifier = open_(tiny_models.ast_model(tmp_path / "model", GENRES, n_frames=1024))
    scored = classifier.score_file(track, options(0.0))
    n_patches = sum(n for n, _ in heard)
    assert n_patches >= 60 * MINUTES / 10.24
    heard.clear()
    for overlap in (0.25, 0.9):
        assert build_result(scored, options(overlap)).metadata.num_chunks > 24
    assert classifier.classify_file(track, options(0.5, 3.0)).metadata.cache_hit
    assert heard == []


def test_labels_of_several_at_once_stand_alone(open_: Open, tmp_path: Path, track: Path) -> None:
    folder = tiny_models.waveform_model(
        tmp_path / "model", ["Guitar", "Piano"], problem_type="multi_label_classification"
    )
    result = open_(folder).classify_file(track, options(0.0))
    scores = {prediction.genre: prediction for prediction in result.predictions}
    assert set(scores) == {"Guitar", "Piano"}
    for prediction in scores.values():
        assert prediction.score == pytest.approx(1 / (1 + np.exp(-prediction.logit)), abs=1e-5)


def test_a_window_longer_than_a_minute_is_a_sentence(open_: Open, tmp_path: Path, track: Path) -> None:
    classifier = open_(tiny_models.waveform_model(tmp_path / "model", GENRES))
    with pytest.raises(InvalidOptionError, match="The model model hears windows of at most 60 seconds"):
        classifier.classify_file(track, options(0.0, 61.0))

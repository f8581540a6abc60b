"""Both networks in one pass: columns, loudness, offset, and what real recordings are."""

import shutil
from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from genre_app.audio import load_audio
from genre_app.errors import ModelUnavailableError
from genre_app.examples import EXAMPLES
from genre_app.genres import GENRES
from genre_app.inference.classifier import GenreClassifier
from genre_app.inference.contracts import by_column
from genre_app.models.musicnn.backend import MusicnnBackend, Tagger
from genre_app.models.musicnn.network import GRID
from genre_app.models.registry import load_model
from genre_app.models.standard import backend as module
from genre_app.models.standard.backend import StandardBackend, TwoNetworks
from genre_app.models.standard.heads import FILES
from genre_app.settings import Settings
from tests.paths import WEIGHTS
from tests.sounds import noise, tone

Array = NDArray[np.float32]


@pytest.fixture(scope="module")
def backend() -> StandardBackend:
    return StandardBackend(torch.device("cpu"))


@pytest.fixture(scope="module")
def classifier() -> "GenreClassifier":
    return GenreClassifier(Settings(model="standard", device="cpu", cache_mb=0))


def patches_of(samples: Array) -> Array:
    n_patches = len(samples) // GRID.input_samples
    return samples[: n_patches * GRID.input_samples].reshape(n_patches, GRID.input_samples)


@pytest.fixture(scope="module")
def music() -> Array:
    return patches_of(load_audio(EXAMPLES[1].path, GRID.sample_rate_hz)[: 4 * GRID.input_samples])


def test_its_columns_are_those_that_it_announces(backend: StandardBackend, music: Array) -> None:
    rows = backend.score(music)
    info = backend.info
    assert rows.shape == (len(music), info.n_columns)
    answer = by_column(rows, info)
    assert info.labels == GENRES
    assert answer["style_logits"] is not None
    assert answer["style_logits"].shape[1] == len(info.styles) >= 26
    assert answer["sound_logits"] is not None
    assert answer["music_logits"] is not None
    assert (answer["music_logits"] > 0).all()


def test_music_cnn_sees_the_same_as_alone(backend: StandardBackend, music: Array) -> None:
    """The tags that its head reads are those of the model ``musicnn``."""
    seen: list[torch.Tensor] = []
    networks = backend._network
    assert isinstance(networks, TwoNetworks)
    hook = networks.musicnn.register_forward_hook(lambda _module, _inputs, tags: seen.append(tags))
    backend.score(music)
    hook.remove()
    alone = MusicnnBackend(torch.device("cpu"))
    tagger = alone._network
    assert isinstance(tagger, Tagger)
    torch.testing.assert_close(torch.cat(seen), tagger.musicnn(alone.log_mel(music)))


@pytest.mark.parametrize("level_db", [-12.0, -40.0, -55.0])
def test_the_level_does_not_matter(backend: StandardBackend, music: Array, level_db: float) -> None:
    quieter = backend.score(music * np.float32(10 ** (level_db / 20)))
    np.testing.assert_allclose(quieter, backend.score(music), atol=0.02)


@pytest.mark.parametrize(
    "sound",
    [np.zeros(GRID.input_samples, np.float32), np.ones(GRID.input_samples, np.float32), noise(3.008, 16_000)],
    ids=["silence", "offset", "noise"],
)
def test_every_answer_is_finite(backend: StandardBackend, sound: Array) -> None:
    assert np.isfinite(backend.score(sound[None, : GRID.input_samples])).all()


@pytest.mark.parametrize("sound", [noise(12.0, 16_000), tone(12.0, 16_000)], ids=["noise", "a tone"])
def test_noise_and_tones_are_not_music(classifier: GenreClassifier, sound: Array) -> None:
    verdict = classifier.classify_waveform(sound, 16_000).verdict
    assert verdict.kind == "not_music"
    assert verdict.sounds


def test_silence_is_said_as_such(classifier: GenreClassifier) -> None:
    verdict = classifier.classify_waveform(np.zeros(160_000, np.float32), 16_000).verdict
    assert (verdict.kind, verdict.sentence) == ("not_music", "There is no sound in this file")


@pytest.mark.parametrize("name", [*FILES, "similarity.safetensors"])
def test_a_damaged_file_is_named_as_unavailable(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    shutil.copytree(WEIGHTS, tmp_path / "weights")
    (tmp_path / "weights" / name).write_text("rubbish [")
    monkeypatch.setattr(
        module.StandardBackend.__init__,
        "__kwdefaults__",
        {
            **(module.StandardBackend.__init__.__kwdefaults__ or {}),
            "weights": tmp_path / "weights",
        },
    )
    with pytest.raises(ModelUnavailableError, match="standard are missing or damaged"):
        load_model(Settings(model="standard", device="cpu"))

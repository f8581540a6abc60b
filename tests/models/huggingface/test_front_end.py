"""The patches or windows of an extractor, which fill the network's input."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
import transformers

from genre_app.errors import ModelUnavailableError
from genre_app.models.base import PatchGrid
from genre_app.models.huggingface.backend import HuggingFaceBackend
from genre_app.models.huggingface.front_end import Extracted, RawWaveform, load_front_end
from tests.models.tiny_models import LABELS, ast_model, edit, whisper_model
from tests.sounds import noise

#: Only partly typed.
LIBRARY: Any = transformers


def load(folder: Path) -> HuggingFaceBackend:
    return HuggingFaceBackend(folder, name="some/model", device=torch.device("cpu"), threads=1)


@pytest.mark.parametrize("normalises", [True, False])
def test_the_waveform_is_normalised_as_the_library_does(normalises: bool) -> None:  # noqa: FBT001 - a fixture
    windows = noise(2, 16_000).reshape(2, -1) * np.array([[0.01], [1.0]], np.float32) + 0.1
    theirs = LIBRARY.Wav2Vec2FeatureExtractor(do_normalize=normalises)
    expected = theirs(list(windows), sampling_rate=16_000, return_tensors="np")["input_values"]
    ours = RawWaveform(16_000, normalises=normalises)(torch.from_numpy(windows.astype(np.float32)))["input_values"]
    np.testing.assert_allclose(ours, expected, atol=1e-4)


def test_silence_stays_finite() -> None:
    assert RawWaveform(16_000, normalises=True)(torch.zeros(1, 16_000))["input_values"].isfinite().all()


def test_an_ast_takes_patches_that_fill_all_its_frames(tmp_path: Path) -> None:
    folder = ast_model(tmp_path, LABELS, n_frames=64)
    grid = load(folder).grid
    assert isinstance(grid, PatchGrid)
    assert grid == PatchGrid(16_000, patch_samples=400 + 63 * 160, hop_samples=(400 + 63 * 160) // 2)
    extractor = LIBRARY.AutoFeatureExtractor.from_pretrained(folder)
    padding = (0 - extractor.mean) / (2 * extractor.std)
    last = [
        extractor(noise(2, 16_000)[:n_samples], sampling_rate=16_000, return_tensors="np")["input_values"][0, -1]
        for n_samples in (grid.patch_samples - 1, grid.patch_samples)
    ]
    np.testing.assert_allclose(last[0], padding, err_msg="one sample less leaves the last frame empty")
    assert np.abs(last[1] - padding).min() > 0


def test_a_whisper_takes_patches_of_its_chunk_length(tmp_path: Path) -> None:
    assert load(whisper_model(tmp_path, LABELS, seconds=2)).grid == PatchGrid(16_000, 32_000, hop_samples=16_000)


def test_an_extractor_that_does_not_match_the_network_is_refused(tmp_path: Path) -> None:
    folder = ast_model(tmp_path, LABELS, n_frames=64)
    edit(folder / "preprocessor_config.json", max_length=1024)
    with pytest.raises(ModelUnavailableError, match="does not fit its network"):
        load(folder)


def test_an_unknown_extractor_is_refused(tmp_path: Path) -> None:
    folder = ast_model(tmp_path, LABELS)
    edit(folder / "preprocessor_config.json", feature_extractor_type="EncodecFeatureExtractor")
    config = LIBRARY.AutoConfig.from_pretrained(folder)
    with pytest.raises(ModelUnavailableError, match="EncodecFeatureExtractor, which this app does not know"):
        load_front_end(folder, config, name="some/model")


def test_an_extractor_of_the_library_works_piece_by_piece(tmp_path: Path) -> None:
    folder = ast_model(tmp_path, LABELS, n_frames=32)
    front_end = load_front_end(folder, LIBRARY.AutoConfig.from_pretrained(folder), name="some/model")
    assert isinstance(front_end, Extracted)
    pieces = torch.from_numpy(noise(2, 16_000)[: 2 * 5360].reshape(2, 5360))
    together = front_end(pieces)["input_values"]
    assert together.shape == (2, 32, 32)
    np.testing.assert_array_equal(together[1:], front_end(pieces[1:])["input_values"])

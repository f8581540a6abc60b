"""The port against the original: TensorFlow's outputs for twelve seconds of three recordings."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from safetensors.torch import load_file, save_file

from genre_app.inference.framing import PatchCutter
from genre_app.models.musicnn.network import GRID, N_MELS, N_TAGS, PATCH_FRAMES, LogMel, MusiCNN
from tests.paths import WEIGHTS
from tests.sounds import noise

NETWORK = WEIGHTS / "musicnn_msd.safetensors"
TRACKS = ("vibe_ace", "sugar_plum_fairy", "chaos_god")
TOLERANCE = 1e-4
Golden = dict[str, NDArray[Any]]


@pytest.fixture(scope="module")
def network() -> MusiCNN:
    return MusiCNN.from_file(NETWORK)


def patches_of(golden: Golden, track: str) -> NDArray[np.float32]:
    """Cut a track as the app does; the last patch, which the original lacks, is left out."""
    audio = golden[f"{track}.audio_int16"].astype(np.float32) / 32767
    return np.stack(list(PatchCutter(GRID).cut(np.array_split(audio, 9))))[:4]


def golden_log_mel(golden: Golden, track: str) -> NDArray[np.float32]:
    frames: NDArray[np.float32] = golden[f"{track}.log_mel"][: 4 * PATCH_FRAMES]
    return frames.reshape(4, PATCH_FRAMES, N_MELS)


@pytest.mark.shared
@pytest.mark.parametrize("track", TRACKS)
def test_the_log_mel_of_patches_is_the_whole_track_s_cut_into_patches(golden: Golden, track: str) -> None:
    log_mel = LogMel()(torch.from_numpy(patches_of(golden, track)))
    np.testing.assert_allclose(log_mel, golden_log_mel(golden, track), atol=TOLERANCE)


@pytest.mark.shared
@pytest.mark.parametrize("track", TRACKS)
def test_the_tags_are_the_original_s(golden: Golden, network: MusiCNN, track: str) -> None:
    tags = network(torch.from_numpy(golden_log_mel(golden, track)))
    np.testing.assert_allclose(tags, golden[f"{track}.MSD_musicnn.logits"], atol=TOLERANCE)


@pytest.mark.shared
@pytest.mark.parametrize("track", TRACKS)
def test_the_tags_from_the_waveform_are_the_original_s(golden: Golden, network: MusiCNN, track: str) -> None:
    tags = network(LogMel()(torch.from_numpy(patches_of(golden, track))))
    np.testing.assert_allclose(tags, golden[f"{track}.MSD_musicnn.logits"], atol=TOLERANCE)


@pytest.mark.shared
@pytest.mark.parametrize("track", TRACKS)
def test_the_layers_inside_are_the_original_s(golden: Golden, network: MusiCNN, track: str) -> None:
    pooled = network.pool(torch.from_numpy(golden_log_mel(golden, track)))
    prefix = f"{track}.MSD_musicnn"
    for actual, name in (
        (pooled[:, 0::2], "max_pool"),
        (pooled[:, 1::2], "mean_pool"),
        (network.embed(pooled), "penultimate"),
    ):
        np.testing.assert_allclose(actual, golden[f"{prefix}.{name}"], atol=TOLERANCE, rtol=1e-5, err_msg=name)


def test_the_log_mel_of_silence_is_zero_and_of_full_scale_finite() -> None:
    patches = np.stack([np.zeros(GRID.input_samples, np.float32), np.ones(GRID.input_samples, np.float32)])
    log_mel = LogMel()(torch.from_numpy(patches))
    assert log_mel.shape == (2, PATCH_FRAMES, N_MELS)
    assert (log_mel[0] == 0).all()
    assert log_mel.isfinite().all()


def test_half_precision_moves_the_tags_only_a_little(network: MusiCNN) -> None:
    log_mel = LogMel()(torch.from_numpy(noise(3.008, 16_000)[None, : GRID.input_samples]))
    half = MusiCNN.from_file(NETWORK)
    half.halve()
    moved = (half(log_mel) - network(log_mel)).abs()
    assert 0 < moved.max() < 0.1


def test_the_network_is_frozen(network: MusiCNN) -> None:
    assert not network.training
    assert not any(parameter.requires_grad for parameter in network.parameters())
    assert network(torch.zeros(1, PATCH_FRAMES, N_MELS)).shape == (1, N_TAGS)


@pytest.mark.parametrize("damage", ["missing", "unexpected"])
def test_weights_of_something_else_are_refused(tmp_path: Path, damage: str) -> None:
    state = load_file(NETWORK)
    if damage == "missing":
        del state["tags.bias"]
    else:
        state["tags.surprise"] = torch.zeros(1)
    save_file(state, tmp_path / "other.safetensors")
    with pytest.raises(ValueError, match=r"other\.safetensors does not hold MusiCNN's weights"):
        MusiCNN.from_file(tmp_path / "other.safetensors")

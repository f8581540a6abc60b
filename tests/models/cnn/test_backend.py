import json
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from genre_app.audio import load_audio
from genre_app.errors import ModelUnavailableError
from genre_app.genres import GENRES
from genre_app.inference.framing import PatchCutter
from genre_app.models.cnn.backend import CnnBackend
from genre_app.models.cnn.network import (
    GRID,
    HOP_SAMPLES,
    N_FFT,
    N_MELS,
    PATCH_FRAMES,
    RANGE_DB,
    SAMPLE_RATE_HZ,
    GenreCNN,
    RelativeLogMel,
)
from genre_app.models.registry import load_model
from genre_app.results.model_info import DecisionRule
from genre_app.settings import Settings
from tests.paths import WEIGHTS
from tests.sounds import noise, tone

CPU = torch.device("cpu")
SECONDS = GRID.input_samples / SAMPLE_RATE_HZ + 0.01


@pytest.fixture(scope="module")
def cnn() -> CnnBackend:
    return CnnBackend(CPU, threads=2)


def sweep() -> NDArray[np.float32]:
    """Sweep from 50 Hz to 10 kHz with increasing level, over a little noise."""
    times_s = np.arange(GRID.input_samples) / SAMPLE_RATE_HZ
    rate = np.log(200.0) / times_s[-1]
    sound = np.sin(2 * np.pi * 50.0 * np.expm1(rate * times_s) / rate) * np.linspace(0.01, 0.5, len(times_s))
    return np.asarray(sound + noise(SECONDS, SAMPLE_RATE_HZ, amplitude=0.003)[: len(times_s)], dtype=np.float32)


def hz_of_mel(mel: NDArray[np.float64]) -> NDArray[np.float64]:
    """Slaney's scale: 200/3 Hz a mel up to 1 kHz, then 27 mels for a factor of 6.4."""
    return np.where(mel < 15, mel * 200 / 3, 1000.0 * 6.4 ** ((mel - 15) / 27))


def written_out_relative_db(samples: NDArray[np.float32]) -> NDArray[np.float64]:
    """Reference implementation of librosa's documentation, frame by frame and band by band."""
    window = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(N_FFT) / N_FFT)
    frames = np.stack([samples[i * HOP_SAMPLES :][:N_FFT] for i in range(PATCH_FRAMES)]).astype(np.float64)
    power = np.abs(np.fft.rfft(frames * window)) ** 2
    highest = 15 + 27 * np.log(SAMPLE_RATE_HZ / 2 / 1000) / np.log(6.4)
    edges = hz_of_mel(np.linspace(0, highest, N_MELS + 2))
    bins = np.arange(N_FFT // 2 + 1) * SAMPLE_RATE_HZ / N_FFT
    bands = []
    for low, centre, high in zip(edges, edges[1:], edges[2:], strict=False):
        triangle = np.minimum((bins - low) / (centre - low), (high - bins) / (high - centre)).clip(0)
        bands.append(power @ triangle * 2 / (high - low))
    db = 10 * np.log10(np.maximum(bands, 1e-30))
    return np.asarray(np.maximum(db - db.max(), -RANGE_DB))


def test_the_front_end_agrees_with_librosa_s_definition() -> None:
    sound = sweep()
    found = RelativeLogMel()(torch.from_numpy(sound)[None])[0].numpy()
    assert found.shape == (N_MELS, PATCH_FRAMES)
    np.testing.assert_allclose(found, written_out_relative_db(sound), atol=0.05)


def test_a_frame_lasts_as_long_as_in_the_training_data() -> None:
    trained_s = 1293 * 512 / 22_050 / 723
    assert pytest.approx(trained_s, rel=1e-3) == HOP_SAMPLES / SAMPLE_RATE_HZ
    assert pytest.approx(10.0, abs=0.02) == GRID.patch_seconds


@pytest.mark.parametrize("gain_db", [-60, -12, 12])
def test_the_level_of_a_recording_changes_nothing(cnn: CnnBackend, gain_db: float) -> None:
    sound = sweep()[None]
    changed = (sound * 10 ** (gain_db / 20)).astype(np.float32)
    np.testing.assert_allclose(cnn.log_mel(changed), cnn.log_mel(sound), atol=0.01)
    np.testing.assert_allclose(cnn.score(changed), cnn.score(sound), atol=1e-2)


@pytest.mark.parametrize(
    "level", [0.0, 1.0, -1.0, 1e6, 1e-12], ids=["silence", "DC", "negative DC", "far beyond full scale", "near nothing"]
)
def test_scores_of_constant_sound_are_finite(cnn: CnnBackend, level: float) -> None:
    assert np.isfinite(cnn.score(np.full((1, GRID.input_samples), level, np.float32))).all()


def test_half_a_patch_of_silence_does_not_move_the_rest(cnn: CnnBackend) -> None:
    sound = sweep()
    half = sound.copy()
    half[: GRID.input_samples // 2] = 0
    frames = slice(PATCH_FRAMES // 2 + 2, None)
    np.testing.assert_allclose(cnn.log_mel(half[None])[0, :, frames], cnn.log_mel(sound[None])[0, :, frames], atol=0.01)


def test_the_model_states_its_facts(cnn: CnnBackend) -> None:
    info = cnn.info
    assert (info.name, info.labels, info.device, info.precision) == ("cnn", GENRES, "cpu", "float32")
    assert not info.detects_music
    assert info.rule.confident_from >= 0.5
    assert cnn.grid == GRID
    assert cnn.batching.max_patches >= 2


def test_a_patch_s_scores_depend_neither_on_its_company_nor_on_the_cores(cnn: CnnBackend) -> None:
    batch = np.stack([sweep(), tone(SECONDS, SAMPLE_RATE_HZ)[: GRID.input_samples], sweep()[::-1]])
    scores = cnn.score(batch)
    assert scores.shape == (3, len(GENRES))
    assert scores.dtype == np.float32
    np.testing.assert_array_equal(scores[::-1], cnn.score(batch[::-1].copy()))
    np.testing.assert_allclose(CnnBackend(CPU, threads=1).score(batch), scores, atol=1e-5)
    assert np.abs(scores[0] - scores[1]).max() > 0.1


def test_the_weights_are_small_and_come_back_as_they_were(tmp_path: Path) -> None:
    assert (WEIGHTS / "cnn.safetensors").stat().st_size < 2_000_000
    torch.manual_seed(0)
    network = GenreCNN(("jazz", "pop"), DecisionRule(confident_from=0.7)).eval()
    for name in ("one", "other"):
        network.to_file(tmp_path / name, {"seed": 0, "more": 1})
    assert (tmp_path / "one").read_bytes() == (tmp_path / "other").read_bytes()
    read_back = GenreCNN.from_file(tmp_path / "one")
    assert (read_back.labels, read_back.rule) == (network.labels, network.rule)
    relative = -torch.rand(2, N_MELS, PATCH_FRAMES) * RANGE_DB
    torch.testing.assert_close(read_back(relative), network(relative))


def test_weights_of_another_model_are_refused() -> None:
    with pytest.raises(ValueError, match="does not hold the weights of cnn"):
        GenreCNN.from_file(WEIGHTS / "musicnn_head.safetensors")


def test_the_stored_rule_is_that_of_the_metrics(cnn: CnnBackend) -> None:
    metrics = json.loads((WEIGHTS / "cnn.metrics.json").read_text())
    assert DecisionRule(**metrics["rule"]) == cnn.info.rule


def test_it_is_found_by_its_name() -> None:
    backend = load_model(Settings(model="cnn", device="cpu", threads=3)).backend
    assert backend.info.name == "cnn"
    assert backend.batching.max_patches % 3 == 0


def test_damaged_weights_are_one_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "cnn.safetensors").write_bytes((WEIGHTS / "cnn.safetensors").read_bytes()[:5000])
    monkeypatch.setattr("genre_app.models.cnn.backend.CnnBackend", partial(CnnBackend, weights=tmp_path))
    with pytest.raises(ModelUnavailableError, match="The files of the model cnn are missing or damaged"):
        load_model(Settings(model="cnn", device="cpu"))


@pytest.mark.gpu
def test_a_gpu_scores_as_the_cpu_does(cnn: CnnBackend) -> None:
    if not torch.cuda.is_available():
        pytest.skip("no CUDA device")
    batch = sweep()[None]
    np.testing.assert_allclose(CnnBackend(torch.device("cuda")).score(batch), cnn.score(batch), atol=0.05)


def patches(path: Path) -> NDArray[np.float32]:
    samples = load_audio(path, SAMPLE_RATE_HZ)
    return np.stack(list(PatchCutter(GRID).cut([samples])))


@pytest.mark.shared
def test_spectrograms_of_real_music_look_like_the_training_data(
    cnn: CnnBackend, shared_audio: Callable[[str], Path]
) -> None:
    relative = cnn.log_mel(patches(shared_audio("vibe_ace.jazz.mp3"))).numpy()
    assert -60 < relative.mean() < -25, "training clips: -43 dB on average"
    by_band = relative.mean(axis=(0, 2))
    assert by_band[:16].mean() > by_band[-16:].mean() + 10

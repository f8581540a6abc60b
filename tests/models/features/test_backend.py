"""The model on librosa features: equal to the table, independent of the level, with reasons in words."""

import csv
from collections.abc import Callable
from pathlib import Path
from typing import Any

import librosa
import numpy as np
import pytest
from numpy.typing import NDArray

from genre_app.audio import load_audio
from genre_app.genres import GENRES
from genre_app.models.base import Explaining
from genre_app.models.features.backend import FeaturesBackend
from genre_app.models.features.explanation import explain
from genre_app.models.features.extraction import SAMPLE_RATE_HZ, extract_features
from genre_app.models.features.linear_model import USED_NAMES, FeatureModel, level_invariant
from genre_app.models.features.names import FEATURE_NAMES
from genre_app.results.model_info import DecisionRule
from tests.music.tunes import MAJOR_PROGRESSIONS, Waveform, drums, progression
from tests.paths import SHARED, WEIGHTS

N_USED = len(USED_NAMES)


@pytest.fixture(scope="module")
def music() -> Waveform:
    """Six seconds of chords and drums; short, for quick tests."""
    n_samples = 6 * SAMPLE_RATE_HZ
    return progression(0, MAJOR_PROGRESSIONS[0])[:n_samples] + np.float32(0.3) * drums(120)[:n_samples]


@pytest.fixture(scope="module")
def measured(music: Waveform) -> NDArray[np.float64]:
    return extract_features(music)


@pytest.fixture(scope="module")
def backend() -> FeaturesBackend:
    return FeaturesBackend()


def by_librosa(audio: Waveform) -> dict[str, Any]:
    """Compute the features with one call of librosa each, as for the table."""
    feature, rate_hz = librosa.feature, SAMPLE_RATE_HZ
    harmonic, percussive = librosa.effects.hpss(audio)
    mfcc = feature.mfcc(y=audio, sr=rate_hz)
    return {
        "chroma_stft": feature.chroma_stft(y=audio, sr=rate_hz),
        "rms": feature.rms(y=audio),
        "spectral_centroid": feature.spectral_centroid(y=audio, sr=rate_hz),
        "spectral_bandwidth": feature.spectral_bandwidth(y=audio, sr=rate_hz),
        "rolloff": feature.spectral_rolloff(y=audio, sr=rate_hz),
        "zero_crossing_rate": feature.zero_crossing_rate(audio),
        "harmony": harmonic,
        "perceptr": percussive,
        **{f"mfcc{number}": row for number, row in enumerate(mfcc, start=1)},
    }


def test_each_feature_is_what_librosa_s_own_function_gives(music: Waveform, measured: NDArray[np.float64]) -> None:
    found = dict(zip(FEATURE_NAMES, measured, strict=True))
    for name, series in by_librosa(music).items():
        assert found[f"{name}_mean"] == pytest.approx(np.mean(series), rel=1e-3, abs=1e-6), name
        assert found[f"{name}_var"] == pytest.approx(np.var(series), rel=1e-3, abs=1e-9), name
    assert found["tempo"] == pytest.approx(120, rel=0.05)


def test_silence_and_pure_tones_have_finite_features() -> None:
    times_s = np.arange(SAMPLE_RATE_HZ * 2) / SAMPLE_RATE_HZ
    for audio in (np.zeros_like(times_s), np.sin(2 * np.pi * 30 * times_s), np.ones_like(times_s)):
        features = extract_features(audio.astype(np.float32))
        assert np.isfinite(features).all()
        assert np.isfinite(level_invariant(features[None])).all()


@pytest.mark.parametrize("gain_db", [-12, 6])
def test_a_gain_does_not_change_the_answer(music: Waveform, measured: NDArray[np.float64], gain_db: float) -> None:
    louder = extract_features(music * np.float32(10 ** (gain_db / 20)))
    model = FeatureModel.from_file(WEIGHTS / "features.safetensors")
    np.testing.assert_allclose(model.logits(louder[None]), model.logits(measured[None]), atol=0.05)


def test_the_backend_keeps_the_contract(backend: FeaturesBackend, random: np.random.Generator) -> None:
    grid = backend.grid
    patches = np.resize(progression(3, MAJOR_PROGRESSIONS[1]), (1, grid.input_samples))
    logits = backend.score(patches)
    assert (grid.sample_rate_hz, grid.patch_seconds) == (22_050, 30.0)
    assert logits.shape == (1, backend.info.n_columns)
    assert logits.dtype == np.float32
    assert backend.info.labels == GENRES
    assert isinstance(backend, Explaining)


def test_the_features_come_with_the_logits_and_explain_them(
    backend: FeaturesBackend, measured: NDArray[np.float64], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("genre_app.models.features.backend.extract_features", lambda patch: measured * patch[0])
    scored = backend.score(np.ones((2, 4), np.float32))
    _, measures, deviations = np.split(scored, [len(GENRES), len(GENRES) + len(FEATURE_NAMES)], axis=1)
    assert scored.shape == (2, backend.info.n_columns)
    np.testing.assert_allclose(measures, [measured] * 2, rtol=1e-6)
    np.testing.assert_allclose(deviations, backend._model.standardise(np.stack([measured] * 2)), rtol=1e-5)
    model = FeatureModel.from_file(WEIGHTS / "features.safetensors")
    np.testing.assert_allclose(scored[:, : len(GENRES)], model.logits(np.stack([measured] * 2)), rtol=1e-5)
    assert backend.explain(measures, "jazz") == explain(model, np.stack([measured] * 2), "jazz")


def one_sided(weights: dict[str, float]) -> FeatureModel:
    """A model whose first label depends on some features; mean and scale are 0 and 1."""
    matrix = np.zeros((N_USED, 3))
    for name, weight in weights.items():
        matrix[USED_NAMES.index(name), 0] = weight
    return FeatureModel(
        matrix, np.zeros(3), np.zeros(N_USED), np.ones(N_USED), ("metal", "jazz", "pop"), DecisionRule()
    )


def features_with(**values: float) -> NDArray[np.float64]:
    usual = {name: 0.0 if name.startswith("mfcc") and name.endswith("mean") else 1.0 for name in FEATURE_NAMES}
    usual |= {"rms_mean": 0.6, "rms_var": 0.64}
    return np.array([[(usual | values)[name] for name in FEATURE_NAMES]])


def test_an_explanation_names_the_strongest_reasons_in_words() -> None:
    model = one_sided({"spectral_centroid_mean": 1.0, "tempo": -3.0, "mfcc7_mean": 0.5, "rolloff_mean": -1.0})
    features = features_with(spectral_centroid_mean=3100.0, tempo=0.3, mfcc7_mean=1.0, rolloff_mean=9.0)
    assert explain(model, features, "metal") == [
        "bright sound: spectral centroid 3,100 Hz, much higher than usual",
        "slow pulse: tempo 0 BPM, lower than usual",
        "timbre: ripple of the spectrum (MFCC 7), higher than usual",
    ]


def test_evidence_against_a_label_is_no_reason_for_it() -> None:
    model = one_sided({"tempo": -1.0})
    assert explain(model, features_with(tempo=9.0), "metal") == []
    assert explain(model, features_with(tempo=9.0), "jazz") == ["fast pulse: tempo 9 BPM, much higher than usual"]


def test_contributions_add_up_to_the_logit_against_the_others(measured: NDArray[np.float64]) -> None:
    model = FeatureModel.from_file(WEIGHTS / "features.safetensors")
    margins = model.logits(measured[None])[0] - model.bias
    shares = model.contributions(measured[None], "metal").sum()
    index = GENRES.index("metal")
    assert shares == pytest.approx(margins[index] - np.delete(margins, index).mean())


def test_a_model_comes_back_from_its_file_and_a_foreign_file_is_refused(tmp_path: Path) -> None:
    model = one_sided({"tempo": 1.0})
    model.to_file(tmp_path / "model.safetensors", {"recipe": "none"})
    again = FeatureModel.from_file(tmp_path / "model.safetensors")
    assert (again.labels, again.rule) == (model.labels, model.rule)
    np.testing.assert_array_equal(again.weights, model.weights)
    with pytest.raises(ValueError, match="does not hold a model on these features"):
        FeatureModel.from_file(WEIGHTS / "musicnn_head.safetensors")


@pytest.mark.shared
@pytest.mark.parametrize(
    ("name", "genre"), [("internal_degeneration.metal.ogg", "metal"), ("sugar_plum_fairy.classical.m4a", "classical")]
)
def test_real_music_lies_in_the_table_s_ranges_and_is_named_right(
    shared_audio: Callable[[str], Path], backend: FeaturesBackend, name: str, genre: str
) -> None:
    start = 30 * SAMPLE_RATE_HZ
    audio = load_audio(shared_audio(name), SAMPLE_RATE_HZ)[start : start + backend.grid.input_samples]
    features = extract_features(audio)
    with (SHARED / "gtzan" / "librosa_features.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    table = np.array([[float(row[column]) for column in FEATURE_NAMES] for row in rows])
    inside = (features >= table.min(axis=0)) & (features <= table.max(axis=0))
    assert inside.mean() >= 0.9  # four features of this modern, dense metal lie outside
    assert GENRES[int(backend.score(audio[None])[0, : len(GENRES)].argmax())] == genre

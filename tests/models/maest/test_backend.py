"""MAEST: its front end against a reference implementation, and a tiny network with the real labels."""

import tomllib
from pathlib import Path
from typing import Any

import librosa
import numpy as np
import pytest
import torch
import transformers
from numpy.typing import NDArray
from safetensors.torch import load_file, save_file

from genre_app.errors import ModelUnavailableError
from genre_app.models.base import PatchGrid
from genre_app.models.maest.backend import MaestBackend, MaestLogMel
from genre_app.models.maest.genre_rollup import LABELS
from tests.models.tiny_models import ast_model, maest_model, pickled
from tests.sounds import noise, tone

CPU = torch.device("cpu")
DISCOGS = Path(__file__).with_name("discogs_styles.toml")
#: A patch of 60 hops in place of 1875.
N_SAMPLES = 60 * 256
STYLES = tuple(
    f"{parent}---{style}"
    for parent, styles in tomllib.loads(DISCOGS.read_text(encoding="utf-8")).items()
    for style in styles
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return maest_model(tmp_path_factory.mktemp("maest"), STYLES)


@pytest.fixture(scope="module")
def maest(folder: Path) -> MaestBackend:
    return MaestBackend(folder, device=CPU, threads=2)


def patches(n: int) -> NDArray[np.float32]:
    return noise(n, 16_000)[: n * N_SAMPLES].reshape(n, N_SAMPLES) * np.linspace(0.1, 1, n, dtype=np.float32)[:, None]


def features_by_numpy(samples: NDArray[np.float32]) -> NDArray[np.float64]:
    """Reference implementation: centred Hann frames, power, 96 Slaney bands, logarithm, standardised."""
    padded = np.pad(samples.astype(np.float64), 256)
    window = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(512) / 512)
    frames = [padded[start : start + 512] * window for start in range(0, len(samples) + 1, 256)]
    power = np.abs(np.fft.rfft(frames)) ** 2
    bands = librosa.filters.mel(sr=16_000, n_fft=512, n_mels=96, fmin=0, fmax=8_000, htk=False, norm="slaney")
    standardised: NDArray[np.float64] = (np.log10(1 + 1e4 * power @ bands.T) - 2.0675569) / (2 * 1.2682928)
    return standardised


def test_the_front_end_agrees_with_a_reference_implementation() -> None:
    samples = noise(0.25, 16_000)[: 8 * 256] + tone(0.25, 16_000)[: 8 * 256]
    features = MaestLogMel()(torch.from_numpy(samples[None]))
    assert features.shape == (1, 9, 96)
    np.testing.assert_allclose(features[0], features_by_numpy(samples), atol=1e-4)


def test_silence_is_minus_the_mean_in_half_standard_deviations() -> None:
    features = MaestLogMel()(torch.zeros(1, 512))
    np.testing.assert_allclose(features, np.full((1, 3, 96), -0.8151), atol=1e-4)


def test_thirty_seconds_are_1876_frames() -> None:
    assert MaestLogMel()(torch.zeros(1, 480_000)).shape == (1, 1876, 96)


def test_patches_of_the_published_model_are_thirty_seconds_every_fifteen(tmp_path: Path) -> None:
    backend = MaestBackend(maest_model(tmp_path, STYLES, n_frames=1876), device=CPU, threads=1)
    assert backend.grid == PatchGrid(16_000, patch_samples=480_000, hop_samples=240_000)


def test_the_model_states_its_facts(maest: MaestBackend) -> None:
    info = maest.info
    assert (info.name, info.labels, info.activation, info.precision) == ("maest", LABELS, "softmax", "float32")
    assert len(info.tags) == 400
    assert info.tags[40:42] == ("Electronic: Bleep", "Electronic: Breakbeat")
    assert info.rule.music_from == 0.0
    assert info.n_columns == 11 + 1 + 400


def test_columns_are_genres_then_music_then_styles(folder: Path, maest: MaestBackend) -> None:
    batch = patches(2)
    columns = maest.score(batch)
    assert columns.shape == (2, maest.info.n_columns)
    network: Any = transformers.ASTForAudioClassification.from_pretrained(folder)
    features = np.stack([features_by_numpy(patch) for patch in batch]).astype(np.float32)
    with torch.inference_mode():
        styles = network.eval()(torch.from_numpy(features)).logits
    np.testing.assert_allclose(columns[:, 12:], styles, atol=1e-3)
    activation = torch.sigmoid(styles).numpy()
    spoken = [style.startswith("Non-Music") for style in STYLES]
    bluesy = [style.startswith("Blues") for style in STYLES]
    music = activation[:, np.logical_not(spoken)].sum(axis=1)
    np.testing.assert_allclose(np.exp(columns[:, 0]), activation[:, bluesy].sum(axis=1) / music, rtol=1e-3)
    np.testing.assert_allclose(columns[:, 11], np.log(music / activation[:, spoken].sum(axis=1)), atol=1e-3)
    np.testing.assert_allclose(np.exp(columns[:, :11]).sum(axis=1), 1, atol=1e-5)


def test_a_track_of_speech_is_not_music(tmp_path: Path) -> None:
    folder = maest_model(tmp_path, STYLES)
    state = load_file(folder / "model.safetensors")
    for key, bias in state.items():
        if key.startswith("classifier.dense"):
            bias.zero_()
    bias = state["classifier.dense.bias"]
    bias -= 8
    bias[STYLES.index("Non-Music---Spoken Word")] = 4
    save_file(state, folder / "model.safetensors", metadata={"format": "pt"})
    log_odds = MaestBackend(folder, device=CPU, threads=1).score(patches(1))[0, 11]
    expected = np.log(387 / (1 + np.exp(8.0))) - np.log(1 / (1 + np.exp(-4.0)) + 12 / (1 + np.exp(8.0)))
    np.testing.assert_allclose(log_odds, expected, atol=1e-3)
    assert log_odds < 0


def test_a_patch_s_scores_do_not_depend_on_its_company(maest: MaestBackend) -> None:
    batch = patches(5)
    together = maest.score(batch)
    assert np.ptp(together, axis=0).max() > 1e-2, "the patches differ"
    alone = np.concatenate([maest.score(batch[i : i + 1]) for i in range(5)])
    np.testing.assert_allclose(together, alone, atol=1e-6)
    np.testing.assert_allclose(maest._score(torch.from_numpy(batch)), together, atol=1e-4, err_msg="as on a GPU")


def test_older_weights_are_read_as_plain_tensors(tmp_path: Path, folder: Path, maest: MaestBackend) -> None:
    older = MaestBackend(maest_model(tmp_path, STYLES, safetensors=False), device=CPU, threads=1)
    assert not list(tmp_path.glob("*.safetensors"))
    np.testing.assert_allclose(older.score(patches(1)), maest.score(patches(1)), atol=1e-6)
    assert older.info.revision != maest.info.revision


def test_a_program_among_the_older_weights_is_not_run(tmp_path: Path) -> None:
    class Bomb:
        def __reduce__(self) -> tuple[Any, ...]:
            return (Path.touch, (tmp_path / "boom",))

    folder = pickled(maest_model(tmp_path / "model", STYLES))
    torch.save({"weights": Bomb()}, folder / "pytorch_model.bin")
    with pytest.raises(ModelUnavailableError, match="maest cannot be used"):
        MaestBackend(folder, device=CPU, threads=1)
    assert not (tmp_path / "boom").exists()


def test_the_revision_follows_the_weights_and_the_table(tmp_path: Path, folder: Path, maest: MaestBackend) -> None:
    table = tmp_path / "table.toml"
    table.write_text('rock = ["Rock"]\npop = ["Pop"]', encoding="utf-8")
    edited = MaestBackend(folder, device=CPU, threads=1, table=table).info
    assert edited.labels == ("pop", "rock", "other")
    assert not edited.detects_music
    other = MaestBackend(maest_model(tmp_path / "seed 1", STYLES, seed=1), device=CPU, threads=1).info
    given = MaestBackend(folder, device=CPU, threads=1, revision="a1b2c3").info
    assert len({maest.info.revision, edited.revision, other.revision, given.revision}) == 4
    assert given.revision.startswith("a1b2c3-")


def test_a_folder_of_something_else_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(ModelUnavailableError, match="does not hold the model maest"):
        MaestBackend(ast_model(tmp_path / "ast", ("rock", "pop")), device=CPU, threads=1)
    with pytest.raises(ModelUnavailableError, match="is not there"):
        MaestBackend(tmp_path / "nothing", device=CPU, threads=1)
    empty = maest_model(tmp_path / "empty", STYLES)
    (empty / "model.safetensors").unlink()
    with pytest.raises(ModelUnavailableError, match="has no weights"):
        MaestBackend(empty, device=CPU, threads=1)


def test_weights_have_the_names_of_the_published_file(folder: Path) -> None:
    """The library has renamed the layers since the model was published."""
    prefix = "audio_spectrogram_transformer.encoder.layer.0"
    assert {f"{prefix}.attention.attention.query.weight", f"{prefix}.intermediate.dense.bias"} <= load_file(
        folder / "model.safetensors"
    ).keys()

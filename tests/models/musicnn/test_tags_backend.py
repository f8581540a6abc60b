"""Both MusiCNNs: the second against the original, and the union of their tags."""

import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from genre_app.models.musicnn.genre_head import MSD_TAGS
from genre_app.models.musicnn.loudness import LoudnessNormalizer
from genre_app.models.musicnn.network import GRID, N_MELS, PATCH_FRAMES, LogMel, MusiCNN
from genre_app.models.musicnn.tags_backend import MTT_TAGS, MusicnnTagsBackend, TagUnion, spell
from tests.paths import WEIGHTS
from tests.sounds import noise, tone

CPU = torch.device("cpu")


class Constant(nn.Module):
    """A network with constant output."""

    def __init__(self, *logits: float) -> None:
        super().__init__()
        self.logits = torch.tensor([logits])

    def forward(self, log_mel: Tensor) -> Tensor:
        return self.logits.expand(len(log_mel), -1)


@pytest.fixture(scope="module")
def backend() -> MusicnnTagsBackend:
    return MusicnnTagsBackend(CPU, threads=2)


def patches(n: int, *, amplitude: float = 0.3) -> NDArray[np.float32]:
    track = noise(n * 3.1, GRID.sample_rate_hz, amplitude=amplitude)
    return track[: n * GRID.input_samples].reshape(n, -1)


@pytest.mark.shared
@pytest.mark.parametrize("track", ["vibe_ace", "sugar_plum_fairy", "chaos_god"])
def test_the_tags_of_magnatagatune_are_the_original_s(golden: dict[str, NDArray[Any]], track: str) -> None:
    network = MusiCNN.from_file(WEIGHTS / "musicnn_mtt.safetensors")
    log_mel = golden[f"{track}.log_mel"][: 4 * PATCH_FRAMES].reshape(4, PATCH_FRAMES, N_MELS)
    logits = network(torch.from_numpy(log_mel))
    np.testing.assert_allclose(logits, golden[f"{track}.MTT_musicnn.logits"], atol=1e-4)


@pytest.mark.shared
def test_an_orchestra_s_first_tag_is_classical(golden: dict[str, NDArray[Any]]) -> None:
    """The order of the names, which is not stored with the weights, is the original's."""
    means = {name: golden[f"sugar_plum_fairy.{name}_musicnn.logits"].mean(axis=0) for name in ("MSD", "MTT")}
    assert MTT_TAGS[int(means["MTT"].argmax())] in {"classical", "piano"}
    assert MSD_TAGS[int(means["MSD"].argmax())] == "jazz"


def test_a_tag_that_both_networks_know_is_the_mean_of_both() -> None:
    union = TagUnion([Constant(1.0, 2.0, 3.0), Constant(-4.0, 7.0)], [("Rock", "Mellow", "Hip-Hop"), ("harp", "rock")])
    assert union.tags == ("rock", "mellow", "hiphop", "harp")
    np.testing.assert_allclose(union(torch.zeros(2, PATCH_FRAMES, N_MELS)), [[4.0, 2.0, 3.0, -4.0]] * 2)


@pytest.mark.parametrize(
    ("tag", "ours"),
    [("Hip-Hop", "hiphop"), ("House", "house"), ("Progressive rock", "progressive rock"), ("80s", "80s")],
)
def test_tags_are_in_small_letters_and_genres_in_the_app_s_spelling(tag: str, ours: str) -> None:
    assert spell(tag) == ours


def test_labels_are_the_union_of_both_vocabularies(backend: MusicnnTagsBackend) -> None:
    labels = backend.info.labels
    assert len(MSD_TAGS) == len(MTT_TAGS) == 50
    assert len(labels) == len(set(labels)) == 92, "eight tags are known to both"
    assert set(labels) == {spell(tag) for tag in (*MSD_TAGS, *MTT_TAGS)}


def test_the_model_states_its_facts(backend: MusicnnTagsBackend) -> None:
    info = backend.info
    assert (info.name, info.device, info.precision, info.activation) == ("tags", "cpu", "float32", "sigmoid")
    assert not info.detects_music
    assert info.n_columns == 92
    assert backend.grid == GRID


def test_columns_are_the_networks_logits_of_the_levelled_sound(backend: MusicnnTagsBackend) -> None:
    batch = patches(2)
    log_mel = LogMel()(LoudnessNormalizer()(torch.from_numpy(batch)))
    msd = MusiCNN.from_file(WEIGHTS / "musicnn_msd.safetensors")(log_mel)
    mtt = MusiCNN.from_file(WEIGHTS / "musicnn_mtt.safetensors")(log_mel)
    column = dict(zip(backend.info.labels, backend.score(batch).T, strict=True))
    np.testing.assert_allclose(column["happy"], msd[:, MSD_TAGS.index("happy")], atol=1e-4)
    np.testing.assert_allclose(column["harp"], mtt[:, MTT_TAGS.index("harp")], atol=1e-4)
    metal = (msd[:, MSD_TAGS.index("metal")] + mtt[:, MTT_TAGS.index("metal")]) / 2
    np.testing.assert_allclose(column["metal"], metal, atol=1e-4)


def test_a_quieter_recording_has_the_same_tags(backend: MusicnnTagsBackend) -> None:
    quieter = patches(1, amplitude=0.3 / 8)
    np.testing.assert_allclose(backend.score(quieter), backend.score(patches(1)), atol=1e-3)


def test_a_patch_s_scores_do_not_depend_on_its_company(backend: MusicnnTagsBackend) -> None:
    batch = patches(3)
    together = backend.score(batch)
    np.testing.assert_array_equal(together, np.concatenate([backend.score(batch[i : i + 1]) for i in range(3)]))


@pytest.mark.parametrize("sound", [np.zeros(48_128), np.ones(48_128), tone(3.008, 16_000)[:48_128] * 1e6])
def test_scores_of_any_sound_are_finite(backend: MusicnnTagsBackend, sound: NDArray[np.float32]) -> None:
    assert np.isfinite(backend.score(sound.astype(np.float32)[None])).all()


def test_half_precision_is_stated_and_scores_nearly_the_same(backend: MusicnnTagsBackend) -> None:
    half = MusicnnTagsBackend(CPU, precision="bfloat16")
    assert half.info.precision == "bfloat16"
    moved = np.abs(half.score(patches(1)) - backend.score(patches(1))).max()
    assert 0 < moved < 0.1


def test_the_revision_follows_either_network(tmp_path: Path, backend: MusicnnTagsBackend) -> None:
    for name in ("musicnn_msd", "musicnn_mtt"):
        shutil.copy(WEIGHTS / f"{name}.safetensors", tmp_path)
    assert MusicnnTagsBackend(CPU, weights=tmp_path).info.revision == backend.info.revision
    shutil.copy(WEIGHTS / "musicnn_msd.safetensors", tmp_path / "musicnn_mtt.safetensors")
    assert MusicnnTagsBackend(CPU, weights=tmp_path).info.revision != backend.info.revision

import shutil
from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from genre_app.models.musicnn.backend import MusicnnBackend
from genre_app.models.musicnn.genre_head import GenreHead
from genre_app.models.musicnn.loudness import LoudnessNormalizer
from genre_app.models.musicnn.music_detector import MusicDetector
from genre_app.models.musicnn.network import GRID, LogMel, MusiCNN
from genre_app.results.model_info import DecisionRule
from tests.paths import WEIGHTS
from tests.sounds import noise, tone

NETWORK = WEIGHTS / "musicnn_msd.safetensors"
LABELS = ("jazz", "metal", "pop")
RULE = DecisionRule(music_from=-1.0, music_sure_from=1.0)
CPU = torch.device("cpu")


def write_weights(folder: Path, seed: int = 0) -> Path:
    """Write a folder of weights: the real network, and untrained heads."""
    folder.mkdir()
    shutil.copy(NETWORK, folder)
    torch.manual_seed(seed)
    GenreHead(LABELS).to_file(folder / "musicnn_head.safetensors", {})
    MusicDetector(RULE).to_file(folder / "musicnn_verdict.safetensors", {})
    return folder


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_weights(tmp_path_factory.mktemp("weights") / "seed-0")


@pytest.fixture(scope="module")
def musicnn(weights: Path) -> MusicnnBackend:
    return MusicnnBackend(CPU, threads=2, weights=weights)


def patches(n: int, *, amplitude: float = 0.3) -> NDArray[np.float32]:
    track = noise(n * 3.1, GRID.sample_rate_hz, amplitude=amplitude)
    return track[: n * GRID.input_samples].reshape(n, -1)


def test_columns_are_genres_the_music_log_odds_tags_and_embedding(weights: Path, musicnn: MusicnnBackend) -> None:
    batch = patches(2)
    musicnn_alone = MusiCNN.from_file(NETWORK)
    log_mel = LogMel()(LoudnessNormalizer()(torch.from_numpy(batch)))
    tags = musicnn_alone(log_mel)
    head = GenreHead.from_file(weights / "musicnn_head.safetensors")
    detector = MusicDetector.from_file(weights / "musicnn_verdict.safetensors")
    scores = musicnn.score(batch)
    assert scores.dtype == np.float32
    np.testing.assert_allclose(scores[:, :3], head(tags), atol=1e-4)
    np.testing.assert_allclose(scores[:, 3:4], detector(tags), atol=1e-4)
    np.testing.assert_allclose(scores[:, 4:54], tags, atol=1e-4)
    np.testing.assert_allclose(scores[:, 54:], musicnn_alone.embed(musicnn_alone.pool(log_mel)), atol=1e-3)


def test_the_model_states_its_facts(musicnn: MusicnnBackend) -> None:
    info = musicnn.info
    assert (info.name, info.labels, info.device, info.precision) == ("musicnn", LABELS, "cpu", "float32")
    assert (info.rule, info.n_columns) == (RULE, 4 + 50 + 200)
    assert {"hiphop", "mellow", "female vocalists"} < set(info.tags), "in the app's spelling"
    assert musicnn.batching.max_patches >= 2
    assert musicnn.batching.max_wait_s == 0, "on a CPU, waiting gains nothing"


@pytest.mark.parametrize(
    "sound",
    [np.zeros(48_128), np.ones(48_128), -np.ones(48_128), noise(3.008, 16_000, amplitude=1.0), np.full(48_128, 1e6)],
    ids=["silence", "DC", "negative DC", "full-scale noise", "far beyond full scale"],
)
def test_scores_of_any_sound_are_finite(musicnn: MusicnnBackend, sound: NDArray[np.float32]) -> None:
    assert np.isfinite(musicnn.score(sound.astype(np.float32)[None])).all()


def test_a_patch_s_scores_do_not_depend_on_its_company(musicnn: MusicnnBackend) -> None:
    batch = patches(5)
    together = musicnn.score(batch)
    np.testing.assert_array_equal(together, np.concatenate([musicnn.score(batch[i : i + 1]) for i in range(5)]))
    np.testing.assert_array_equal(together[::-1], musicnn.score(batch[::-1].copy()))


def test_the_number_of_cores_does_not_change_the_scores(weights: Path, musicnn: MusicnnBackend) -> None:
    single = MusicnnBackend(CPU, threads=1, weights=weights)
    batch = patches(3)
    np.testing.assert_allclose(single.score(batch), musicnn.score(batch), atol=1e-5)
    assert single.batching.max_patches < musicnn.batching.max_patches


def test_different_sounds_have_different_scores(musicnn: MusicnnBackend) -> None:
    sounds = np.stack([patches(1)[0], tone(3.008, 16_000)[: GRID.input_samples]])
    first, second = musicnn.score(sounds)
    assert np.abs(first - second).max() > 0.1


def test_front_end_and_network_alone_add_up_to_the_whole(musicnn: MusicnnBackend) -> None:
    batch = patches(3)
    np.testing.assert_array_equal(musicnn.score_log_mel(musicnn.log_mel(batch)), musicnn.score(batch))


def test_the_revision_follows_the_weights_and_nothing_else(
    tmp_path: Path, weights: Path, musicnn: MusicnnBackend
) -> None:
    assert MusicnnBackend(CPU, weights=weights).info.revision == musicnn.info.revision
    others = []
    for name in ("musicnn_head", "musicnn_verdict"):
        folder = write_weights(tmp_path / name)
        source = write_weights(tmp_path / f"{name} of seed 1", seed=1)
        shutil.copy(source / f"{name}.safetensors", folder)
        others.append(MusicnnBackend(CPU, weights=folder).info.revision)
    assert len({*others, musicnn.info.revision}) == 3


def test_half_precision_is_stated_and_scores_nearly_the_same(weights: Path, musicnn: MusicnnBackend) -> None:
    half = MusicnnBackend(CPU, precision="bfloat16", weights=weights)
    assert half.info.precision == "bfloat16"
    np.testing.assert_allclose(half.score(patches(2)), musicnn.score(patches(2)), atol=0.1)

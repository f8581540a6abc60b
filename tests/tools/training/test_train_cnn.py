import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from genre_app.genres import GENRES
from genre_app.models.cnn.network import PATCH_FRAMES, RANGE_DB, GenreCNN
from tests.paths import WEIGHTS
from tools.training.augmentation import Augmenter
from tools.training.cnn_loop import Schedule, clip_logits, draw_weights
from tools.training.cnn_report import HeldOut, calibrate, describe_fusion, ece_by_chance
from tools.training.gtzan import TagClips
from tools.training.spectrograms import Spectrograms, TrainingData, decode, read_training_data, tags_by_second
from tools.training.train_cnn import NAME, Data, Plan, train_cnn

_FILES = (f"{NAME}.safetensors", f"{NAME}.metrics.json", f"{NAME}.md")
_TINY = Plan(Schedule(epochs=1, batch=40), fold_epochs=1, n_folds=2)


@pytest.fixture(autouse=True)
def one_thread() -> None:
    torch.set_num_threads(1)


def made_up(clips: TagClips, chosen: slice) -> Spectrograms:
    """Spectrograms in which each genre has a band of its own."""
    genre = clips.genre[chosen]
    db = np.random.default_rng(0).normal(-45, 6, (len(genre), 128, PATCH_FRAMES)).astype(np.float16)
    for row, index in zip(db, genre, strict=True):
        row[10 * index + 4 : 10 * index + 12] += 30
    return Spectrograms(clips.clips[chosen], genre, torch.from_numpy(db))


@pytest.fixture
def data(clips: TagClips) -> Data:
    training = TrainingData(
        made_up(clips, slice(None)), clips.group, tags_by_second(clips), np.arange(len(clips.clips), dtype=np.int64)
    )
    return Data(training, clips, made_up(clips, slice(0, None, 6)), {"train.txt": "0"})


def test_the_same_seed_gives_the_same_files_with_the_metrics(data: Data, tmp_path: Path) -> None:
    report = train_cnn(data, tmp_path / "one", _TINY)
    train_cnn(data, tmp_path / "other", _TINY)
    for name in _FILES:
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "other" / name).read_bytes()
    accuracy = report["valid"]["accuracy"]
    assert f"{accuracy['value']:.1%}" in (tmp_path / "one" / f"{NAME}.md").read_text()
    assert np.sum(report["valid"]["confusion"]) == len(data.valid.clips)
    assert np.sum(report["folds"]["confusion"]) == len(data.training.group)
    network = GenreCNN.from_file(tmp_path / "one" / f"{NAME}.safetensors")
    predicted = clip_logits(network, data.valid).argmax(axis=1)
    assert (predicted == data.valid.genre).mean() == pytest.approx(accuracy["value"])


def test_changed_crops_stay_in_range_and_their_targets_are_probabilities(data: Data) -> None:
    augmenter = Augmenter(data.training, mixup=0.3, label_smoothing=0.1, random=np.random.default_rng(0))
    batch = augmenter.batch(np.arange(24))
    assert batch.relative.shape == (24, 128, PATCH_FRAMES)
    assert batch.relative.min() >= -RANGE_DB
    assert batch.relative.max() <= 0
    assert (batch.relative.amax(dim=(1, 2)) > -RANGE_DB / 2).all()
    torch.testing.assert_close(batch.genres.sum(dim=1), torch.ones(24))
    assert (batch.genres[:12].argmax(dim=1) == 0).all(), "the crop's own genre weighs most"
    assert batch.tags.shape == (24, 50)


def test_genres_are_drawn_equally_and_artists_less_than_in_proportion(data: Data) -> None:
    group = data.training.group.copy()
    group[:8] = group[0]  # eight of the twelve blues clips are one artist's, then two artists with two each
    training = TrainingData(data.training.spectrograms, group, data.training.tags, data.training.tag_clips)
    trained = np.arange(0, 110)
    weights = draw_weights(training, trained, artist_power=0.5)
    assert (weights[110:] == 0).all()
    of_genre = np.bincount(training.spectrograms.genre, weights=weights, minlength=len(GENRES))
    np.testing.assert_allclose(of_genre, 0.1)
    assert weights[:8].sum() / weights[8:10].sum() == pytest.approx(2.0)


def test_stored_levels_are_db_below_the_loudest_cell() -> None:
    levels = np.array([[[0, 51], [102, 204]]], dtype=np.uint8)
    found = decode(levels, np.array([-80.0], dtype=np.float32))
    np.testing.assert_allclose(found[0], [[-64, -48], [-32, 0]], atol=0.05)


def test_the_rule_makes_confident_answers_right_often_enough() -> None:
    random = np.random.default_rng(0)
    genre = random.integers(0, 10, 2000)
    logits = 2.0 * (np.eye(10)[genre] * 2.5 + random.normal(size=(2000, 10)))
    temperature, rule = calibrate(HeldOut(logits, genre))
    scores = np.exp(logits / temperature)
    scores /= scores.sum(axis=1, keepdims=True)
    sure = scores.max(axis=1) >= rule.confident_from
    assert (scores.argmax(axis=1) == genre)[sure].mean() >= 0.9
    assert 0 < sure.mean() < 1


def test_even_perfect_calibration_shows_an_error_on_few_clips() -> None:
    logits = np.random.default_rng(0).normal(size=(2000, 10)) * 2
    few, many = ece_by_chance(logits[:100]), ece_by_chance(logits)
    assert 0 < many < few / 2
    assert few < 0.2


def test_fusion_with_itself_gains_nothing() -> None:
    random = np.random.default_rng(0)
    genre = np.repeat(np.arange(10), 6)
    held_out = HeldOut(np.eye(10)[genre] + random.normal(size=(60, 10)), genre)
    folds = [np.arange(0, 60, 2), np.arange(1, 60, 2)]
    report = describe_fusion(held_out, held_out, np.arange(60), folds)
    assert [row["difference_to_head"]["mean"] for row in report["means_of_logits"]] == [0.0] * 5


@pytest.fixture(scope="module")
def stored() -> dict[str, Any]:
    metrics: dict[str, Any] = json.loads((WEIGHTS / f"{NAME}.metrics.json").read_text())
    return metrics


@pytest.fixture(scope="module")
def valid(gtzan_folder: Path) -> Spectrograms:
    return read_training_data(gtzan_folder)[2]


def test_the_stored_network_is_right_often_enough_on_valid(stored: dict[str, Any]) -> None:
    assert stored["valid"]["accuracy"]["value"] >= 0.66
    assert stored["valid"]["n_clips"] == 197


@pytest.mark.shared
@pytest.mark.parametrize("genre", ["classical", "rock"])
def test_the_stored_network_scores_as_its_metrics_say(stored: dict[str, Any], valid: Spectrograms, genre: str) -> None:
    some = valid.select(np.flatnonzero(valid.genre == GENRES.index(genre)))
    predicted = clip_logits(GenreCNN.from_file(WEIGHTS / f"{NAME}.safetensors"), some).argmax(axis=1)
    recall = stored["valid"]["recall"][genre]
    assert len(some.clips) == recall["n"]
    assert (predicted == some.genre).sum() == pytest.approx(recall["value"] * recall["n"], abs=1)

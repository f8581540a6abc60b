"""The training of the feature model is reproducible, and gives the stored model."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from genre_app.genres import GENRES
from genre_app.models.features.linear_model import FeatureModel
from genre_app.models.features.names import FEATURE_NAMES
from tests.paths import WEIGHTS
from tools.training.feature_recipes import CANDIDATES, FeatureRecipe, train
from tools.training.feature_report import render_card
from tools.training.feature_table import FeatureClips, FeatureTable, read_table
from tools.training.train_features import NAME, choose_confidence, train_features

_CANDIDATES = {"weak": FeatureRecipe(0.03), "strong": FeatureRecipe(10.0, with_separation=False)}
_FILES = (f"{NAME}.safetensors", f"{NAME}.metrics.json", f"{NAME}.md")


def made_up(seed: int, clips_per_genre: int = 12) -> FeatureClips:
    """Clips in which each genre raises one cepstral mean, two clips by each artist."""
    random = np.random.default_rng(seed)
    genre = np.repeat(np.arange(len(GENRES)), clips_per_genre)
    features = random.lognormal(size=(len(genre), len(FEATURE_NAMES)))
    for index in range(len(GENRES)):
        features[:, FEATURE_NAMES.index(f"mfcc{index + 2}_mean")] += 6.0 * (genre == index)
    names = tuple(f"{GENRES[index]}.{number:05}" for number, index in enumerate(genre))
    return FeatureClips(names, genre, np.arange(len(genre)) // 2, features)


@pytest.fixture(scope="module")
def table() -> FeatureTable:
    return FeatureTable(made_up(0), made_up(1), {"train.txt": "0"})


@pytest.fixture(scope="module")
def stored() -> dict[str, Any]:
    metrics: dict[str, Any] = json.loads((WEIGHTS / f"{NAME}.metrics.json").read_text())
    return metrics


def test_the_same_seed_gives_the_same_files(table: FeatureTable, tmp_path: Path) -> None:
    for folder in ("one", "other"):
        train_features(table, tmp_path / folder, seeds=range(2), candidates=_CANDIDATES)
    for name in _FILES:
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "other" / name).read_bytes()


def test_the_better_recipe_wins_and_the_report_is_about_valid(table: FeatureTable, tmp_path: Path) -> None:
    report = train_features(table, tmp_path, seeds=range(1), candidates=_CANDIDATES)
    assert report["recipe"]["name"] == "weak"
    model = FeatureModel.from_file(tmp_path / f"{NAME}.safetensors")
    right = model.logits(table.valid.features).argmax(axis=1) == table.valid.genre
    assert report["accuracy"]["value"] == pytest.approx(right.mean())
    assert report["accuracy"]["value"] > 0.5
    assert model.rule.confident_from == report["rule"]["confident_from"]


def test_only_the_given_clips_are_trained_on(table: FeatureTable) -> None:
    data, taught = table.train, np.arange(0, 120, 3)
    spoilt = np.where(np.isin(np.arange(120), taught)[:, None], data.features, 99.0)
    other = FeatureClips(data.clips, data.genre, data.group, spoilt)
    recipe = FeatureRecipe(0.1)
    assert np.array_equal(train(recipe, data, taught).weights, train(recipe, other, taught).weights)


def test_confidence_starts_where_nine_in_ten_are_right() -> None:
    top = np.array([0.95] * 10 + [0.8] * 10 + [0.6] * 10)
    probabilities = np.column_stack([top, 1 - top])
    truth = np.array([0] * 19 + [1] + [0] * 5 + [1] * 5)
    assert choose_confidence(probabilities, truth).threshold == pytest.approx(0.61)


def test_the_stored_model_is_good_enough_and_honest_about_it(stored: dict[str, Any]) -> None:
    assert stored["accuracy"]["value"] >= 0.52
    assert stored["n_clips"] == np.sum(stored["confusion"]) == 197
    assert "no artist" in stored["split"]
    assert (WEIGHTS / f"{NAME}.md").read_text() == render_card(stored)
    assert (WEIGHTS / f"{NAME}.safetensors").stat().st_size < 20_000


@pytest.mark.shared
def test_the_stored_model_is_what_its_recipe_makes_of_the_table(stored: dict[str, Any], gtzan_folder: Path) -> None:
    table = read_table(gtzan_folder)
    assert stored["data_sha256"] == table.digests
    assert (len(table.train.clips), len(table.valid.clips)) == (443, 197)
    fresh = train(CANDIDATES[stored["recipe"]["name"]], table.train, np.arange(443))
    kept = FeatureModel.from_file(WEIGHTS / f"{NAME}.safetensors")
    np.testing.assert_allclose(fresh.weights / stored["temperature"], kept.weights, atol=0.02)
    right = kept.logits(table.valid.features).argmax(axis=1) == table.valid.genre
    assert right.mean() == pytest.approx(stored["accuracy"]["value"])

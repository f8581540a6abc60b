import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from genre_app.genres import GENRES
from genre_app.models.musicnn.genre_head import MSD_TAGS, GenreHead
from tests.paths import WEIGHTS
from tools.training.gtzan import TagClips, input_digests
from tools.training.recipes import BASELINE, CANDIDATES, Recipe, train
from tools.training.train_head import NAME, Comparison, train_head

_CANDIDATES = {name: CANDIDATES[name] for name in (BASELINE, "prior 2")}
_FILES = (f"{NAME}.safetensors", f"{NAME}.metrics.json", f"{NAME}.md")


@pytest.fixture(scope="module")
def stored() -> dict[str, Any]:
    metrics: dict[str, Any] = json.loads((WEIGHTS / f"{NAME}.metrics.json").read_text())
    return metrics


def run(clips: TagClips, folder: Path) -> dict[str, Any]:
    return train_head(clips, {"train.txt": "0"}, folder, Comparison(range(2), n_nested=1, candidates=_CANDIDATES))


def test_the_same_seed_gives_the_same_files(clips: TagClips, tmp_path: Path) -> None:
    run(clips, tmp_path / "one")
    run(clips, tmp_path / "other")
    for name in _FILES:
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "other" / name).read_bytes()


def test_a_run_writes_metrics_and_card(clips: TagClips, tmp_path: Path) -> None:
    report = run(clips, tmp_path)
    accuracy = report["accuracy"]
    assert 0 <= accuracy["low"] <= accuracy["value"] <= accuracy["high"] <= 1
    assert accuracy["value"] >= report["baseline"]["accuracy"]
    assert np.sum(report["confusion"]) == pytest.approx(len(clips.clips), abs=1)
    assert f"{accuracy['value']:.1%}" in (tmp_path / f"{NAME}.md").read_text()


def test_the_stored_head_is_small_and_says_what_it_is(stored: dict[str, Any]) -> None:
    path = WEIGHTS / f"{NAME}.safetensors"
    assert path.stat().st_size < 200_000
    head = GenreHead.from_file(path)
    assert head.labels == GENRES
    assert float(head.get_buffer("temperature")) == pytest.approx(stored["temperature"])


def test_the_chosen_recipe_is_not_below_the_baseline(stored: dict[str, Any]) -> None:
    assert stored["accuracy"]["value"] >= stored["baseline"]["accuracy"]
    assert stored["recipe"]["name"] in stored["candidates"]


def test_the_mean_of_patches_is_the_head_of_the_mean() -> None:
    head = GenreHead.from_file(WEIGHTS / f"{NAME}.safetensors")
    tags = torch.randn(9, len(MSD_TAGS)) - 5
    torch.testing.assert_close(head(tags).mean(dim=0), head(tags.mean(dim=0)), atol=1e-4, rtol=1e-4)


@pytest.mark.shared
def test_the_stored_head_is_what_its_recipe_makes_of_the_data(
    stored: dict[str, Any], real_clips: TagClips, gtzan_folder: Path
) -> None:
    assert stored["data_sha256"] == input_digests(gtzan_folder)
    recipe = Recipe(**{key: value for key, value in stored["recipe"].items() if key != "name"})
    model = train(recipe, real_clips, np.arange(len(real_clips.clips)))
    expected = model.logits(real_clips.tag_logits) / stored["temperature"]
    head = GenreHead.from_file(WEIGHTS / f"{NAME}.safetensors")
    found = head(torch.from_numpy(real_clips.tag_logits).float()).numpy()
    np.testing.assert_allclose(found, expected, atol=0.02)

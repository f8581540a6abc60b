import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from genre_app.genres import GENRES
from genre_app.models.musicnn.genre_head import MSD_TAGS
from genre_app.models.standard.genre_head import StandardHead
from genre_app.models.standard.groups import GENRE_CLASSES
from genre_app.models.standard.heads import HEAD_FILE
from genre_app.models.yamnet.network import N_EMBEDDING
from genre_app.results.moments import softmax
from tests.paths import WEIGHTS
from tools.training.band_limit import BandLimit, fit_band_limit, read_band_limit
from tools.training.class_prior import class_weights
from tools.training.gtzan import TagClips
from tools.training.standard_data import StandardClips
from tools.training.standard_moments import clip_scores
from tools.training.standard_recipes import CHOSEN, Networks, StandardRecipe, train, weigh
from tools.training.standard_report import confident_from, describe, describe_confidence
from tools.training.standard_trials import RELEASED, run_trials
from tools.training.style_measures import choose_thresholds

_CLIPS_PER_ARTIST = 2
_RECIPES = {"tags": StandardRecipe(embedding="none"), "limited": StandardRecipe(limited_share=0.2)}


@pytest.fixture(scope="module")
def made_up(clips: TagClips) -> StandardClips:
    """Clips whose genre shows in the tags and, otherwise, in the embedding; every third one is without audio."""
    random = np.random.default_rng(1)
    n = len(clips.clips)
    signature = random.normal(size=(len(GENRES), N_EMBEDDING))
    embedding = np.abs(0.3 * signature[clips.genre] + 0.3 * random.normal(size=(n, N_EMBEDDING)))
    return StandardClips(
        clips=clips.clips,
        genre=clips.genre,
        group=clips.group,
        has_audio=np.arange(n) % 3 > 0,
        is_valid=np.arange(n) % 5 == 0,
        tags=clips.mean_by_clip(clips.tag_logits) + 4.0 * np.eye(len(GENRES), len(MSD_TAGS))[clips.genre],
        embedding=np.where((np.arange(n) % 3 > 0)[:, None], embedding, np.nan),
        rough_embedding=embedding @ np.diag(random.uniform(0.5, 1.5, N_EMBEDDING)) + 0.1,
    )


@pytest.fixture(scope="module")
def networks() -> Networks:
    random = np.random.default_rng(2)
    n_features = len(MSD_TAGS) + len(GENRE_CLASSES)
    full = random.normal(size=(200, n_features))
    limit = fit_band_limit(full, 0.8 * full - 0.5 + 0.1 * random.normal(size=full.shape))
    return Networks(random.normal(size=(N_EMBEDDING, len(GENRE_CLASSES))), limit)


@pytest.fixture(scope="module")
def stored() -> dict[str, Any]:
    metrics: dict[str, Any] = json.loads((WEIGHTS / "standard.metrics.json").read_text())
    return metrics


def test_embeddings_from_spectrograms_are_mapped_to_real_ones(made_up: StandardClips) -> None:
    everyone = np.arange(len(made_up.clips))
    complete = made_up.complete(everyone)
    assert not np.isnan(complete).any()
    np.testing.assert_array_equal(complete[made_up.has_audio], made_up.embedding[made_up.has_audio])


def test_genres_weigh_the_same_and_an_artist_as_the_root_of_the_clips(made_up: StandardClips) -> None:
    weight = weigh(made_up, np.arange(len(made_up.clips)))
    np.testing.assert_allclose(np.bincount(made_up.genre, weight), 1 / len(GENRES))
    some = np.flatnonzero(made_up.genre == 0)[: _CLIPS_PER_ARTIST + 1]
    alone, together = weigh(made_up, some)[-1], weigh(made_up, some)[:-1].sum()
    assert together / alone == pytest.approx(np.sqrt(_CLIPS_PER_ARTIST))


def test_candidates_are_compared_on_the_same_held_out_clips(
    made_up: StandardClips, clips: TagClips, networks: Networks
) -> None:
    logits, limited = run_trials(_RECIPES, made_up, clips, networks, range(2))
    n_audio = int(made_up.has_audio.sum())
    assert set(logits) == {RELEASED, *_RECIPES}
    assert all(one.shape == (2, n_audio, len(GENRES)) for one in (*logits.values(), limited))
    figures = describe(logits, made_up, range(2))
    assert figures[RELEASED]["difference_to_released"]["mean"] == 0.0
    for one in figures.values():
        assert one["accuracy"]["low"] <= one["accuracy"]["value"] <= one["accuracy"]["high"]
        assert one["calibration"]["ece"] < 0.3
    confidence = describe_confidence(
        softmax(logits["limited"] / figures["limited"]["calibration"]["temperature"]), made_up
    )
    assert confidence["accuracy"] >= 0.93


def test_a_clip_is_scored_as_the_app_does_it() -> None:
    half_and_half = np.array([[9.0] + [0.0] * 9] * 10 + [[0.0] * 9 + [9.0]] * 10)
    scores = clip_scores(half_and_half)
    assert scores.sum() == pytest.approx(1.0)
    assert (scores[0], scores[9]) == (pytest.approx(0.5, abs=0.01), pytest.approx(0.5, abs=0.01))


@pytest.mark.parametrize("embedding", ["none", "genres", "whole"])
def test_a_head_is_one_matrix_on_tags_and_embedding(made_up: StandardClips, networks: Networks, embedding: str) -> None:
    everyone = np.arange(len(made_up.clips))
    complete = made_up.complete(everyone)
    model = train(StandardRecipe(embedding=embedding), made_up, complete, everyone, networks)
    assert model.weights.shape == (len(MSD_TAGS) + N_EMBEDDING, len(GENRES))
    predicted = model.logits(np.hstack([made_up.tags, complete])).argmax(axis=1)
    assert (predicted == made_up.genre).mean() > 0.9


def test_training_is_reproducible(made_up: StandardClips, networks: Networks) -> None:
    everyone = np.arange(len(made_up.clips))
    complete = made_up.complete(everyone)
    one, other = (train(_RECIPES["limited"], made_up, complete, everyone, networks) for _ in range(2))
    np.testing.assert_array_equal(one.weights, other.weights)


def test_the_telephone_is_learned_from_pairs() -> None:
    random = np.random.default_rng(0)
    full = random.normal(size=(500, 6))
    limit = fit_band_limit(full, 0.5 * full + 2.0)
    quiet = BandLimit(limit.weights, limit.shift, 0.0 * limit.residual)
    np.testing.assert_allclose(quiet.apply(full, random), 0.5 * full + 2.0, atol=0.3)
    assert read_band_limit().weights.shape == (len(MSD_TAGS) + len(GENRE_CLASSES),) * 2


def test_every_genre_has_a_class_to_be_pulled_to() -> None:
    assert (class_weights().sum(axis=0) > 0).all()


def test_the_threshold_makes_confident_answers_right() -> None:
    scores = np.array([[0.9, 0.1]] * 50 + [[0.595, 0.405]] * 50)
    truth = np.array([0] * 50 + [1] * 40 + [0] * 10)
    assert 0.59 < confident_from(scores, truth) <= 0.9


def test_a_style_is_named_from_where_it_is_right() -> None:
    strength = np.linspace(0.0, 3.5, 200)[:, None]
    assert choose_thresholds(strength, strength > 2.0, np.ones(200))[0] == pytest.approx(2.0, abs=0.25)
    assert choose_thresholds(strength, strength < 0.0, np.ones(200))[0] == 2.6


def test_the_stored_head_says_what_it_is(stored: dict[str, Any]) -> None:
    head = StandardHead.from_file(WEIGHTS / HEAD_FILE)
    assert head.labels == GENRES
    assert float(head.get_buffer("temperature")) == pytest.approx(stored["temperature"])
    assert stored["chosen"]["name"] == CHOSEN
    silent = head(torch.zeros(2, len(MSD_TAGS)), torch.zeros(2, N_EMBEDDING))
    assert torch.isfinite(silent).all()


def test_the_stored_head_keeps_its_promises(stored: dict[str, Any]) -> None:
    chosen = stored["candidates"][CHOSEN]
    assert chosen["difference_to_released"]["mean"] >= 0.04
    assert chosen["calibration"]["ece_over_all_repeats"] <= 0.04
    music = stored["tables"]["music"]
    assert (music["refused"], music["named_with_confidence"]) == (0, 0)
    assert music["doubted"] <= 0.02 * music["n_other"]


def test_the_card_was_written_from_the_metrics(stored: dict[str, Any]) -> None:
    card = (WEIGHTS / "standard.md").read_text(encoding="utf-8")
    assert f"{stored['candidates'][CHOSEN]['accuracy']['value']:.1%}" in card


@pytest.mark.shared
def test_the_tables_do_as_the_metrics_say(stored: dict[str, Any]) -> None:
    shared = Path(__file__).parents[4] / "shared"
    if not shared.is_dir():
        pytest.skip(f"{shared} is not here")
    from tools.training.patch_clips import read_patch_clips
    from tools.training.standard_tables import describe_tables, read_real_sounds

    audio = read_patch_clips(shared / "gtzan" / "real_audio_features.npz")
    with np.load(shared / "gtzan" / "real_audio_features.npz") as file:
        genre = np.array([GENRES.index(str(clip).split(".")[0]) for clip in file["clip"]])
    tables = describe_tables(WEIGHTS, read_real_sounds(shared / "real_sounds" / "features.npz"), audio, genre)
    assert tables["music"]["refused"] == stored["tables"]["music"]["refused"]
    assert tables["outside"] == stored["tables"]["outside"]

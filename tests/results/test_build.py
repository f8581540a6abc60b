import json
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from genre_app import __version__
from genre_app.genres import GENRES
from genre_app.results.build import TrackAnalysis, build_result
from genre_app.results.model_info import ModelInfo
from genre_app.results.moments import moment_scores
from genre_app.results.schema import ClassificationResult, SliceOptions, TrackFacts
from genre_app.results.track_logits import TrackLogits
from genre_app.results.window_plan import plan_windows
from tests.results import answers
from tests.results.answers import Section, result_of

#: Schema 0.1.0 of the design, key by key in its order.
RESULT_KEYS = ["predicted_genre", "predicted_confidence", "predictions", "chunk_predictions", "metadata"]
CHUNK_KEYS = ["chunk_index", "start", "end", "duration", "top_genre", "confidence", "scores"]
ADDED_CHUNK_KEYS = ["is_silent", "sound", "styles"]
METADATA_KEYS = ["analyzer", "model_name", "window_seconds", "overlap", "num_chunks"]
ADDED_METADATA_KEYS = {
    *("num_chunks_total", "is_sample", "top_k", "smoothing_seconds", "max_chunks", "track_name", "duration_seconds"),
    *("source_sample_rate_hz", "weights_revision", "device", "precision", "fallback_reason", "cache_hit"),
    *("timings", "warnings", "app_version"),
}

MODEL = ModelInfo("fake", "r1", GENRES, "cpu")


def scored_track(duration_s: float = 180.0, logits: NDArray[np.float32] | None = None) -> TrackAnalysis:
    if logits is None:
        n_patches = max(1, int(duration_s // 3))
        logits = np.random.default_rng(0).normal(0, 2, (n_patches, len(GENRES))).astype(np.float32)
    starts_s = np.arange(len(logits), dtype=np.float64) * 3.0
    track = TrackLogits(logits, starts_s, 3.0, duration_s, GENRES, "fake", "r1", 44_100, ("It was damaged.",))
    return TrackAnalysis(track, "song.mp3", MODEL, "key", cache_hit=False, timings={"score": 1.23456789})


def as_json(result: ClassificationResult) -> dict[str, Any]:
    parsed: dict[str, Any] = json.loads(result.model_dump_json())
    return parsed


def shared_order(keys: "dict[str, object]", agreed: list[str]) -> list[str]:
    return [key for key in keys if key in agreed]


def test_the_json_has_the_agreed_keys_in_their_order() -> None:
    result = as_json(build_result(scored_track(), SliceOptions()))
    assert shared_order(result, RESULT_KEYS) == RESULT_KEYS
    assert result["schema_version"] == "0.1.0"
    assert [list(prediction) for prediction in result["predictions"]] == [["genre", "score", "logit"]] * 5
    assert [list(chunk) for chunk in result["chunk_predictions"]] == [CHUNK_KEYS + ADDED_CHUNK_KEYS] * 8
    assert {tuple(score) for chunk in result["chunk_predictions"] for score in chunk["scores"]} == {("genre", "score")}
    assert shared_order(result["metadata"], METADATA_KEYS) == METADATA_KEYS
    assert result["metadata"].keys() >= ADDED_METADATA_KEYS


def test_the_metadata_say_how_the_result_came_about() -> None:
    scored = replace(scored_track(), cache_hit=True, fallback_reason="The first choice is not here.")
    metadata = build_result(scored, SliceOptions(window_seconds=20, overlap=0.5, top_k=3)).metadata.model_dump()
    assert metadata == {
        "analyzer": "genre_classifier",
        "model_name": "fake",
        "window_seconds": 20.0,
        "overlap": 0.5,
        "label_kind": "genre",
        "num_chunks": 17,
        "num_chunks_total": 17,
        "is_sample": False,
        "top_k": 3,
        "smoothing_seconds": 0.0,
        "max_chunks": None,
        "track_name": "song.mp3",
        "duration_seconds": 180.0,
        "source_sample_rate_hz": 44_100,
        "weights_revision": "r1",
        "device": "cpu",
        "precision": "float32",
        "fallback_reason": "The first choice is not here.",
        "cache_hit": True,
        "timings": {"score": 1.2346},
        "warnings": ["It was damaged."],
        "app_version": __version__,
    }


@pytest.mark.parametrize("top_k", [1, 3, 10, 99])
def test_every_list_holds_the_top_k_in_falling_order(top_k: int) -> None:
    scored = scored_track()
    result = build_result(scored, SliceOptions(top_k=top_k))
    scores = moment_scores(scored.track).mean(axis=0)
    ranking = np.argsort(-scores)[:top_k]
    assert [prediction.genre for prediction in result.predictions] == [GENRES[i] for i in ranking]
    assert [prediction.score for prediction in result.predictions] == pytest.approx(scores[ranking], abs=1e-6)
    assert [prediction.logit for prediction in result.predictions] == pytest.approx(np.log(scores[ranking]), abs=1e-6)
    for chunk in result.chunk_predictions:
        chunk_scores = [score.score for score in chunk.scores]
        assert len(chunk_scores) == min(top_k, 10)
        assert chunk_scores == sorted(chunk_scores, reverse=True)


@pytest.mark.parametrize(
    ("n_sounding", "n_silent", "says"),
    [(2, 0, "with 6 s of sound"), (3, 9, "with 9 s of sound"), (4, 0, None), (40, 0, None), (0, 2, None)],
)
def test_a_short_excerpt_is_called_so(n_sounding: int, n_silent: int, says: str | None) -> None:
    sections = [Section(n, is_silent=silent) for n, silent in ((n_sounding, False), (n_silent, True)) if n]
    warnings = result_of(*sections).metadata.warnings
    assert (says in warnings[0]) if says else not warnings


def test_headline_and_lists_agree() -> None:
    result = build_result(scored_track(), SliceOptions())
    assert (result.predicted_genre, result.predicted_confidence) == (
        result.predictions[0].genre,
        result.predictions[0].score,
    )
    for chunk in result.chunk_predictions:
        assert (chunk.top_genre, chunk.confidence) == (chunk.scores[0].genre, chunk.scores[0].score)


def test_all_scores_sum_to_one() -> None:
    result = build_result(scored_track(), SliceOptions(top_k=10))
    assert sum(prediction.score for prediction in result.predictions) == pytest.approx(1.0, abs=1e-5)
    for chunk in result.chunk_predictions:
        assert sum(score.score for score in chunk.scores) == pytest.approx(1.0, abs=1e-5)


def test_chunks_are_the_windows_of_the_plan() -> None:
    chunks = build_result(scored_track(), SliceOptions()).chunk_predictions
    plan = plan_windows(180.0, 30.0, 0.25)
    assert [chunk.chunk_index for chunk in chunks] == list(range(8))
    assert [chunk.start for chunk in chunks] == plan.starts_s.tolist()
    assert [chunk.end for chunk in chunks] == plan.ends_s.tolist()
    assert [chunk.duration for chunk in chunks] == [30.0] * 7 + [22.5]


def test_a_chunk_s_answer_comes_from_its_own_part_of_the_track() -> None:
    logits = np.zeros((20, len(GENRES)), np.float32)
    logits[:10, GENRES.index("jazz")] = 5.0
    logits[10:, GENRES.index("metal")] = 6.0
    result = build_result(scored_track(60.0, logits), SliceOptions(window_seconds=15, overlap=0))
    assert [chunk.top_genre for chunk in result.chunk_predictions] == ["jazz", "jazz", "metal", "metal"]
    assert result.predicted_genre == "metal"


def test_a_sample_says_that_it_is_one_and_keeps_the_whole_track_s_answer() -> None:
    scored = scored_track()
    full, sample = (build_result(scored, SliceOptions(max_chunks=limit)) for limit in (None, 3))
    assert (sample.metadata.is_sample, sample.metadata.num_chunks, sample.metadata.num_chunks_total) == (True, 3, 8)
    assert len(sample.chunk_predictions) == 3
    assert sample.predictions == full.predictions


@pytest.mark.parametrize("duration_s", [0.00001, 0.4, 2.0, 12.0])
def test_a_short_track_is_one_chunk(duration_s: float) -> None:
    result = build_result(scored_track(duration_s), SliceOptions())
    assert [(chunk.start, chunk.end) for chunk in result.chunk_predictions] == [(0.0, round(duration_s, 3))]


def test_equal_scores_keep_the_labels_order() -> None:
    result = build_result(scored_track(9.0, np.zeros((3, 10), np.float32)), SliceOptions(top_k=10))
    assert [prediction.genre for prediction in result.predictions] == list(GENRES)
    assert result.predicted_confidence == pytest.approx(0.1)


def test_extreme_logits_stay_probabilities() -> None:
    logits = np.full((3, 10), -1e4, np.float32)
    logits[:, 3] = 1e4
    result = build_result(scored_track(9.0, logits), SliceOptions())
    assert (result.predicted_genre, result.predicted_confidence) == ("disco", 1.0)


def test_a_result_survives_json() -> None:
    result = build_result(scored_track(), SliceOptions())
    assert ClassificationResult.model_validate_json(result.model_dump_json()) == result


def test_what_is_not_music_has_no_tempo() -> None:
    facts = TrackFacts(tempo_bpm=102.0)
    for sections, expected in ((answers.CONFIDENT, facts), (answers.NOT_MUSIC, None)):
        scored = replace(answers.analysis_of(*sections), facts=facts)
        assert build_result(scored, SliceOptions()).facts == expected

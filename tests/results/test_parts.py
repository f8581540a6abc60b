"""Silence has no vote, and is said where it is."""

from dataclasses import replace

import numpy as np
import pytest

from genre_app.results.build import build_result
from genre_app.results.leaders import leading_labels
from genre_app.results.schema import SILENCE, SliceOptions, Span
from genre_app.results.stretches import clearest_part, silences_of
from genre_app.results.track_logits import TrackLogits
from genre_app.results.windows import slice_track
from tests.results import answers
from tests.results.answers import Section, analysis_of, result_of
from tests.results.test_build import MODEL, scored_track
from tests.results.test_windows import make_track

#: Twenty patches of three seconds: ten of music, ten without sound.
MUSIC_THEN_SILENCE = np.array([-18.0] * 10 + [-200.0] * 10, np.float32)


def half_silent(seed: int = 0) -> TrackLogits:
    return replace(make_track(60.0, seed=seed), levels_dbfs=MUSIC_THEN_SILENCE)


@pytest.mark.parametrize("smoothing_seconds", [0.0, 6.0])
def test_silence_does_not_move_the_track_s_scores_nor_those_of_windows_that_it_reaches_into(
    smoothing_seconds: float,
) -> None:
    options = SliceOptions(window_seconds=20.0, overlap=0.0, smoothing_seconds=smoothing_seconds)
    track = half_silent()
    music = replace(
        track,
        logits=track.logits[:10],
        starts_s=track.starts_s[:10],
        duration_s=30.0,
        levels_dbfs=MUSIC_THEN_SILENCE[:10],
    )
    whole, alone = slice_track(track, options), slice_track(music, options)
    np.testing.assert_allclose(whole.track_scores, alone.track_scores)
    np.testing.assert_allclose(whole.window_scores[:2], alone.window_scores, atol=1e-6)
    assert whole.is_silent.tolist() == [False, False, True]


def test_a_silent_window_is_called_silence_and_scores_nothing() -> None:
    scored = scored_track(60.0)
    scored = replace(scored, track=replace(scored.track, levels_dbfs=MUSIC_THEN_SILENCE))
    result = build_result(scored, SliceOptions(window_seconds=10.0, overlap=0.0))
    silent = [chunk.is_silent for chunk in result.chunk_predictions]
    assert silent == [False] * 3 + [True] * 3
    last = result.chunk_predictions[-1]
    assert (last.top_genre, last.confidence, {score.score for score in last.scores}) == (SILENCE, 0.0, {0.0})
    assert [entry.genre for entry in result.timeline][3:] == [SILENCE] * 3
    assert result.palette[SILENCE].hex == result.timeline[-1].colour
    assert result.silences == [Span(start=30.0, end=60.0)]


def test_a_silent_track_still_has_scores_for_its_schema() -> None:
    track = replace(make_track(30.0), levels_dbfs=np.full(10, -200.0, np.float32))
    windows = slice_track(track, SliceOptions())
    assert np.isfinite(windows.track_scores).all()
    assert windows.is_silent.all()
    assert clearest_part(track, 0) is None
    assert silences_of(track) == [Span(start=0.0, end=30.0)]


@pytest.mark.parametrize(
    ("levels", "has_sound"),
    [
        ((-18.0, -60.0, -200.0), (True, True, False)),
        ((-70.0, -75.0, -79.0), (True, True, True)),  # quiet throughout is no silence
        ((-10.0, -60.0, -70.0), (True, True, False)),  # beside loud music, a noise floor is
        ((-200.0, -200.0, -200.0), (False, False, False)),
    ],
)
def test_what_counts_as_sound(levels: tuple[float, ...], has_sound: tuple[bool, ...]) -> None:
    track = replace(make_track(9.0), levels_dbfs=np.array(levels, np.float32))
    assert track.has_sound.tolist() == list(has_sound)


def test_the_clearest_part_is_where_the_label_leads_most() -> None:
    logits = np.zeros((20, 4), np.float32)
    logits[12:16, 2] = 6.0
    track = replace(make_track(60.0), logits=logits)
    part = clearest_part(track, 2)
    assert part is not None
    assert 34.0 <= part.start < part.end <= 50.0
    assert part.end - part.start == pytest.approx(10.0)


def test_parts_meet_where_one_genre_takes_over() -> None:
    parts = result_of(Section(15, "rock"), Section(5, "blues", strength=0.5), Section(20, "jazz")).verdict.parts
    assert [(part.name, part.start) for part in parts] == [("rock", 0.0), ("jazz", parts[0].end)]
    assert 45.0 <= parts[0].end <= 60.0


def test_a_long_doubt_between_parts_belongs_to_neither() -> None:
    parts = result_of(Section(20, "rock"), Section(20, "blues", strength=0.5), Section(20, "jazz")).verdict.parts
    assert [part.name for part in parts] == ["rock", "jazz"]
    assert parts[1].start - parts[0].end > 30.0


def test_a_minute_of_speech_before_a_song_does_not_make_it_speech() -> None:
    result = result_of(Section(20, "blues", sound="speech"), Section(100, "metal"))
    assert (result.verdict.kind, result.predicted_genre) == ("confident", "metal")
    assert result.predicted_confidence > 0.9, "speech has no vote on the genre"
    assert [(part.kind, part.name, part.start, part.end) for part in result.verdict.parts] == [
        ("sound", "speech", 0.0, 60.0)
    ]


def test_a_few_seconds_of_noise_in_a_song_are_part_of_it() -> None:
    assert result_of(Section(60, "metal"), Section(6, "metal", sound="birds"), Section(60, "metal")).verdict.parts == []


def test_many_parts_are_named_from_the_likeliest() -> None:
    piece = (Section(10, "jazz"), Section(20, "metal"), Section(14, "classical"))
    result = result_of(*piece * 3)
    assert result.verdict.sentence == "Metal, classical and jazz in turn"
    assert result.verdict.genres == ["metal", "classical", "jazz"]
    assert [prediction.genre for prediction in result.predictions[:3]] == result.verdict.genres


def test_the_answer_is_not_sure_where_another_genre_leads_for_longer() -> None:
    doubtful = replace(answers.MODEL, rule=replace(answers.MODEL.rule, confident_from=0.4, part_from=None))
    scored = replace(analysis_of(Section(32, "rock", strength=2.5), Section(20, "jazz", strength=9.0)), model=doubtful)
    result = build_result(scored, SliceOptions())
    assert (result.predicted_genre, result.verdict.kind) == ("jazz", "uncertain")
    assert "rock" in result.verdict.genres


def test_without_levels_everything_sounds() -> None:
    assert not slice_track(make_track(30.0), SliceOptions()).is_silent.any()
    assert silences_of(make_track(30.0)) == []
    assert SILENCE not in leading_labels(slice_track(make_track(30.0), SliceOptions())).labels
    assert MODEL.n_columns == 10

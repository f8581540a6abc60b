from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from genre_app.genres import GENRES, NEUTRAL_COLOUR, OTHER_COLOUR, colour_of, display_name
from genre_app.report.charts import genre_timeline, score_bars
from genre_app.results.bands import bands_of
from genre_app.results.build import build_result
from genre_app.results.schema import SliceOptions
from genre_app.results.windows import WindowScores, slice_track
from tests.results import answers
from tests.results.test_build import scored_track


def standing_alone(duration_s: float = 180.0) -> WindowScores:
    """Windows of a model whose labels do not exclude each other."""
    track = replace(scored_track(duration_s).track, activation="sigmoid")
    return slice_track(track, SliceOptions())


def windows_of(duration_s: float = 180.0, **options: float) -> WindowScores:
    return slice_track(scored_track(duration_s).track, SliceOptions.checked(**options))


def timeline(windows: WindowScores, duration_s: float, top_k: int = 3) -> tuple[list[Any], Any]:
    """Return the areas and the strip below them."""
    figure = genre_timeline(windows, duration_s, top_k)
    *areas, strip = figure.data
    return areas, strip


def test_bars_show_every_genre_with_the_highest_on_top() -> None:
    windows = windows_of()
    figure = score_bars(windows, top_k=3)
    (bars,) = figure.data
    ranking = np.argsort(-windows.track_scores)
    assert list(bars.y) == [display_name(GENRES[i]) for i in ranking]
    np.testing.assert_array_equal(bars.x, windows.track_scores[ranking])
    assert figure.layout.yaxis.autorange == "reversed"


def test_bars_have_their_genre_s_colour_and_are_muted_below_the_top_k() -> None:
    windows = windows_of()
    (bars,) = score_bars(windows, top_k=3).data
    assert list(bars.marker.color) == [colour_of(GENRES[i]) for i in np.argsort(-windows.track_scores)]
    opacity = list(bars.marker.opacity)
    assert opacity[:3] == [1.0] * 3
    assert max(opacity[3:]) < 0.5


def test_areas_are_the_windows_scores_at_their_middle_and_fill_the_height() -> None:
    windows = windows_of()
    areas, _ = timeline(windows, 180.0)
    best = np.argsort(-windows.track_scores)[:3]
    assert [area.name for area in areas] == [*(display_name(GENRES[i]) for i in best), "Others"]
    np.testing.assert_allclose(sum(np.asarray(area.y) for area in areas), 1.0)
    for area, i in zip(areas, best, strict=False):
        np.testing.assert_allclose(area.x[1:-1], (windows.plan.starts_s + windows.plan.ends_s) / 2)
        np.testing.assert_array_equal(area.y[1:-1], windows.window_scores[:, i])
    assert areas[-1].fillcolor == NEUTRAL_COLOUR


@pytest.mark.parametrize("duration_s", [2.0, 29.0, 61.3, 4000.0])
def test_areas_reach_from_the_track_s_start_to_its_end(duration_s: float) -> None:
    areas, _ = timeline(windows_of(duration_s), duration_s)
    for area in areas:
        assert (area.x[0], area.x[-1]) == (0.0, duration_s)
        assert len(area.x) == len(area.y) == len(area.customdata)


def test_nothing_is_left_over_where_all_genres_have_an_area() -> None:
    areas, _ = timeline(windows_of(), 180.0, top_k=10)
    assert sorted(area.name for area in areas) == sorted(display_name(genre) for genre in GENRES)


def test_the_strip_shows_who_leads_without_gaps() -> None:
    windows = windows_of(window_seconds=20)
    _, strip = timeline(windows, 180.0)
    leaders = [GENRES[i] for i in windows.window_scores.argmax(axis=1)]
    assert list(strip.marker.color) == [colour_of(leader) for leader in leaders]
    left, right = strip.x - strip.width / 2, strip.x + strip.width / 2
    np.testing.assert_allclose(left, windows.plan.starts_s, atol=1e-9)
    np.testing.assert_allclose(right[:-1], left[1:])
    assert right[-1] == pytest.approx(180.0)
    assert strip.customdata[0].startswith(f"{display_name(leaders[0])}, ")


def test_thousands_of_windows_are_thinned_from_end_to_end() -> None:
    windows = windows_of(7200.0, window_seconds=3, overlap=0.9)
    areas, strip = timeline(windows, 7200.0)
    assert len(windows.plan.starts_s) > 20_000
    assert 1000 <= len(strip.x) <= 1200
    assert (areas[0].x[0], areas[0].x[-1]) == (0.0, 7200.0)


@pytest.mark.parametrize("duration_s", [0.5, 9.0, 59.0, 184.0, 3600.0, 7200.0])
def test_time_is_marked_at_a_few_round_places_and_read_as_a_clock(duration_s: float) -> None:
    axis = genre_timeline(windows_of(duration_s), duration_s, 3).layout.xaxis
    assert 1 <= len(axis.tickvals) <= 7
    assert max(axis.tickvals) < duration_s
    assert list(axis.range) == [0, duration_s]
    assert (axis.tickvals[0], axis.ticktext[0]) == (0.0, "0:00")


def test_scores_that_stand_alone_have_a_lane_of_bars_each_and_no_sum() -> None:
    windows = standing_alone()
    lanes, strip = timeline(windows, 180.0)
    best = np.argsort(-windows.track_scores)[:3]
    assert [lane.name for lane in lanes] == [display_name(GENRES[i]) for i in best]
    assert [lane.base for lane in lanes] == [2, 1, 0]  # the likeliest on top
    for lane, i in zip(lanes, best, strict=True):
        shares = np.asarray(lane.y) / windows.window_scores[:, i]
        np.testing.assert_allclose(shares, shares[0])
        assert max(lane.y) < 1  # no bar reaches into the lane above
    assert [lane.marker.color for lane in lanes] == [colour_of(GENRES[i]) for i in best]
    assert len(strip.x) == len(windows.plan.starts_s)
    names = genre_timeline(windows, 180.0, 3).layout.annotations
    assert [(name.text, name.y) for name in names] == [
        (display_name(GENRES[i]), 3 - rank) for rank, i in enumerate(best)
    ]


def test_a_tag_has_one_colour_wherever_it_is_drawn() -> None:
    scored = answers.answer_of_labels({"guitar": 0.7, "rock": 0.6}, activation="sigmoid")
    result, windows = build_result(scored, SliceOptions()), slice_track(scored.track, SliceOptions())
    (guitar, rock), strip = timeline(windows, scored.track.duration_s, top_k=2)
    assert (guitar.marker.color, rock.marker.color) == (OTHER_COLOUR, colour_of("rock"))
    assert list(score_bars(windows, top_k=2).data[0].marker.color) == [OTHER_COLOUR, colour_of("rock")]
    assert {*strip.marker.color} == {entry.colour for entry in result.timeline} == {OTHER_COLOUR}
    assert result.palette["guitar"].hex == result.verdict.colours[0] == OTHER_COLOUR


def test_many_lanes_have_room() -> None:
    windows = standing_alone()
    heights = [genre_timeline(windows, 180.0, top_k).layout.height for top_k in (3, 5, 10)]
    assert heights[0] == heights[1] < heights[2]


def test_of_a_hundred_labels_the_lowest_have_no_bar() -> None:
    windows = standing_alone()
    scores = np.linspace(0, 1, 100)
    windows = replace(windows, labels=tuple(f"style {i}" for i in range(100)), track_scores=scores)
    assert list(score_bars(windows, top_k=3).data[0].y) == [f"Style {i}" for i in range(99, 84, -1)]
    assert len(score_bars(windows, top_k=20).data[0].y) == 20


def timeline_of(*sections: answers.Section, is_exclusive: bool = True, window_seconds: float = 10) -> list[Any]:
    """Return the traces of a hand-made track."""
    scored, options = answers.analysis_of(*sections), SliceOptions(window_seconds=window_seconds)
    result = build_result(scored, options)
    track = scored.track if is_exclusive else replace(scored.track, activation="sigmoid")
    figure = genre_timeline(slice_track(track, options), track.duration_s, 3, bands_of(result))
    return list(figure.data)


def test_areas_pause_where_there_is_no_sound_and_the_stretch_is_hatched() -> None:
    *areas, hatched, strip = timeline_of(answers.Section(10), answers.Section(10, is_silent=True), answers.Section(10))
    together = np.sum([area.y for area in areas], axis=0)
    times_s = np.asarray(areas[0].x)
    is_silent = (times_s > 30) & (times_s < 60)
    assert is_silent.sum() >= 2
    np.testing.assert_array_equal(together[is_silent], 0.0)
    np.testing.assert_allclose(together[~is_silent], 1.0)
    assert (hatched.name, list(hatched.x), list(hatched.width)) == ("No sound", [45.0], [30.0])
    assert hatched.marker.pattern.shape == "/"
    assert hatched.hovertemplate == ("0:30 to 1:00",)
    says = dict(zip(strip.x - strip.width / 2, strip.customdata, strict=True))
    assert says[30.0] == "No sound"
    colours = dict(zip(strip.customdata, strip.marker.color, strict=True))
    assert colours["No sound"] == NEUTRAL_COLOUR


@pytest.mark.parametrize("window_seconds", [5, 30, 600])
def test_a_silent_end_has_no_score_whatever_the_windows_are(window_seconds: float) -> None:
    *areas, _, strip = timeline_of(*answers.THEN_SILENCE, window_seconds=window_seconds)
    for area in areas:
        assert (area.x[0], area.x[-1]) == (0.0, 120.0)
        assert not np.asarray(area.y)[np.asarray(area.x) > 60].any()
    starts_s = strip.x - strip.width / 2
    assert 60.0 in starts_s
    assert {says for says, start_s in zip(strip.customdata, starts_s, strict=True) if start_s >= 60} == {"No sound"}
    assert strip.customdata[0].startswith("Disco")


def test_lanes_are_empty_where_there_is_no_sound() -> None:
    *lanes, _, _ = timeline_of(*answers.THEN_SILENCE, is_exclusive=False)
    for lane in lanes:
        assert (np.asarray(lane.x) + np.asarray(lane.width) / 2).max() == pytest.approx(60, abs=0.5)


def test_speech_between_pieces_of_music_is_no_genre() -> None:
    *areas, hatched, strip = timeline_of(*answers.SPEECH_BETWEEN, window_seconds=30)
    assert hatched.name == "Speech"
    says = dict(zip(strip.x - strip.width / 2, strip.customdata, strict=True))
    assert says[30.0] == "Speech"
    assert says[0.0].startswith("Hip-hop")
    before = np.asarray(areas[0].x) <= 30
    blues = next(area for area in areas if area.name == "Blues")
    assert np.asarray(blues.y)[before].max() < 0.1


def test_a_file_without_sound_has_an_empty_chart() -> None:
    (strip,) = timeline_of(*answers.NO_SOUND)
    assert set(strip.customdata) == {"No sound"}
    scored = answers.analysis_of(*answers.NO_SOUND)
    assert not score_bars(slice_track(scored.track, SliceOptions()), top_k=3).data[0].x.any()


def test_charts_to_compare_have_their_labels_in_one_order() -> None:
    order = ["rock", "unknown", "blues", "pop"]
    areas = genre_timeline(windows_of(), 180.0, 3, order=order).data[:-1]
    assert [area.name for area in areas] == ["Rock", "Blues", "Pop", "Others"]
    assert sum(area.y[0] for area in areas) == pytest.approx(1)
    lanes = genre_timeline(standing_alone(), 180.0, 3, order=order)
    assert [lane.name for lane in lanes.data[:-1]] == ["Rock", "Blues", "Pop"]
    assert [name.text for name in lanes.layout.annotations] == ["Rock", "Blues", "Pop"]

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from genre_app.results.moments import moment_scores, sigmoid, smooth, softmax
from genre_app.results.schema import SliceOptions
from genre_app.results.track_logits import TrackLogits
from genre_app.results.window_plan import plan_windows
from genre_app.results.windows import slice_track

DURATIONS_S = (0.01, 1.0, 2.992, 29.999, 30.0, 30.001, 59.84, 61.3, 180.0, 184.4, 3601.7)
WINDOWS_S = (1.0, 3.0, 7.3, 30.0, 60.0, 600.0)
OVERLAPS = (0.0, 0.1, 0.25, 1 / 3, 0.5, 0.75, 0.9)


def make_track(
    duration_s: float, *, patch_s: float = 3.0, hop_s: float | None = None, n_labels: int = 4, seed: int = 0
) -> TrackLogits:
    """Make a track with random logits; the last patch ends with the track, as the cutter lays it."""
    starts_s = np.arange(0.0, max(duration_s - patch_s, 0.0) + 1e-9, hop_s or patch_s)
    if starts_s[-1] + patch_s < duration_s - 1e-9:
        starts_s = np.append(starts_s, duration_s - patch_s)
    logits = np.random.default_rng(seed).normal(0, 3, (len(starts_s), n_labels)).astype(np.float32)
    return with_logits(logits, starts_s, patch_s, duration_s)


def with_logits(logits: NDArray[np.float32], starts_s: NDArray[Any], patch_s: float, duration_s: float) -> TrackLogits:
    labels = tuple("abcdefghij"[: logits.shape[1]])
    return TrackLogits(logits, starts_s, patch_s, duration_s, labels, "fake", "1", 44_100)


def smoothed_logits(track: TrackLogits, smoothing_seconds: float) -> NDArray[np.float64]:
    return smooth(track, track.logits.astype(np.float64), smoothing_seconds)


def brute_force(track: TrackLogits, scores: NDArray[np.float64], start_s: float, end_s: float) -> NDArray[np.float64]:
    """Average moments weighted by how long each lies in a window, one by one."""
    weights = [
        max(0.0, min(end_s, start + track.patch_seconds) - max(start_s, start)) for start in track.starts_s.tolist()
    ]
    mean: NDArray[np.float64] = np.average(scores, axis=0, weights=weights)
    return mean


def test_three_minutes_in_half_minutes_that_overlap_by_a_quarter_are_eight_windows() -> None:
    plan = plan_windows(180.0, 30.0, 0.25)
    assert plan.starts_s.tolist() == [0.0, 22.5, 45.0, 67.5, 90.0, 112.5, 135.0, 157.5]
    assert plan.ends_s.tolist() == [30.0, 52.5, 75.0, 97.5, 120.0, 142.5, 165.0, 180.0]
    assert plan.n_total == 8


@pytest.mark.parametrize("duration_s", [0.01, 12.0, 30.0, 30.0 + 1e-9])
def test_a_track_no_longer_than_a_window_is_one_window(duration_s: float) -> None:
    plan = plan_windows(duration_s, 30.0, 0.9)
    assert plan.starts_s.tolist() == [0.0]
    assert plan.ends_s.tolist() == [min(duration_s, 30.0)]


def test_a_track_just_longer_than_a_window_has_a_shorter_second_one() -> None:
    plan = plan_windows(30.1, 30.0, 0.0)
    assert plan.starts_s.tolist() == [0.0, 30.0]
    assert plan.ends_s.tolist() == [30.0, 30.1]


@pytest.mark.parametrize("duration_s", DURATIONS_S)
@pytest.mark.parametrize("window_s", WINDOWS_S)
@pytest.mark.parametrize("overlap", OVERLAPS)
def test_windows_cover_the_track_evenly_and_never_leave_it(duration_s: float, window_s: float, overlap: float) -> None:
    plan = plan_windows(duration_s, window_s, overlap)
    lengths_s = plan.ends_s - plan.starts_s
    assert plan.n_total == len(plan.starts_s) == len(plan.ends_s)
    assert plan.starts_s[0] == 0.0
    assert plan.ends_s[-1] == pytest.approx(duration_s, abs=1e-5)
    assert (plan.ends_s <= duration_s).all()
    assert (lengths_s > 0).all()
    assert lengths_s[:-1] == pytest.approx(window_s)
    assert lengths_s[-1] <= window_s + 1e-9
    assert np.diff(plan.starts_s) == pytest.approx(window_s * (1 - overlap))
    assert (plan.ends_s[:-1] < duration_s - 1e-7).all(), "a window after the first that reaches the end adds nothing"


@pytest.mark.parametrize("limit", [1, 2, 3, 7, 50, 119])
def test_a_limit_keeps_windows_of_the_full_plan_spread_evenly(limit: int) -> None:
    full, some = plan_windows(3600.0, 30.0, 0.0), plan_windows(3600.0, 30.0, 0.0, max_chunks=limit)
    assert (some.n_total, len(some.starts_s)) == (120, limit)
    assert set(some.starts_s.tolist()) <= set(full.starts_s.tolist())
    assert (some.ends_s - some.starts_s == 30.0).all()
    gaps_s = np.diff([-some.starts_s[0] - 30.0, *some.starts_s, 2 * 3600.0 - some.starts_s[-1]])
    assert gaps_s.max() - gaps_s.min() <= 60.0, "no stretch of the track is favoured by more than a window a side"


@pytest.mark.parametrize("limit", [8, 9, 1000])
def test_a_limit_that_is_not_reached_changes_nothing(limit: int) -> None:
    plan = plan_windows(180.0, 30.0, 0.25, max_chunks=limit)
    assert plan.starts_s.tolist() == plan_windows(180.0, 30.0, 0.25).starts_s.tolist()


@pytest.mark.parametrize("duration_s", [2.0, 3.0, 10.0, 61.3, 184.4])
@pytest.mark.parametrize("hop_s", [1.0, 2.5, 3.0])
@pytest.mark.parametrize(("window_s", "overlap"), [(1.0, 0.0), (7.3, 1 / 3), (30.0, 0.25), (30.0, 0.9), (600.0, 0.5)])
def test_a_window_s_scores_are_the_overlap_weighted_mean_of_its_moments(
    duration_s: float, hop_s: float, window_s: float, overlap: float
) -> None:
    track = make_track(duration_s, hop_s=hop_s)
    windows = slice_track(track, SliceOptions(window_seconds=window_s, overlap=overlap))
    bounds = zip(windows.plan.starts_s.tolist(), windows.plan.ends_s.tolist(), strict=True)
    scores = moment_scores(track, min(5.0, window_s / 4))
    expected = np.array([brute_force(track, scores, start_s, end_s) for start_s, end_s in bounds])
    np.testing.assert_allclose(windows.window_scores, expected, atol=1e-9)


def test_the_shifted_last_patch_counts_double_only_where_it_lies() -> None:
    track = with_logits(np.array([[9.0, -9.0], [-9.0, 9.0]], np.float32), np.array([0.0, 1.0]), 3.0, 4.0)
    windows = slice_track(track, SliceOptions(window_seconds=1.0, overlap=0.0))
    # 0-1 s: the first patch alone; 1-3 s: half of each; 3-4 s: the last patch alone.
    np.testing.assert_allclose(windows.window_scores[:, 0], [1.0, 0.5, 0.5, 0.0], atol=0.02)


def test_a_track_s_scores_are_the_mean_of_all_its_moments_whatever_the_options() -> None:
    track = make_track(184.4)
    for options in (SliceOptions(), SliceOptions(max_chunks=1, smoothing_seconds=20.0, overlap=0.9)):
        windows = slice_track(track, options)
        np.testing.assert_allclose(windows.track_scores, moment_scores(track).mean(axis=0))


def test_windows_side_by_side_average_to_the_track() -> None:
    track = make_track(180.0)
    for window_s in (20.0, 30.0, 60.0, 180.0):
        windows = slice_track(track, SliceOptions(window_seconds=window_s, overlap=0.0))
        np.testing.assert_allclose(windows.window_scores.mean(axis=0), windows.track_scores, atol=1e-9)


def test_the_genre_that_leads_for_longest_wins_over_the_one_that_is_nowhere_excluded() -> None:
    labels = [[9.0, -9.0, 3.0]] * 24 + [[-9.0, 9.0, 3.0]] * 16  # the mean of the logits would say the third
    track = with_logits(np.array(labels, np.float32), np.arange(40) * 3.0, 3.0, 120.0)
    scores = slice_track(track, SliceOptions()).track_scores
    np.testing.assert_allclose(scores, [0.6, 0.4, 0.0], atol=0.05)


def test_scores_sum_to_one_and_are_the_softmax_of_the_logits() -> None:
    windows = slice_track(make_track(184.4, n_labels=10), SliceOptions(window_seconds=3.0, overlap=0.9))
    np.testing.assert_allclose(windows.window_scores.sum(axis=1), 1.0)
    np.testing.assert_allclose(windows.track_scores.sum(), 1.0)
    np.testing.assert_allclose(softmax(windows.track_logits), windows.track_scores)


def test_scores_that_stand_alone_are_the_sigmoid_of_the_logits() -> None:
    windows = slice_track(replace(make_track(60.0), activation="sigmoid"), SliceOptions())
    np.testing.assert_allclose(sigmoid(windows.track_logits), windows.track_scores)


def test_percentages_for_people_sum_to_a_hundred() -> None:
    for seed in range(20):
        windows = slice_track(make_track(60.0, n_labels=10, seed=seed), SliceOptions())
        shown = [int(text.strip("<> %")) if not text.startswith("<") else 0 for text in windows.track_percents]
        assert sum(shown) == 100


@pytest.mark.parametrize("smoothing_s", [0.5, 3.0, 20.0, 60.0])
def test_smoothing_leaves_a_constant_alone_up_to_the_ends(smoothing_s: float) -> None:
    starts_s = np.arange(40) * 3.0
    track = with_logits(np.full((40, 2), 2.5, np.float32), starts_s, 3.0, 120.0)
    np.testing.assert_allclose(smoothed_logits(track, smoothing_s), 2.5)


def test_smoothing_stays_between_the_extremes_and_calms() -> None:
    track = make_track(300.0)
    smoothed = smoothed_logits(track, 6.0)
    assert smoothed.min() >= track.logits.min()
    assert smoothed.max() <= track.logits.max()
    assert smoothed.std() < 0.7 * track.logits.std()
    np.testing.assert_allclose(smoothed.mean(axis=0), track.logits.mean(axis=0), atol=0.3)


def test_smoothing_spreads_a_peak_as_a_gaussian_in_seconds() -> None:
    logits = np.zeros((101, 1), np.float32)
    logits[50] = 1.0
    smoothed = smoothed_logits(with_logits(logits, np.arange(101) * 2.0, 2.0, 202.0), 8.0)[:, 0]
    times_s = (np.arange(101) - 50) * 2.0
    assert smoothed.sum() == pytest.approx(1.0, abs=1e-3)
    assert np.sqrt((smoothed * times_s**2).sum()) == pytest.approx(8.0, rel=0.01)
    np.testing.assert_allclose(smoothed, smoothed[::-1])


def test_smoothing_equals_the_plain_sum_over_all_neighbours() -> None:
    track = make_track(90.0)
    weights = np.exp(-0.5 * (np.subtract.outer(track.starts_s, track.starts_s) / 5.0) ** 2)
    expected = weights @ track.logits / weights.sum(axis=1, keepdims=True)
    np.testing.assert_allclose(smoothed_logits(track, 5.0), expected, atol=2e-3)


def test_no_smoothing_returns_the_logits() -> None:
    track = make_track(50.0)
    np.testing.assert_array_equal(smoothed_logits(track, 0.0), track.logits)
    np.testing.assert_array_equal(smoothed_logits(make_track(2.0), 9.0), make_track(2.0).logits)


def test_smoothing_reaches_the_windows() -> None:
    track = make_track(120.0)
    rough, calm = (slice_track(track, SliceOptions(window_seconds=3.0, smoothing_seconds=s)) for s in (0.0, 10.0))
    assert calm.window_scores.std() < 0.6 * rough.window_scores.std()


def test_softmax_is_stable_for_huge_logits() -> None:
    scores = softmax(np.array([[1e4, 1e4 - 1.0], [-1e4, -1e4], [0.0, -1e9]]))
    np.testing.assert_allclose(scores, [[0.731058579, 0.268941421], [0.5, 0.5], [1.0, 0.0]], atol=1e-9)


def test_a_score_track_whose_parts_do_not_fit_is_refused() -> None:
    for shape in ((0, 3), (2, 3), (3, 2)):
        with pytest.raises(ValueError, match="do not fit"):
            TrackLogits(
                np.zeros(shape, np.float32), np.zeros(3 if shape[0] else 0), 1.0, 3.0, ("a", "b", "c"), "", "", 1
            )


def test_smoothing_goes_by_the_distance_of_windows_that_lie_unevenly() -> None:
    logits = np.array([[0.0], [4.0], [8.0]], np.float32)
    track = with_logits(logits, np.array([0.0, 10.0, 100.0]), 10.0, 110.0)
    near = np.exp(-0.5)
    expected = [4 * near / (1 + near), 4 / (1 + near), 8.0]
    np.testing.assert_allclose(smoothed_logits(track, 10.0)[:, 0], expected, rtol=1e-12)

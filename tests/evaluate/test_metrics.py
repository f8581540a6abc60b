import math

import numpy as np
import pytest

from genre_app.evaluate.metrics import (
    above_confidence,
    accuracy,
    confusion_matrix,
    expected_calibration_error,
    negative_log_likelihood,
    proportion,
    recall_by_class,
)

TRUTH = np.array([0, 0, 0, 1, 1, 2])
PREDICTED = np.array([0, 0, 1, 1, 2, 2])


def test_wilson_interval_matches_the_textbook() -> None:
    share = proportion(81, 263)  # Newcombe (1998), table I, method 3
    assert (round(share.low, 4), round(share.high, 4)) == (0.2553, 0.3662)


@pytest.mark.parametrize(("n_hits", "low", "high"), [(0, 0.0, 0.2775), (10, 0.7225, 1.0)])
def test_wilson_interval_of_extremes_is_neither_empty_nor_outside(n_hits: int, low: float, high: float) -> None:
    share = proportion(n_hits, 10)
    assert [share.low, share.high] == pytest.approx([low, high], abs=1e-4)


def test_a_share_of_nothing_is_unknown() -> None:
    share = proportion(0, 0)
    assert math.isnan(share.value)
    assert share.as_dict() == {"value": None, "low": None, "high": None, "n": 0}


@pytest.mark.parametrize(("n_hits", "n"), [(-1, 3), (4, 3)])
def test_impossible_counts_are_refused(n_hits: int, n: int) -> None:
    with pytest.raises(ValueError, match="is no share"):
        proportion(n_hits, n)


def test_a_wider_level_gives_a_wider_interval() -> None:
    assert proportion(5, 10, level=0.99).low < proportion(5, 10, level=0.9).low


def test_accuracy_counts_hits() -> None:
    assert accuracy(PREDICTED, TRUTH).value == pytest.approx(4 / 6)


def test_recall_is_of_each_class_s_own_members() -> None:
    shares = recall_by_class(PREDICTED, TRUTH, 4)
    assert [share.n for share in shares] == [3, 2, 1, 0]
    assert [share.value for share in shares[:3]] == pytest.approx([2 / 3, 1 / 2, 1.0])
    assert math.isnan(shares[3].value)


def test_confusion_has_the_truth_in_rows() -> None:
    assert confusion_matrix(PREDICTED, TRUTH, 3).tolist() == [[2, 1, 0], [0, 1, 1], [0, 0, 1]]


def test_calibration_error_by_hand() -> None:
    # Two answers at 0.9, one right: gap 0.4. Two at 0.6, both right: gap 0.4.
    probabilities = np.array([[0.9, 0.1], [0.9, 0.1], [0.4, 0.6], [0.4, 0.6]])
    assert expected_calibration_error(probabilities, np.array([0, 1, 1, 1]), n_bins=10) == pytest.approx(0.4)


def test_gaps_inside_one_bin_cancel() -> None:
    probabilities = np.array([[0.75, 0.25]] * 4)
    assert expected_calibration_error(probabilities, np.array([0, 0, 0, 1]), n_bins=10) == pytest.approx(0.0)


def test_certainty_falls_into_the_last_bin() -> None:
    assert expected_calibration_error(np.array([[1.0, 0.0]]), np.array([0])) == 0.0


def test_likelihood_is_of_the_right_class() -> None:
    probabilities = np.array([[0.5, 0.5], [0.25, 0.75]])
    assert negative_log_likelihood(probabilities, np.array([0, 0])) == pytest.approx((math.log(2) + math.log(4)) / 2)


def test_above_confidence_leaves_the_unsure_out() -> None:
    probabilities = np.array([[0.9, 0.1], [0.8, 0.2], [0.55, 0.45], [0.3, 0.7]])
    found = above_confidence(probabilities, np.array([0, 1, 0, 1]), 0.7)
    assert found.share.value == 0.75
    assert found.accuracy.value == pytest.approx(2 / 3)
    assert found.as_dict()["accuracy"]["n"] == 3


def test_nobody_is_confident_enough() -> None:
    assert math.isnan(above_confidence(np.array([[0.5, 0.5]]), np.array([0]), 0.9).accuracy.value)

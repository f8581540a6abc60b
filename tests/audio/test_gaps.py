"""Gaps in time stamps: found where they are, and single wrong stamps ignored."""

from fractions import Fraction

import av
import pytest

from genre_app.audio.gaps import GapCount, with_gaps

RATE_HZ = 1000
N_SAMPLES = 100


def frames(*starts_s: float | None) -> list[av.AudioFrame]:
    """Frames of 0.1 s with these time stamps."""
    made = []
    for start_s in starts_s:
        frame = av.AudioFrame("flt", "mono", N_SAMPLES)
        frame.sample_rate, frame.time_base = RATE_HZ, Fraction(1, RATE_HZ)
        frame.pts = None if start_s is None else round(start_s * RATE_HZ)
        made.append(frame)
    return made


@pytest.mark.parametrize(
    ("starts_s", "gaps_s"),
    [
        ([], []),
        ([0.0], [0]),
        ([7.0, 7.1, 7.2], [0, 0, 0]),  # where a recording begins says nothing
        ([0.0, 0.1, 2.1, 2.2], [0, 0, 1.9, 0]),
        ([0.0, 0.15, 0.2, 0.35, 0.4], [0, 0, 0, 0, 0]),  # rounded
        ([0.0, 0.11, 0.22, 0.33, 0.44], [0, 0, 0, 0, 0]),  # another clock
        ([0.0, 0.1, 9.0, 0.3, 0.4], [0, 0, 0, 0, 0]),  # one wrong stamp
        ([5.0, 5.1, 0.0, 5.3, 5.4], [0, 0, 0, 0, 0]),
        ([5.0, 5.1, 0.0, 0.1, 1.2, 1.3], [0, 0, 0, 0, 1.0, 0]),  # another recording begins, and has a gap
        ([0.0, 0.1, 3.0], [0, 0, 0]),  # nothing confirms it
        ([0.0, None, None, 0.3, 1.4, 1.5], [0, 0, 0, 0, 1.0, 0]),
        ([None, None], [0, 0]),
        ([0.0, 0.1, 1.2, None, 1.4], [0, 0, 0, 0, 0.0]),
    ],
)
def test_gaps_are_found(starts_s: list[float | None], gaps_s: list[float]) -> None:
    given = frames(*starts_s)
    found = list(with_gaps(given, 1 / RATE_HZ))
    assert [frame for _, frame in found] == given
    assert [gap_s for gap_s, _ in found] == pytest.approx(gaps_s, abs=0.011)


def test_a_pause_is_filled_and_a_leap_of_the_clock_is_not() -> None:
    gaps = GapCount()
    assert [gaps.count(5.0, 61.0), gaps.count(86_400.0, 90.0), gaps.count(2.5, 95.0)] == [5.0, 0.0, 2.5]
    assert list(gaps.notes) == [
        "There are 2 gaps, 7.5 s in all; silence stands in for them.",
        "The file's clock jumps by 24:00:00 at 1:30; what follows was moved up to there.",
    ]
    one = GapCount()
    one.count(2.0, 61.0)
    assert list(one.notes) == ["There is a gap of 2.0 s at 1:01; silence stands in for it."]
    assert list(GapCount().notes) == []

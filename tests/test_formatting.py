import pytest

from genre_app.formatting import clock, percent


@pytest.mark.parametrize(
    ("score", "text"),
    [
        (0.0, "0 %"),
        (0.0001, "< 1 %"),
        (0.00499, "< 1 %"),
        (0.0051, "1 %"),
        (0.874, "87 %"),
        (0.876, "88 %"),
        (0.9949, "99 %"),
        (0.9951, "> 99 %"),
        (0.999999, "> 99 %"),
        (1.0, "100 %"),
    ],
)
def test_a_percentage_claims_neither_certainty_nor_impossibility(score: float, text: str) -> None:
    assert percent(score) == text


@pytest.mark.parametrize(
    ("time_s", "text"),
    [
        (0, "0:00"),
        (59.9, "0:59"),
        (61, "1:01"),
        (600, "10:00"),
        (3599, "59:59"),
        (3600, "1:00:00"),
        (7325.5, "2:02:05"),
    ],
)
def test_a_time_is_minutes_and_seconds_and_hours_where_there_are_any(time_s: float, text: str) -> None:
    assert clock(time_s) == text

import json
import math

import pytest
from pydantic import ValidationError

from genre_app.errors import InvalidOptionError
from genre_app.results.schema import SCHEMA_VERSION, GenreScore, SliceOptions


def test_the_defaults_are_half_minutes_that_overlap_by_a_quarter() -> None:
    options = SliceOptions()
    assert (options.window_seconds, options.overlap, options.top_k) == (30.0, 0.25, 5)
    assert (options.smoothing_seconds, options.max_chunks) == (0.0, None)


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("window_seconds", 0.99),
        ("window_seconds", 600.1),
        ("window_seconds", math.nan),
        ("window_seconds", math.inf),
        ("window_seconds", "long"),
        ("overlap", -0.01),
        ("overlap", 0.91),
        ("overlap", math.nan),
        ("top_k", 0),
        ("top_k", 2.5),
        ("smoothing_seconds", -1),
        ("smoothing_seconds", 61),
        ("max_chunks", 0),
    ],
)
def test_an_option_out_of_range_is_named_in_one_sentence(option: str, value: object) -> None:
    with pytest.raises(InvalidOptionError) as caught:
        SliceOptions.checked(**{option: value})
    message = str(caught.value)
    assert message.startswith(f"The {option.replace('_', ' ')} cannot be {value!r}: ")
    assert message.endswith(".")
    assert "\n" not in message


@pytest.mark.parametrize(
    ("option", "value"),
    [("window_seconds", 1), ("window_seconds", 600), ("overlap", 0), ("overlap", 0.9), ("top_k", 1), ("max_chunks", 1)],
)
def test_the_ends_of_the_ranges_are_allowed(option: str, value: float) -> None:
    assert getattr(SliceOptions.checked(**{option: value}), option) == value


def test_an_unknown_option_is_refused() -> None:
    with pytest.raises(InvalidOptionError, match="The window second cannot be 3"):
        SliceOptions.checked(window_second=3)


def test_options_cannot_be_changed_afterwards() -> None:
    with pytest.raises(ValidationError, match="frozen"):
        SliceOptions().top_k = 3  # type: ignore[misc]


@pytest.mark.parametrize("score", [-0.1, 1.1, math.nan])
def test_a_score_is_a_probability(score: float) -> None:
    with pytest.raises(ValidationError):
        GenreScore(genre="jazz", score=score)


def test_options_survive_json() -> None:
    options = SliceOptions(window_seconds=3.5, max_chunks=4)
    assert SliceOptions.model_validate(json.loads(options.model_dump_json())) == options


def test_the_schema_s_version_is_the_agreed_one() -> None:
    assert SCHEMA_VERSION == "0.1.0"

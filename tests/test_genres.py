"""The genres' names, and their colours as people with any colour vision see them."""

import itertools
import re

import numpy as np
import pytest
from colorspacious import cspace_convert
from numpy.typing import NDArray

from genre_app.genres import (
    GENRE_COLOURS,
    GENRES,
    NEUTRAL_COLOUR,
    OTHER_COLOUR,
    canonical,
    colour_of,
    display_name,
    hsv_of,
    stripes_of,
)

#: Units of CAM02-UCS; 1 is about the smallest difference that is seen.
LEAST_DISTANCE = 10.0
LEAST_CONTRAST = 3.0
#: Page and cards, light and dark, as in genre_app/ui/theme.py.
GROUNDS = ("#f7f8fb", "#ffffff", "#12151c", "#1a1e27")


def rgb(colour: str) -> NDArray[np.float64]:
    return np.array([int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)])


def luminance(colour: str) -> float:
    """Relative luminance of WCAG 2."""
    channels = rgb(colour)
    linear = np.where(channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)
    return float(linear @ [0.2126, 0.7152, 0.0722])


def contrast(one: str, other: str) -> float:
    low, high = sorted([luminance(one), luminance(other)])
    return (high + 0.05) / (low + 0.05)


def test_the_ten_genres_are_these_in_alphabetical_order() -> None:
    assert " ".join(GENRES) == "blues classical country disco hiphop jazz metal pop reggae rock"


@pytest.mark.parametrize(
    ("label", "name"),
    [("hiphop", "Hip-hop"), ("jazz", "Jazz"), ("post-rock", "Post-rock"), ("Deep House", "Deep House"), ("", "")],
)
def test_labels_are_written_as_a_person_would(label: str, name: str) -> None:
    assert display_name(label) == name


def test_every_genre_has_a_colour_of_its_own() -> None:
    assert tuple(GENRE_COLOURS) == GENRES
    assert len({*GENRE_COLOURS.values(), NEUTRAL_COLOUR}) == 11
    assert all(re.fullmatch("#[0-9a-f]{6}", colour) for colour in GENRE_COLOURS.values())


def test_other_labels_share_a_colour() -> None:
    assert (colour_of("jazz"), colour_of("polka")) == (GENRE_COLOURS["jazz"], OTHER_COLOUR)


def test_spellings_of_a_label_are_one() -> None:
    assert {canonical(label) for label in ("Hip-Hop", "hip hop", "hiphop")} == {"hiphop"}


@pytest.mark.parametrize("deficiency", [None, "protanomaly", "deuteranomaly", "tritanomaly"])
def test_any_two_colours_differ_for_every_colour_vision(deficiency: str | None) -> None:
    colours = {**GENRE_COLOURS, "other": OTHER_COLOUR, "none": NEUTRAL_COLOUR}
    seen = np.array([rgb(colour) for colour in colours.values()])
    if deficiency:
        simulation = {"name": "sRGB1+CVD", "cvd_type": deficiency, "severity": 100}
        seen = np.clip(cspace_convert(seen, simulation, "sRGB1"), 0, 1)
    places = cspace_convert(seen, "sRGB1", "CAM02-UCS")
    distances = {
        (a, b): float(np.linalg.norm(places[i] - places[j]))
        for (i, a), (j, b) in itertools.combinations(enumerate(colours), 2)
    }
    closest = min(distances, key=distances.__getitem__)
    assert distances[closest] >= LEAST_DISTANCE, (closest, distances[closest])


@pytest.mark.parametrize("ground", GROUNDS)
def test_every_label_stands_out_from_what_it_is_drawn_on(ground: str) -> None:
    assert min(contrast(colour, ground) for colour in (*GENRE_COLOURS.values(), OTHER_COLOUR)) >= LEAST_CONTRAST


def test_no_genre_is_grey() -> None:
    assert min(hsv_of(colour)[1] for colour in GENRE_COLOURS.values()) > 0.3


@pytest.mark.parametrize(
    ("colour", "hsv"),
    [
        ("#ff0000", (0.0, 1.0, 1.0)),
        ("#000000", (0.0, 0.0, 0.0)),
        ("#0000ff", (240.0, 1.0, 1.0)),
        ("#808080", (0.0, 0.0, 0.502)),
    ],
)
def test_hsv(colour: str, hsv: tuple[float, float, float]) -> None:
    assert hsv_of(colour) == hsv


def test_stripes_share_the_length_equally() -> None:
    assert stripes_of(["#111111", "#222222"]) == "linear-gradient(to bottom, #111111 0% 50%, #222222 50% 100%)"
    assert stripes_of([]) == f"linear-gradient(to bottom, {NEUTRAL_COLOUR} 0% 100%)"

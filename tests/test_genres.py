import re

import pytest

from genre_app.genres import GENRE_COLOURS, GENRES, NEUTRAL_COLOUR, colour_of, display_name


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


def test_other_labels_are_neutral() -> None:
    assert (colour_of("jazz"), colour_of("polka")) == (GENRE_COLOURS["jazz"], NEUTRAL_COLOUR)

"""The share card: a picture of a fixed size, which names no genre where there is none."""

import io
from dataclasses import replace

import pytest
from matplotlib.image import imread

from genre_app.genres import GENRE_COLOURS
from genre_app.report import Report, writer_of
from genre_app.results.build import build_result, windows_of
from genre_app.results.schema import SliceOptions
from tests.results import answers


def colours_on_card(*sections: answers.Section, name: str = "song.mp3") -> set[str]:
    """Return the genres whose colours fill more than a sliver of the card."""
    options = SliceOptions()
    scored = replace(answers.analysis_of(*sections), name=name)
    card = imread(
        io.BytesIO(writer_of("card.png").render(Report(build_result(scored, options), windows_of(scored, options))))
    )
    assert card.shape[:2] == (1260, 2400)
    pixels = (card[::6, ::6, :3] * 255).round().astype(int).reshape(-1, 3).tolist()
    drawn = ["#{:02x}{:02x}{:02x}".format(*pixel) for pixel in pixels]
    return {genre for genre, colour in GENRE_COLOURS.items() if drawn.count(colour) > 20}


def test_the_genres_of_the_answer_are_on_it() -> None:
    assert colours_on_card(*answers.MIXED) == {"hiphop", "reggae", "classical"}


@pytest.mark.parametrize("sections", [answers.OUTSIDE, answers.NOT_MUSIC, answers.NO_SOUND])
def test_what_has_no_genre_is_not_coloured_as_one(sections: tuple[answers.Section, ...]) -> None:
    assert colours_on_card(*sections) == set()


@pytest.mark.parametrize("name", ["Ключ $x^2$ \N{MUSICAL SYMBOL G CLEF}.mp3", "مرحبا.mp3", f"{'w' * 300}.mp3"])
def test_names_of_any_script_and_length(name: str) -> None:
    assert colours_on_card(*answers.CONFIDENT, name=name) == {"disco"}

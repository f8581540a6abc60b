"""Errors say what is wrong without the name of a track; whoever shows them puts that in."""

import pickle

import pytest

from genre_app import errors
from genre_app.errors import AudioError, EmptyFileError, GenreAppError, GpuUnavailableError

ALL = [error for error in vars(errors).values() if isinstance(error, type) and issubclass(error, GenreAppError)]


def test_an_error_is_a_sentence_with_and_without_a_name() -> None:
    error = EmptyFileError("The file {name} is empty; please choose another one.")
    assert str(error) == "The file is empty; please choose another one."
    assert error.about("song.mp3") == "The file song.mp3 is empty; please choose another one."
    assert error.about("other.mp3") == "The file other.mp3 is empty; please choose another one."


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("Größe 100 %.mp3", "Größe 100 %.mp3"),
        ("{name} {0} %s.mp3", "{name} {0} %s.mp3"),
        ("a\nb\u202e.mp3", "a?b?.mp3"),
        ("\udcff.mp3", "?.mp3"),
        ("<b>.mp3", "<b>.mp3"),
        (f"{'very ' * 20}long.mp3", "very very very very very very … long.mp3"),
    ],
)
def test_odd_names_are_shown_as_a_line_of_text(name: str, shown: str) -> None:
    assert AudioError("The file {name} could not be decoded.").about(name) == f"The file {shown} could not be decoded."


def test_an_error_that_is_not_about_a_file_stays_as_it_is() -> None:
    error = GpuUnavailableError("No shared GPU became free in time; please try again in a minute.")
    assert error.about("song.mp3") == str(error)


@pytest.mark.parametrize("kind", ALL)
def test_an_error_survives_the_way_to_another_process(kind: type[GenreAppError]) -> None:
    error = kind("The file {name} is odd.")
    again = pickle.loads(pickle.dumps(error))
    assert (type(again), again.args, str(again), again.about("a.mp3")) == (
        *(kind, error.args),
        *(str(error), error.about("a.mp3")),
    )


def test_the_tree_at_the_top_names_all_of_them() -> None:
    assert errors.__doc__
    assert [kind.__name__ for kind in ALL if f" {kind.__name__} " not in f"{errors.__doc__} ".replace("\n", " ")] == []

"""The genre in a file and the one that is heard, in many spellings."""

import pytest

from genre_app.collection.tagging.comparison import compare_genres
from genre_app.collection.tagging.vocabulary import Vocabulary, Word
from genre_app.results.schema import ClassificationResult
from tests.results import answers
from tests.results.answers import Section


def heard(genre: str, *styles: str) -> ClassificationResult:
    return answers.result_of(Section(20, genre, styles=styles))


@pytest.mark.parametrize(
    ("carried", "genre"),
    [
        ("Hip Hop", "hiphop"),
        ("hip-hop", "hiphop"),
        ("Rap", "hiphop"),
        ("Hip-Hop/Rap", "hiphop"),
        ("Rock/Pop", "pop"),
        ("Rock, Pop", "rock"),
        ("Prog. Rock", "rock"),
        ("Punk", "rock"),
        ("Death Metal", "metal"),
        ("Thrash", "metal"),
        ("Delta_Blues", "blues"),
        ("Baroque", "classical"),
        ("Dub", "reggae"),
        ("Bebop", "jazz"),
        ("JAZZ+FUNK", "jazz"),
        ("K-Pop", "pop"),
    ],
)
def test_other_spellings_and_narrower_names_agree(carried: str, genre: str) -> None:
    assert compare_genres([carried], heard(genre)) == "agrees"


@pytest.mark.parametrize(
    ("carried", "genre"), [("Pop", "rock"), ("Classic Rock", "classical"), ("Popcorn", "pop"), ("Ambient", "rock")]
)
def test_others_differ(carried: str, genre: str) -> None:
    assert compare_genres([carried], heard(genre)) == "differs"


def test_one_of_several_is_enough() -> None:
    assert compare_genres(["Comedy", "Disco"], heard("disco")) == "agrees"
    assert compare_genres(["Reggae"], answers.result_of(*answers.MIXED)) == "agrees"
    assert compare_genres(["Country"], answers.result_of(*answers.MIXED)) == "differs"


def test_names_outside_the_ten_are_compared_with_the_styles() -> None:
    outside = answers.result_of(*answers.OUTSIDE)
    assert [compare_genres([name], outside) for name in ("Ambient", "New Age", "Techno", "Salsa", "Classical")] == [
        *("agrees", "agrees", "agrees", "differs", "differs")
    ]
    assert compare_genres(["Deep House"], heard("disco", "house")) == "agrees"
    assert compare_genres(["Pop"], heard("disco", "house")) == "differs"


def test_the_words_of_a_vocabulary_agree_as_well() -> None:
    outside, words = answers.result_of(*answers.OUTSIDE), Vocabulary({"ambient": Word(("Chill Zone",))})
    assert compare_genres(["Chill Zone"], outside, words) == "agrees"
    assert compare_genres(["Ambient"], outside, words) == "agrees"
    assert compare_genres(["Salsa"], outside, words) == "differs"
    assert compare_genres([], outside, words) == "missing"
    assert compare_genres([], outside, Vocabulary(keeps_unlisted=False)) is None


@pytest.mark.parametrize("carried", [[], [""], ["Other"], ["Unknown Genre"]])
def test_no_genre_is_missing(carried: list[str]) -> None:
    assert compare_genres(carried, heard("disco")) == "missing"


def test_what_cannot_be_told_is_not_sure() -> None:
    assert compare_genres(["Disco"], answers.result_of(*answers.UNCERTAIN)) == "unsure"
    assert compare_genres(["Christmas"], heard("disco")) == "unsure"


def test_other_sounds_have_names_too() -> None:
    speech = answers.result_of(*answers.NOT_MUSIC)
    assert compare_genres(["Podcast"], speech) == "agrees"
    assert compare_genres(["Rock"], speech) == "differs"
    assert compare_genres([], speech) is None

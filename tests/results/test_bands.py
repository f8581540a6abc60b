"""Stretches that no genre's score speaks of."""

from genre_app.results.bands import Band, bands_of, by_name, genre_stretches
from genre_app.results.leaders import Stretch
from tests.results import answers
from tests.results.answers import Section, result_of


def test_silence_and_speech_are_bands_that_do_not_overlap() -> None:
    silent_in_speech = (
        *(Section(12, "hiphop"), Section(5, "blues", sound="speech"), Section(2, is_silent=True)),
        *(Section(5, "blues", sound="speech"), Section(12, "classical")),
    )
    bands = bands_of(result_of(*silent_in_speech))
    assert bands == [Band("Speech", 36.0, 51.0), Band("No sound", 51.0, 57.0), Band("Speech", 57.0, 72.0)]
    assert [len(found) for found in by_name(bands).values()] == [2, 1]


def test_a_file_of_speech_has_no_bands() -> None:
    assert bands_of(result_of(*answers.NOT_MUSIC)) == []


def test_bands_are_cut_out_of_the_timeline() -> None:
    result = result_of(Section(10), Section(10, is_silent=True), Section(10))
    assert genre_stretches(result.timeline, bands_of(result)) == [
        Stretch("disco", 0.0, 30.0),
        Stretch("disco", 60.0, 90.0),
    ]
    whole = [Band("Speech", 0.0, 100.0)]
    assert genre_stretches(result.timeline, whole) == []


def test_nothing_is_left_of_a_silent_file() -> None:
    result = result_of(*answers.NO_SOUND)
    assert genre_stretches(result.timeline, bands_of(result)) == []

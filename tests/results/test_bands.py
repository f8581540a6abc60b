"""Stretches that no genre's score speaks of."""

from genre_app.genres import colour_of
from genre_app.report.curves import score_curves
from genre_app.results.bands import Band, bands_of, by_name, genre_stretches
from genre_app.results.build import build_result
from genre_app.results.leaders import Stretch
from genre_app.results.schema import SliceOptions
from genre_app.results.windows import slice_track
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


def test_a_file_of_speech_is_one_band() -> None:
    result = result_of(*answers.NOT_MUSIC)
    assert bands_of(result) == [Band("Speech", 0.0, 60.0)]
    assert [(entry.genre, entry.confidence) for entry in result.timeline] == [("speech", 0.0)]
    assert {chunk.sound for chunk in result.chunk_predictions} == {"speech"}


def test_speech_between_music_is_cut_out_of_the_windows() -> None:
    result = result_of(*answers.SPEECH_BETWEEN)
    speech = [(entry.start, entry.end) for entry in result.timeline if entry.genre == "speech"]
    assert speech == [(30.0, 60.0)]
    assert result.palette["speech"].hex == result.timeline[-1].colour or result.palette["speech"]
    ends = [entry.end for entry in result.timeline]
    assert [entry.start for entry in result.timeline] == [0.0, *ends[:-1]]


def test_bands_are_cut_out_of_the_timeline() -> None:
    result = result_of(Section(10), Section(10, is_silent=True), Section(10))
    assert genre_stretches(result.timeline, bands_of(result)) == [
        Stretch("disco", 0.0, 30.0, colour_of("disco")),
        Stretch("disco", 60.0, 90.0, colour_of("disco")),
    ]
    whole = [Band("Speech", 0.0, 100.0)]
    assert genre_stretches(result.timeline, whole) == []


def test_nothing_is_left_of_a_silent_file() -> None:
    result = result_of(*answers.NO_SOUND)
    assert genre_stretches(result.timeline, bands_of(result)) == []


def test_what_no_window_covers_is_left_out_and_not_painted() -> None:
    scored = answers.analysis_of(Section(20, "rock"), Section(4, is_silent=True), Section(36, "rock"))
    options = SliceOptions(window_seconds=10, overlap=0, max_chunks=3)
    result = build_result(scored, options)
    assert [(entry.start, entry.end) for entry in result.timeline] == [(30.0, 40.0), (90.0, 100.0), (150.0, 160.0)]
    bands = bands_of(result)
    assert bands == [
        Band("Left out", 0.0, 30.0),
        Band("Left out", 40.0, 60.0),
        Band("No sound", 60.0, 72.0),
        Band("Left out", 72.0, 90.0),
        Band("Left out", 100.0, 150.0),
        Band("Left out", 160.0, 180.0),
    ]
    assert [(part.start_s, part.end_s) for part in genre_stretches(result.timeline, bands)] == [
        (30.0, 40.0),
        (90.0, 100.0),
        (150.0, 160.0),
    ]
    assert not [band for band in bands_of(build_result(scored, SliceOptions())) if band.name == "Left out"]


def test_curves_pause_where_windows_were_left_out() -> None:
    scored = answers.analysis_of(Section(60, "rock"))
    options = SliceOptions(window_seconds=10, overlap=0, max_chunks=3)
    result = build_result(scored, options)
    curves = score_curves(slice_track(scored.track, options), scored.track.duration_s, bands_of(result))
    is_left_out = (curves.times_s > 41) & (curves.times_s < 89)
    assert curves.is_pause[is_left_out].all()
    assert not curves.is_pause[(curves.times_s > 31) & (curves.times_s < 39)].any()

"""Why an answer is what it is: short, and nothing that the answer says already."""

from collections.abc import Sequence
from dataclasses import replace

import pytest

from genre_app.genres import NEUTRAL_COLOUR, colour_of
from genre_app.results.build import build_result
from genre_app.results.reasons import further_tags, named_styles, strongest_in_words
from genre_app.results.schema import ClassificationResult, SliceOptions, StyleScore, TagScore, TrackFacts
from tests.results import answers
from tests.results.answers import Section, result_of
from tests.results.test_build import MODEL, scored_track


def with_names(genre: str, *, styles: Sequence[str] = (), tags: Sequence[str] = ()) -> ClassificationResult:
    """A confident answer with these styles and tags."""
    return result_of(Section(20, genre)).model_copy(
        update={
            "styles": [StyleScore(style=style, score=0.8) for style in styles],
            "tags": [TagScore(tag=tag, score=0.7) for tag in tags],
        }
    )


@pytest.mark.parametrize(
    ("sections", "reasons"),
    [
        (
            answers.CONFIDENT,
            ["Disco is strongest at 0:00: upbeat, strings.", "Styles: funk."],
        ),
        (answers.UNCERTAIN, ["Disco is strongest at 0:00.", "Styles: funk."]),
        (answers.OUTSIDE, ["Most like classical at 0:00: relaxed."]),
        (answers.MIXED, []),
        (answers.NOT_MUSIC, []),
        (answers.NO_SOUND, []),
    ],
)
def test_the_reasons_of_each_verdict(sections: tuple[Section, ...], reasons: list[str]) -> None:
    assert result_of(*sections).reasons == reasons


def test_the_sections_have_the_verdicts_that_they_are_named_after() -> None:
    kinds = [
        result_of(*sections).verdict.kind
        for sections in (answers.CONFIDENT, answers.UNCERTAIN, answers.MIXED, answers.OUTSIDE, answers.NOT_MUSIC)
    ]
    assert kinds == ["confident", "uncertain", "mixed", "outside", "not_music"]
    assert result_of(*answers.NO_SOUND).predicted_confidence == 0.0


def test_the_strongest_part_of_a_short_track_is_no_reason() -> None:
    assert strongest_in_words(result_of(Section(6))) == []
    assert len(strongest_in_words(result_of(Section(10)))) == 1


def test_each_genre_that_is_named_is_strongest_somewhere() -> None:
    sections = (Section(8, "rock", strength=2.0, tags=("party",)), Section(8, "pop", strength=2.0, tags=("strings",)))
    said = {span.genre: words for span, words in strongest_in_words(result_of(*sections))}
    assert said["rock"] == "Rock is strongest at 0:00: party"
    assert said["pop"].endswith(": strings")


@pytest.mark.parametrize(("tempo_bpm", "heard"), [(150.0, ["fast"]), (60.0, ["slow"]), (100.0, []), (None, [])])
def test_a_fast_or_slow_tempo_is_heard(tempo_bpm: float | None, heard: list[str]) -> None:
    scored = replace(answers.analysis_of(Section(20)), facts=TrackFacts(tempo_bpm=tempo_bpm))
    assert build_result(scored, SliceOptions()).strongest[0].heard == heard


@pytest.mark.parametrize(
    ("genre", "names", "left"),
    [
        ("metal", ["metal", "heavy metal", "punk"], ["punk"]),
        ("hiphop", ["hip-hop", "Hip-Hop", "R&B & soul"], ["R&B & soul"]),
        ("reggae", ["reggae & ska", "African"], ["African"]),
        ("classical", ["classical & opera", "vocal & choir"], ["vocal & choir"]),
        ("pop", ["indie pop"], ["indie pop"]),
    ],
)
def test_a_style_or_tag_that_repeats_the_genre_says_nothing(genre: str, names: list[str], left: list[str]) -> None:
    assert [style.style for style in named_styles(with_names(genre, styles=names))] == left
    assert [tag.tag for tag in further_tags(with_names(genre, tags=names))] == left


def test_a_tag_that_repeats_a_style_says_nothing() -> None:
    result = with_names("disco", styles=["house"], tags=["House", "party"])
    assert [tag.tag for tag in further_tags(result)] == ["party"]


def test_a_style_below_a_half_is_not_named() -> None:
    result = with_names("disco", styles=["house"]).model_copy(
        update={"styles": [StyleScore(style="house", score=0.49)]}
    )
    assert named_styles(result) == []


def test_styles_named_in_the_sentence_are_listed_but_not_repeated_as_a_reason() -> None:
    result = result_of(*answers.OUTSIDE)
    assert [style.style for style in named_styles(result)] == ["ambient & new age", "electronic"]
    assert not any("Styles" in reason for reason in result.reasons)


def test_a_verdict_has_the_colours_of_what_it_claims() -> None:
    hiphop, classical, disco = map(colour_of, ("hiphop", "classical", "disco"))
    assert result_of(*answers.CONFIDENT).verdict.colours == [disco]
    assert result_of(*answers.SPEECH_BETWEEN).verdict.colours == [hiphop, NEUTRAL_COLOUR, classical]
    assert result_of(*answers.OUTSIDE).verdict.colours == []
    assert result_of(*answers.NOT_MUSIC).verdict.colours == []


def test_a_model_without_styles_and_tags_still_says_where_its_genre_is_strongest() -> None:
    assert MODEL.styles == ()
    scored = scored_track()
    (reason,) = build_result(scored, SliceOptions()).reasons
    assert " strongest at " in reason

"""The figures of answers made by hand, and how they are written."""

import json

import pytest

from genre_app.evaluate.answers import Answer, is_among, means_sound
from genre_app.evaluate.summary import summarise
from genre_app.evaluate.wording import describe
from genre_app.results.model_info import ModelInfo, Style
from tests.fakes import LABELS

MODEL = ModelInfo(
    name="fake",
    revision="1",
    labels=LABELS,
    device="cpu",
    styles=(Style("folk"), Style("ambient & new age"), Style("rock")),
    sounds=("a dog", "rain"),
)


def genre_answers() -> list[Answer]:
    return [
        Answer("1", "blues", "blues", 0.8, "confident", 10, (0.8, 0.1, 0.1)),
        Answer("2", "blues", "jazz", 0.6, "uncertain", 10, (0.3, 0.6, 0.1)),
        Answer("3", "jazz", "jazz", 0.9, "confident", 10, (0.05, 0.9, 0.05)),
        Answer("4", "metal", "jazz", 0.7, "confident", 10, (0.1, 0.7, 0.2)),
        Answer("5", "metal", "metal", 0.5, "not_music", 2, (0.25, 0.25, 0.5)),
        Answer("6", "metal", error="broken"),
    ]


def sound_answer(sound: str, verdict: str, *named: str) -> Answer:
    return Answer(sound, None, "jazz", 0.9, verdict, 4, (0.05, 0.9, 0.05), sound=sound, named_sounds=named)


def style_answer(styles: tuple[str, ...], verdict: str, likeliest: str, *named: str) -> Answer:
    return Answer(
        "s", None, "jazz", 0.9, verdict, 4, (0.05, 0.9, 0.05), None, None, styles, (), named, likeliest
    )  # fmt: skip


def test_genres_counted_by_hand() -> None:
    report = summarise(genre_answers(), MODEL, seconds=2.0)
    assert (report["n"], report["n_analysed"], report["n_failed"], report["accuracy"]) == (5, 5, 1, 0.6)
    assert report["accuracy_interval"] == pytest.approx([0.2307, 0.8824], abs=1e-3)
    assert report["recall"] == {"blues": 0.5, "jazz": 1.0, "metal": 0.5}
    assert report["confusion"] == [[1, 1, 0], [0, 1, 0], [0, 1, 1]]
    assert report["confident_share"] == 0.6
    assert report["confident_share_interval"] == pytest.approx([0.2307, 0.8824], abs=1e-3)
    assert report["confident_accuracy"] == pytest.approx(2 / 3)
    assert report["confident_accuracy_interval"] == pytest.approx([0.2077, 0.9385], abs=1e-3)
    assert report["verdicts"] == {"confident": 3, "uncertain": 1, "mixed": 0, "outside": 0, "not_music": 1}
    assert report["not_music_share"] == 0.2
    assert report["x_realtime"] == 21.0
    assert report["ece"] == pytest.approx((0.2 + 0.6 + 0.1 + 0.7 + 0.5) / 5)
    assert [row["error"] for row in report["files"]] == [None] * 5 + ["broken"]


def test_refused_music_is_counted_with_and_without_the_short_pieces() -> None:
    answers = [*genre_answers(), style_answer(("folk",), "not_music", "folk"), sound_answer("dog", "not_music")]
    refused = summarise(answers, MODEL, seconds=1.0)["music_refused"]
    assert (refused["all"]["count"], refused["all"]["n"]) == (2, 6)
    assert (refused["long"]["count"], refused["long"]["n"]) == (1, 5)
    assert refused["all"]["value"] == pytest.approx(1 / 3)


def test_other_sounds_counted_by_hand() -> None:
    answers = [
        sound_answer("dog", "not_music", "a dog"),
        sound_answer("Rain", "not_music", "a dog"),
        sound_answer("a dog", "confident"),
        sound_answer("silence", "not_music", "silence"),
        sound_answer("whale", "uncertain"),
    ]
    sounds = summarise(answers, MODEL, seconds=1.0)["other_sounds"]
    assert sounds["n"] == 5
    assert sounds["verdicts"] == {"confident": 1, "uncertain": 1, "mixed": 0, "outside": 0, "not_music": 3}
    assert sounds["confident"]["value"] == 0.2
    assert (sounds["named"]["count"], sounds["named"]["n"]) == (2, 4)
    assert sounds["unknown_words"] == ["whale"]


def test_styles_counted_by_hand() -> None:
    answers = [
        style_answer(("Folk",), "outside", "folk", "folk", "rock"),
        style_answer(("ambient/new age", "rock"), "confident", "folk", "ambient & new age"),
        style_answer(("polka",), "uncertain", "rock", "rock"),  # not a style of the model: counts as a verdict only
    ]
    styles = summarise(answers, MODEL, seconds=1.0)["styles"]
    assert styles["verdicts"] == {"confident": 1, "uncertain": 1, "mixed": 0, "outside": 1, "not_music": 0}
    assert styles["outside"]["value"] == pytest.approx(1 / 3)
    assert (styles["precision"]["count"], styles["precision"]["n"]) == (2, 3)
    assert (styles["recall_at_1"]["count"], styles["recall_at_1"]["n"]) == (1, 2)
    assert styles["unknown_styles"] == ["polka"]


def test_all_of_it_is_written_in_words() -> None:
    answers = [*genre_answers(), sound_answer("dog", "not_music", "a dog"), style_answer(("folk",), "outside", "folk")]
    report = summarise(answers, MODEL, seconds=1.0)
    text = describe(report)
    json.dumps(report)
    for part in (
        "7 analysed, 1 failed",
        "60 % (95 % interval 23 % to 88 %) of 5 files with a genre",
        "right in 67 % (95 % interval 21 % to 94 %)",
        "music refused       17 % (95 % interval 3 % to 56 %) of 6 pieces; 0 % (95 % interval 0 % to 43 %) of the 5",
        "other sounds        0 % (95 % interval 0 % to 79 %) of 1 taken for a genre",
        "named             100 %",
        "styles              1 pieces: confident 0, uncertain 0, mixed 0, outside 1, not music 0",
        "likeliest right   100 %",
        "blues           50 %",
    ):
        assert part in text


def test_nothing_but_failures_is_still_a_report() -> None:
    report = summarise([Answer("1", "blues", error="broken")], MODEL, seconds=1.0)
    assert (report["n"], report["accuracy"], report["ece"]) == (0, None, None)
    assert describe(report) == "No file could be classified."
    json.dumps(report)


@pytest.mark.parametrize("word", ["a dog", "Dog", "a helicopter or a plane", "plane", "crying baby", "baby"])
def test_a_sound_is_matched_whole_or_by_one_of_its_words(word: str) -> None:
    assert means_sound(word, ("a dog", "a helicopter or a plane", "a crying baby"))


@pytest.mark.parametrize("word", ["or", "a", "do", "dog baby", ""])
def test_other_words_are_no_sound(word: str) -> None:
    assert not means_sound(word, ("a dog", "a crying baby", "rain or waves"))


def test_styles_match_in_any_spelling() -> None:
    assert is_among("hip-hop", ("jazz", "Hip Hop"))
    assert not is_among("hip-hop", ())

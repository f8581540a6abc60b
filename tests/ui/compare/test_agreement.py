"""Whether two models agree, on the whole and over time."""

import numpy as np
import pytest

from genre_app.genres import GENRES
from genre_app.results.build import build_result
from genre_app.results.leaders import timeline_of
from genre_app.results.schema import ClassificationResult, SliceOptions
from genre_app.results.window_plan import plan_windows
from genre_app.results.windows import WindowScores, slice_track
from genre_app.ui.compare.agreement import Answer, PairOfLeaders, agreement, common_order, differences, verdict_on
from genre_app.ui.compare.tab import _other_than
from genre_app.ui.compare.view import where_they_differ
from tests.results import answers
from tests.results.answers import Section
from tests.results.test_build import scored_track

_OPTIONS = SliceOptions(window_seconds=30, overlap=0)


def led_by(*leaders: str, labels: tuple[str, ...] = GENRES, duration_s: float | None = None) -> ClassificationResult:
    """A result whose windows of ten seconds have these leaders."""
    scores = np.array([[0.9 if label == leader else 0.01 for label in labels] for leader in leaders])
    plan = plan_windows(duration_s or 10.0 * len(leaders), 10.0, 0.0)
    mean = scores.mean(axis=0)
    timeline = timeline_of(WindowScores(plan, scores, mean, labels, np.zeros(0)))
    return build_result(scored_track(), _OPTIONS).model_copy(update={"timeline": timeline})


def answer(model: str, *leaders: str, strength: float = 8.0) -> Answer:
    """A track of thirty seconds for each leader; with little strength the answer is not sure."""
    logits = np.array([[strength * (label == leader) for label in GENRES] for leader in leaders], np.float32)
    scored = scored_track(30.0 * len(leaders), np.repeat(logits, 10, axis=0))
    return Answer(model, build_result(scored, _OPTIONS), slice_track(scored.track, _OPTIONS))


@pytest.mark.parametrize(
    ("first", "second", "share"),
    [
        (led_by("rock", "rock"), led_by("rock", "rock"), 1.0),
        (led_by("rock", "pop"), led_by("pop", "rock"), 0.0),
        (led_by("rock", "pop", "pop", "pop"), led_by("rock", "rock", "pop", "pop"), 0.75),
        (led_by("rock", "pop"), led_by("rock", "pop", duration_s=15.0), 1.0),
        (led_by("hiphop"), led_by("Hip-Hop", labels=("Hip-Hop", "Rock")), 1.0),
    ],
)
def test_the_share_of_the_time_for_which_two_agree(
    first: ClassificationResult, second: ClassificationResult, share: float
) -> None:
    assert agreement(first, second) == pytest.approx(share)
    assert agreement(second, first) == pytest.approx(share)


def test_the_longest_stretches_in_which_two_differ() -> None:
    first = led_by("rock", "pop", "pop", "jazz", "Hip-Hop", labels=("rock", "pop", "jazz", "Hip-Hop"))
    second = led_by("rock", "metal", "metal", "pop", "hiphop")
    long = PairOfLeaders(10.0, 30.0, "pop", "metal")
    assert differences(first, second, most=1) == [long]
    assert differences(first, second, most=9) == [long, PairOfLeaders(30.0, 40.0, "jazz", "pop")]
    assert differences(first, first, most=9) == []


@pytest.mark.parametrize(
    ("first", "second", "says"),
    [
        (
            answer("A", "metal"),
            answer("B", "metal"),
            "Both say metal; moment by moment they agree all the time.",
        ),
        (
            answer("A", "metal"),
            answer("B", "rock"),
            "They disagree: A says metal, B says rock; moment by moment they never agree.",
        ),
        (
            answer("A", "rock", "rock", "rock", "pop"),
            answer("B", "pop", "rock", "rock", "rock"),
            "Both say rock; moment by moment they agree for 50 % of the time.",
        ),
        (
            answer("A", "metal"),
            answer("B", "metal", strength=0.5),
            "A says metal, and B leans towards it without being sure; moment by moment they agree all the time.",
        ),
        (
            answer("A", "metal", strength=0.5),
            answer("B", "metal", strength=0.5),
            "Both lean towards metal, but neither is sure; moment by moment they agree all the time.",
        ),
        (
            answer("A", "rock", strength=0.5),
            answer("B", "pop", strength=0.5),
            "Neither is sure; moment by moment they never agree.",
        ),
    ],
)
def test_the_sentence_on_both(first: Answer, second: Answer, says: str) -> None:
    assert verdict_on(first, second) == says


def test_not_music_is_a_disagreement_unless_both_detect_none() -> None:
    music, noise = answer("A", "metal"), answer("B", "metal")
    verdict = noise.result.verdict.model_copy(update={"kind": "not_music", "genres": []})
    noise = Answer("B", noise.result.model_copy(update={"verdict": verdict}), noise.windows)
    assert verdict_on(music, noise).startswith("They disagree: A says metal, B hears no music.")
    assert verdict_on(noise, noise).startswith("Both hear no music.")


def said(model: str, *sections: Section) -> Answer:
    scored = answers.analysis_of(*sections)
    return Answer(model, build_result(scored, _OPTIONS), slice_track(scored.track, _OPTIONS))


@pytest.mark.parametrize(
    ("first", "second", "says"),
    [
        (
            answers.MIXED,
            answers.CONFIDENT,
            "They disagree: A hears hip-hop, then reggae, then classical, B says disco; ",
        ),
        (answers.MIXED, answers.MIXED, "Both hear hip-hop, then reggae, then classical; "),
        (
            tuple(Section(8, genre) for genre in ("rock", "jazz", "pop", "blues", "metal")),
            answers.CONFIDENT,
            "They disagree: A hears several genres in turn, B says disco",
        ),
        (
            answers.OUTSIDE,
            (Section(20, "classical"),),
            "They disagree: A finds none of the ten genres, B says classical.",
        ),
        (answers.OUTSIDE, answers.OUTSIDE, "Both find none of the ten genres."),
        (answers.NOT_MUSIC, answers.OUTSIDE, "They disagree: A hears no music, B finds none of the ten genres."),
        (answers.NO_SOUND, answers.NO_SOUND, "Both hear no music."),
    ],
)
def test_every_kind_of_verdict_has_its_words(
    first: tuple[Section, ...], second: tuple[Section, ...], says: str
) -> None:
    assert verdict_on(said("A", *first), said("B", *second)).startswith(says)


def test_only_the_time_with_music_counts() -> None:
    silent_end = said("A", *answers.THEN_SILENCE)
    assert verdict_on(silent_end, said("B", Section(40))) == "Both say disco; moment by moment they agree all the time."
    speech, music = said("A", *answers.SPEECH_BETWEEN), said("B", Section(10, "hiphop"), Section(20, "classical"))
    share = agreement(speech.result, music.result)
    assert share is not None
    assert share > 0.7


def test_the_second_model_is_another_one() -> None:
    assert _other_than("musicnn", ("musicnn", "cnn", "tags")) == "cnn"
    assert _other_than("cnn", ("cnn", "musicnn")) == "musicnn"
    assert _other_than("only", ("only",)) == "only"


def tagged(model: str, scores: dict[str, float] = answers.TAGS) -> Answer:
    scored = answers.answer_of_labels(scores, activation="sigmoid")
    return Answer(model, build_result(scored, _OPTIONS), slice_track(scored.track, _OPTIONS))


def test_tags_do_not_disagree_with_genres() -> None:
    genres, tags = said("A", *answers.CONFIDENT), tagged("B")
    assert verdict_on(genres, tags) == "Genres beside tags: A says disco; B hears rock and guitar."
    assert verdict_on(tags, genres) == "Tags beside genres: B hears rock and guitar; A says disco."
    assert common_order(genres, tags) == []
    assert where_they_differ(genres, tags) == ""


def test_two_models_of_tags_are_not_asked_for_one_genre() -> None:
    words = verdict_on(tagged("A"), tagged("B", {**answers.TAGS, "rock": 0.2, "guitar": 0.3}))
    assert words.startswith("A hears rock and guitar, B hears fast, guitar and rock; moment by moment")


def test_the_order_of_both_is_by_their_mean() -> None:
    first, second = tagged("A", {"fast": 0.9, "loud": 0.5}), tagged("B", {"loud": 0.8, "slow": 0.6})
    assert common_order(first, second) == ["loud", "fast", "slow"]

import numpy as np
import pytest

from genre_app.genres import GENRES, colour_of
from genre_app.report.captions import course_caption, scores_caption
from genre_app.results.build import build_result
from genre_app.results.schema import ClassificationResult, SliceOptions, TimelineEntry
from genre_app.results.window_plan import plan_windows
from genre_app.results.windows import WindowScores
from tests.results.test_build import scored_track


def course(*stretches: tuple[str, float, float], is_sample: bool = False) -> str:
    """Caption a timeline of stretches: label, start and end in seconds."""
    made = build_result(scored_track(), SliceOptions())
    timeline = [
        TimelineEntry(start=start, end=end, genre=label, colour=colour_of(label), confidence=0.9)
        for label, start, end in stretches
    ]
    metadata = made.metadata.model_copy(update={"is_sample": is_sample})
    return course_caption(made.model_copy(update={"timeline": timeline, "metadata": metadata}))


def scores(track_scores: dict[str, float], *, is_exclusive: bool = True) -> str:
    values = np.array(list(track_scores.values()))
    plan = plan_windows(10.0, 10.0, 0.0)
    return scores_caption(
        WindowScores(plan, values[None], values[None], values, values, tuple(track_scores), np.zeros(0), is_exclusive)
    )


@pytest.mark.parametrize(
    ("stretches", "says"),
    [
        ([("rock", 0, 30)], "One window holds the whole track: rock leads."),
        ([("hiphop", 0, 30), ("hiphop", 30, 60)], "Hip-hop leads from beginning to end."),
        ([("rock", 0, 90), ("hiphop", 90, 120)], "Rock leads until 1:30, and hip-hop from then on."),
        (
            [("rock", 0, 80), ("metal", 80, 110), ("rock", 110, 150)],
            "Rock leads for 80 % of the track; metal leads from 1:20 to 1:50.",
        ),
        (
            [("metal", 0, 10), ("rock", 10, 60), ("jazz", 60, 60.5), ("rock", 60.5, 90), ("metal", 90, 100)],
            "Rock leads for 80 % of the track; metal leads until 0:10 and from 1:30 to the end; jazz at 1:00.",
        ),
        (
            [("rock", 0, 40), ("pop", 40, 70), ("jazz", 70, 100)],
            "The lead changes twice: rock has 40 % of the time, pop 30 % and jazz 30 %.",
        ),
        (
            [(label, 10.0 * i, 10.0 * i + 10) for i, label in enumerate(GENRES)],
            "The lead changes 9 times: blues has 10 % of the time, classical 10 %, country 10 % and 7 others together "
            "70 %.",
        ),
    ],
)
def test_the_course_in_a_sentence(stretches: list[tuple[str, float, float]], says: str) -> None:
    assert course(*stretches) == says


def test_a_restless_track_is_summed_up_even_where_one_label_has_most_of_it() -> None:
    pieces = [(label, 10.0 * i, 10.0 * i + 10) for i, label in enumerate(["rock", "pop"] * 4 + ["rock"])]
    assert course(*pieces) == "The lead changes 8 times: rock has 56 % of the time and pop 44 %."


def test_a_sample_does_not_speak_of_the_whole_track() -> None:
    assert (
        course(("rock", 0, 10), ("pop", 100, 130), is_sample=True)
        == "In the windows that were sampled, pop has 75 % of the time and rock 25 %."
    )


def test_the_course_of_a_real_timeline_has_one_sentence() -> None:
    result: ClassificationResult = build_result(scored_track(), SliceOptions(window_seconds=3, overlap=0.9))
    assert course_caption(result).count(".") == 1


def test_the_scores_are_named_from_the_top_and_sum_to_one_where_they_do() -> None:
    assert scores({"pop": 0.04, "rock": 0.8, "metal": 0.12, "blues": 0.04}) == (
        "Rock is ahead with 80 %, before metal (12 %) and pop (4 %). Together the scores make 100 %."
    )


def test_scores_that_stand_alone_do_not_claim_to_sum_to_one() -> None:
    said = scores({"guitar": 0.9, "slow": 0.7}, is_exclusive=False)
    assert said == (
        "Guitar is ahead with 90 %, before slow (70 %). Each is judged by itself: the scores do not add up to 100 %."
    )


def test_a_single_label_has_no_runner_up() -> None:
    assert scores({"speech": 1.0}).startswith("Speech is ahead with 100 %. ")

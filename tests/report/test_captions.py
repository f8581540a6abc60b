import numpy as np
import pytest

from genre_app.genres import GENRES, colour_of
from genre_app.report.captions import course_caption, scores_caption
from genre_app.results.build import build_result
from genre_app.results.schema import ClassificationResult, SliceOptions, TimelineEntry
from genre_app.results.window_plan import plan_windows
from genre_app.results.windows import WindowScores, slice_track
from tests.results import answers
from tests.results.test_build import scored_track


def course(*stretches: tuple[str, float, float], is_sample: bool = False) -> str:
    """Caption a timeline of stretches: label, start and end in seconds."""
    made = build_result(scored_track(), SliceOptions())
    timeline = [
        TimelineEntry(start=start, end=end, genre=label, colour=colour_of(label), confidence=0.9)
        for label, start, end in stretches
    ]
    metadata = made.metadata.model_copy(
        update={"is_sample": is_sample, "duration_seconds": 180.0 if is_sample else stretches[-1][2]}
    )
    return course_caption(made.model_copy(update={"timeline": timeline, "metadata": metadata}))


def scores(track_scores: dict[str, float], *, is_exclusive: bool = True) -> str:
    values = np.array(list(track_scores.values()))
    plan = plan_windows(10.0, 10.0, 0.0)
    return scores_caption(WindowScores(plan, values[None], values, tuple(track_scores), np.zeros(0), is_exclusive))


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
    assert course(("rock", 0, 10), ("pop", 100, 130), is_sample=True) == (
        "In the windows that were sampled, pop has 75 % of the time and rock 25 %. "
        "Left out from 0:10 to 1:40 and from 2:10 to the end."
    )
    assert course(("rock", 20, 30), is_sample=True) == (
        "Rock leads in all windows that were sampled. Left out until 0:20 and from 0:30 to the end."
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


def captions(*sections: answers.Section, options: SliceOptions | None = None) -> tuple[str, str]:
    """Caption course and scores of a hand-made track."""
    scored, options = answers.analysis_of(*sections), options or SliceOptions(window_seconds=10, overlap=0.0)
    result = build_result(scored, options)
    return course_caption(result), scores_caption(slice_track(scored.track, options), result.verdict)


@pytest.mark.parametrize(
    ("sections", "says"),
    [
        (answers.THEN_SILENCE, "Disco leads wherever there is sound. No sound from 1:00 to the end."),
        (
            (answers.Section(2, is_silent=True), *answers.CONFIDENT),
            "Disco leads wherever there is sound. No sound until 0:06.",
        ),
        (
            (answers.Section(10), answers.Section(10, is_silent=True), answers.Section(10)),
            "Disco leads wherever there is sound. No sound from 0:30 to 1:00.",
        ),
        (
            (
                *(answers.Section(10, "rock"), answers.Section(10, is_silent=True), answers.Section(10, "rock")),
                *(answers.Section(4, is_silent=True), answers.Section(8)),
            ),
            "Rock leads until 1:30, and disco from 1:42 on. No sound from 0:30 to 1:00 and from 1:30 to 1:42.",
        ),
        (answers.SPEECH_BETWEEN, "Hip-hop leads until 0:27, and classical from 1:03 on. Speech from 0:30 to 1:00."),
        (answers.NO_SOUND, "There is no sound from beginning to end."),
        (answers.NOT_MUSIC, "Speech from beginning to end."),
        (answers.OUTSIDE, "Classical is closest from beginning to end."),
    ],
)
def test_the_course_says_silence_as_silence_and_agrees_with_the_verdict(
    sections: tuple[answers.Section, ...], says: str
) -> None:
    assert captions(*sections)[0] == says


def test_many_silences_are_counted() -> None:
    sections = [answers.Section(4, is_silent=bool(i % 2)) for i in range(9)]
    assert captions(*sections)[0].endswith("No sound 4 times, 44 % of the time.")


def test_shares_are_of_the_time_with_sound() -> None:
    pieces = [answers.Section(10, genre, strength=1.5) for genre in ("rock", "pop", "jazz", "rock")]
    said, _ = captions(*pieces, answers.Section(40, is_silent=True))
    assert said.startswith("The lead changes 3 times: rock has 50 % of the time, pop 25 % and jazz 25 %. No sound from")


def test_the_course_of_a_mixed_track_is_that_of_its_parts_however_long_a_window_is() -> None:
    course_of_parts = {captions(*answers.MIXED, options=SliceOptions(window_seconds=s))[0] for s in (5, 30, 600)}
    assert course_of_parts == {"The lead changes twice: hip-hop has 34 % of the time, reggae 33 % and classical 33 %."}


def test_where_no_genre_is_claimed_the_first_is_only_the_closest() -> None:
    assert " is closest with " in captions(*answers.OUTSIDE)[1]


def test_what_is_not_music_has_no_scores() -> None:
    assert captions(*answers.NOT_MUSIC)[1] == "This is not music, so no genre has a score."


def test_without_sound_no_genre_is_ahead() -> None:
    assert captions(*answers.NO_SOUND)[1] == "There is no sound, so no genre has a score."

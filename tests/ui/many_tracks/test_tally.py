"""The tally: each answer with its number of tracks."""

from genre_app.genres import colour_of
from genre_app.ui.many_tracks.row import Row
from genre_app.ui.many_tracks.tally import DIFFERS, answer_of, difference_of, tally
from tests.results import answers
from tests.ui.many_tracks.test_table import done, failed


def test_every_answer_is_counted_and_found_by_its_key() -> None:
    sure = [done(f"{i}", "a.wav", answers.analysis_of(*answers.CONFIDENT)) for i in range(2)]
    others = (answers.MIXED, answers.OUTSIDE, answers.NOT_MUSIC, answers.NO_SOUND)
    rows = [*sure, *(done("9", "b.wav", answers.analysis_of(*sections)) for sections in others), failed("7", "c.wav")]
    counted = tally([*rows, Row("8", "d.wav", "m")])
    assert [(entry["name"], entry["count"]) for entry in counted] == [
        ("All", 8),
        ("Disco", 2),
        ("Several in turn", 1),
        ("None of the ten", 1),
        ("Not music", 2),
        ("Failed", 1),
    ]
    assert counted[1]["colour"] == colour_of("disco")
    for entry in counted[1:]:
        assert sum(answer_of(row.record) == entry["key"] for row in rows) == entry["count"]


def test_those_that_differ_from_their_tags_are_counted_too() -> None:
    analysis = answers.analysis_of(*answers.CONFIDENT)
    rows = [done(f"{i}", "a.mp3", analysis, genres) for i, genres in enumerate([("Disco",), ("Pop",), ("Pop",), ()])]
    assert tally(rows)[-1] == {"key": DIFFERS, "name": "Differs from its tag", "colour": "", "count": 2}
    assert [difference_of(row.record) for row in rows] == [None, DIFFERS, DIFFERS, None]


def test_there_is_no_tally_without_answers() -> None:
    assert tally([]) == tally([Row("1", "a.wav", "m")]) == []

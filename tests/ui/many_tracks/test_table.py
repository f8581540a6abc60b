"""The list as HTML: names are text, and every state has words."""

from dataclasses import replace

import pytest

from genre_app.collection.record import TrackRecord
from genre_app.genres import NEUTRAL_COLOUR, colour_of
from genre_app.results.build import TrackAnalysis, build_result
from genre_app.results.course import course_of
from genre_app.results.progress import Progress
from genre_app.ui.many_tracks.queue import OPTIONS
from genre_app.ui.many_tracks.row import Row
from genre_app.ui.many_tracks.skipped import Skipped
from genre_app.ui.many_tracks.table import WELCOME, summary, table
from tests.results import answers
from tests.results.test_build import scored_track


def done(key: str, name: str, scored: TrackAnalysis | None = None, file_genres: tuple[str, ...] | None = None) -> Row:
    scored = scored or scored_track(65.0)
    result = build_result(scored, OPTIONS)
    return Row(
        key,
        name,
        "fake",
        "done",
        scored=scored,
        record=TrackRecord.of(name, result, file_genres=file_genres),
        genres=tuple(result.verdict.claims),
        course=tuple(course_of(result)) if result.verdict.claims else (),
    )


def failed(key: str, name: str) -> Row:
    return Row(key, name, "fake", "failed", record=TrackRecord.failure(name, "It is <broken>."))


def cells(*rows: Row) -> str:
    return "".join(row["cells"] for row in table(rows)["rows"])


def test_names_and_reasons_are_text() -> None:
    text = cells(failed("1", "<b>'song'.mp3"), done("2", '"x" onclick="y".wav'))
    assert "<b>" not in text
    assert "<broken>" not in text
    assert "It is &lt;broken&gt;." in text
    assert 'onclick="y"' not in text


def test_only_what_is_done_can_be_opened_and_has_a_length() -> None:
    text = cells(Row("1", "a.wav", "fake"), done("2", "b.wav"), failed("3", "c.wav"))
    assert text.count("<button") == 1
    assert "data-open='2' aria-label='Open b.wav'" in text
    assert "1:05" in text


@pytest.mark.parametrize(
    ("progress", "words"),
    [
        (Progress("reading", None), "Opening"),
        (Progress("scoring", 0.4, 3.0), "Listening, 40 %"),
        (Progress("scoring", None, 12.3), "Listening, 12 s"),
    ],
)
def test_progress_in_words(progress: Progress, words: str) -> None:
    assert words in cells(Row("1", "a.wav", "fake", "scoring", progress=progress))


@pytest.mark.parametrize(
    ("rows", "says"),
    [
        ([], WELCOME),
        ([Row("1", "a", "m"), failed("2", "b"), done("3", "c")], "1 of 3 done, 1 failed."),
        ([done("1", "a"), Row("2", "b", "m", "cancelled")], "1 of 2 done, 1 cancelled."),
        ([done("1", "a"), done("2", "b")], "All 2 tracks are done."),
        ([done("1", "a")], "The track is done."),
    ],
)
def test_the_line_sums_the_list_up(rows: list[Row], says: str) -> None:
    assert f"<p role='status'>{says}</p>" in summary(rows)


def test_the_line_says_what_had_no_room() -> None:
    assert "1 of 1" not in summary([done("1", "a")], n_left_out=3)
    assert "3 more had no room: the list is full." in summary([done("1", "a")], n_left_out=3)


def test_what_was_skipped_is_named_without_a_row_too() -> None:
    assert "1 file was skipped, as it is no recording: &lt;b&gt;.txt." in summary([], skipped=Skipped(1, ("<b>.txt",)))


@pytest.mark.parametrize(
    ("sections", "says", "colours"),
    [
        (answers.MIXED, "then classical from 1:00", ["hiphop", "reggae", "classical"]),
        (answers.SPEECH_BETWEEN, "then speech from 0:30", ["hiphop", "speech", "classical"]),
        (answers.OUTSIDE, "none of the ten genres", ["none"]),
        (answers.NOT_MUSIC, "This does not sound like music: speech", ["none"]),
        (answers.NO_SOUND, "There is no sound in this file", ["none"]),
    ],
)
def test_every_kind_of_verdict_has_a_row(sections: tuple[answers.Section, ...], says: str, colours: list[str]) -> None:
    text = cells(done("1", "a.wav", answers.analysis_of(*sections)))
    assert says in text
    chip = text.partition("class='chip'")[2].partition("></span>")[0]
    places = [chip.index(colour_of(label)) for label in colours]
    assert places == sorted(places)
    assert colour_of("none") == NEUTRAL_COLOUR


def test_a_strip_says_what_the_track_is_when() -> None:
    text = cells(done("1", "a.wav", answers.analysis_of(*answers.MIXED)))
    assert "aria-label='Hip-hop from 0:00, Reggae from 0:30, Classical from 1:00'" in text
    assert f"<i title='Reggae, 0:30 to 1:00' style='left:33.33%;width:33.33%;background:{colour_of('reggae')}'>" in text


def test_the_genre_in_the_file_is_named_and_escaped() -> None:
    disco = answers.analysis_of(*answers.CONFIDENT)
    text = cells(done("1", "a.mp3", disco, ("<i>Pop",)), done("2", "b.mp3", disco, ("Disco",)), done("3", "c.mp3"))
    assert text.count("class='carried'") == 2
    assert "In the file: &lt;i&gt;Pop (differs)</span>" in text
    assert "In the file: Disco</span>" in text


@pytest.mark.parametrize("sections", [answers.OUTSIDE, answers.NOT_MUSIC, answers.NO_SOUND])
def test_what_has_no_genre_has_no_strip(sections: tuple[answers.Section, ...]) -> None:
    assert "class='strip'" not in cells(done("1", "a.wav", answers.analysis_of(*sections)))


def test_rows_hold_what_they_are_sorted_and_filtered_by() -> None:
    rows = table([done("1", "a.wav", answers.analysis_of(*answers.MIXED)), failed("2", "b"), Row("3", "c", "m")])[
        "rows"
    ]
    assert [row["answer"] for row in rows] == ["mixed", "failed", None]
    assert [row["answer_order"] for row in rows] == [(2, "Several in turn"), (5, "Failed"), None]
    assert [row["length_s"] for row in rows] == [90.0, None, None]


def test_a_row_says_what_the_vocabulary_writes() -> None:
    row = done("1", "a.mp3", answers.analysis_of(*answers.OUTSIDE))
    assert row.record
    row = replace(row, record=row.record.model_copy(update={"written_genres": ("<Chill>", "Air")}))
    (shown,) = table([row], has_vocabulary=True)["rows"]
    assert "<span class='written'>Written as: &lt;Chill&gt;, Air</span>" in shown["cells"]
    assert "Written as" not in cells(row)

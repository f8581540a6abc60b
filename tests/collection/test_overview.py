import csv
import io
import json
from collections.abc import Sequence
from typing import Any
from urllib.parse import unquote

import pytest

from genre_app.collection.overview import to_overview
from genre_app.collection.record import TrackRecord
from genre_app.collection.summary import Tally, summary_text, to_csv
from genre_app.genres import OTHER_COLOUR
from genre_app.report.csv_text import text_of_cell
from genre_app.results.build import build_result
from genre_app.results.schema import SliceOptions
from tests.results import answers

ENTRIES = (
    TrackRecord(
        track="b/-odd #1?.mp3",
        status="confident",
        sentence="Rock, 82 %",
        genre="rock",
        confidence=0.82,
        duration_seconds=180.0,
        tempo_bpm=120.4,
        key="A minor",
        styles=("funk", "house"),
        written_genres=("Rock & Roll", "Loud"),
        written_styles=("House",),
        outputs=("b/-odd #1?.mp3.html", "tagged/b/-odd #1?.mp3"),
    ),
    TrackRecord(track="c.mp3", status="confident", sentence="Rock, 60 %", genre="rock", duration_seconds=60.0),
    TrackRecord(track="d.mp3", status="confident", sentence="Hip-hop, 99 %", genre="hiphop", duration_seconds=9.0),
    TrackRecord(track="e.mp3", status="uncertain", sentence="Not sure: pop or disco", genre="pop", confidence=0.4),
    TrackRecord(
        track="f.mp3", status="not_music", sentence="This does not sound like music", warnings=("It is damaged.",)
    ),
    TrackRecord.failure("<g>.mp3", "<g>.mp3 is empty."),
)


def csv_rows(records: Sequence[TrackRecord]) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(to_csv(records).removeprefix("\ufeff"))))


def overview(records: Sequence[TrackRecord]) -> str:
    return to_overview(records, Tally.of(records))


def rows_of(page: str) -> list[dict[str, Any]]:
    """Return what the page's script draws: the cells of those columns that there are, by their titles."""
    data = json.loads(page.split('<script type="application/json" id="data">')[1].split("</script>", maxsplit=1)[0])
    titles = [column["title"] if column["used"] else "" for column in data["columns"]]
    return [{title: cell for title, cell in zip(titles, row, strict=True) if title} for row in data["rows"]]


def test_the_table_has_a_row_for_every_track() -> None:
    rows = csv_rows(ENTRIES)
    assert [row["track"] for row in rows] == [entry.track for entry in ENTRIES]
    assert rows[0] == {
        "track": "b/-odd #1?.mp3",
        "status": "confident",
        "genre": "rock",
        "confidence": "0.82",
        "sentence": "Rock, 82 %",
        "duration_seconds": "180.0",
        "tempo_bpm": "120.4",
        "key": "A minor",
        "notes": "",
        "outputs": "b/-odd #1?.mp3.html|tagged/b/-odd #1?.mp3",
        "styles": "funk|house",
        "file_genres": "",
        "same_recording_as": "",
        "comparison": "",
        "written_genres": "Rock & Roll|Loud",
        "written_styles": "House",
        "written_moods": "",
    }
    assert (rows[5]["genre"], rows[5]["sentence"]) == ("", "<g>.mp3 is empty.")


def test_the_summary_counts_and_says_why_tracks_failed() -> None:
    lines = [line.split() for line in summary_text(Tally.of(ENTRIES), elapsed_s=75, n_kept=2).splitlines()]
    assert " ".join(lines[0]) == "6 tracks in 1:15, 2 of them finished before; 4:09 of audio"
    assert lines[1:7] == [
        ["Rock", "2"],
        ["Hip-hop", "1"],
        ["Not", "sure", "1"],
        ["Not", "music", "1"],
        ["Failed", "1"],
        ["What", "failed:"],
    ]
    assert " ".join(lines[7]) == "<g>.mp3: <g>.mp3 is empty."


def test_a_name_is_no_formula_in_the_table() -> None:
    names = ["=1+1.mp3", "-a.mp3", "@b.mp3", "plain.mp3"]
    cells = [row["track"] for row in csv_rows([TrackRecord.failure(name, f"{name} is empty.") for name in names])]
    assert cells == ["'=1+1.mp3", "'-a.mp3", "'@b.mp3", "plain.mp3"]
    assert [text_of_cell(cell) for cell in cells] == names


def test_of_thousands_of_failures_a_few_are_listed_and_all_are_counted() -> None:
    tally = Tally.of([TrackRecord.failure(f"{i}.mp3", "It is empty.") for i in range(3000)])
    lines = summary_text(tally, elapsed_s=1, n_kept=0).splitlines()
    assert lines[1].split() == ["Failed", "3000"]
    assert lines[-2:] == ["  19.mp3: It is empty.", "  and 2980 more"]
    assert "and 2,980 more" in to_overview([], tally)


def test_the_overview_links_reports_and_escapes_names() -> None:
    page = overview(ENTRIES)
    assert "6 tracks, 4:09 of audio" in page
    (name, address), _ = rows_of(page)[0]["Files"]
    assert name == "HTML"
    assert address.startswith("./b/")
    assert unquote(address) == "./b/-odd #1?.mp3.html"
    assert "#" not in address
    assert "?" not in address
    assert [row["Track"] for row in rows_of(page)[:2]] == [["b/-odd #1?.mp3", address], ["c.mp3", ""]]
    assert "<g>" not in page
    assert "&lt;g&gt;.mp3 is empty." in page
    assert rows_of(page)[5]["Track"][0] == "<g>.mp3"


@pytest.mark.parametrize(
    ("outputs", "report"),
    [
        (("a.mp3.json", "a.mp3.html", "tagged/a.mp3"), "a.mp3.html"),
        (("a.mp3.csv", "a.mp3.json"), "a.mp3.csv"),
        (("tagged/a.mp3",), None),
    ],
)
def test_a_track_s_report_is_its_page_or_what_there_is(outputs: tuple[str, ...], report: str | None) -> None:
    assert ENTRIES[1].model_copy(update={"track": "a.mp3", "outputs": outputs}).report == report


def test_a_name_cannot_end_the_data_of_the_page() -> None:
    name = "</script><!--<script>alert(1)</script>.mp3"
    page = overview([TrackRecord(track=name, status="mixed", sentence=name, styles=(name,))])
    assert page.count("</script>") == 2
    assert rows_of(page)[0]["Track"][0] == name


def test_columns_without_values_are_left_out() -> None:
    assert rows_of(overview(ENTRIES))[0]["Tempo"] == [120.4, "120"]
    assert "Tempo" not in rows_of(overview(ENTRIES[1:]))[0]


def test_no_tracks_are_an_overview_too() -> None:
    assert "0 tracks, 0:00 of audio" in overview([])
    assert to_csv([]).count("\n") == 1


KINDS = {
    "mixed.mp3": answers.MIXED,
    "outside.mp3": answers.OUTSIDE,
    "speech.mp3": answers.NOT_MUSIC,
    "sure.mp3": answers.CONFIDENT,
}


def test_every_kind_of_verdict_is_counted_and_has_a_row() -> None:
    records = [TrackRecord.of(name, answers.result_of(*sections)) for name, sections in KINDS.items()]
    assert [record.status for record in records] == ["mixed", "outside", "not_music", "confident"]
    lines = [" ".join(line.split()) for line in summary_text(Tally.of(records), elapsed_s=1, n_kept=0).splitlines()]
    assert lines[1:] == ["Disco 1", "Several in turn 1", "None of the ten 1", "Not music 1"]
    rows = rows_of(overview(records))
    assert [row["Heard"][0] for row in rows] == ["Several in turn", "None of the ten", "Not music", "Disco"]
    assert rows[0]["Remarks"].startswith("Hip-hop, then reggae from 0:30, then classical from 1:00")
    assert "This does not sound like music: speech" in rows[2]["Remarks"]
    assert rows[1]["Styles"] == "ambient & new age, electronic"
    assert [row["styles"] for row in csv_rows(records)] == ["", "ambient & new age|electronic", "", "funk"]


def test_tags_count_for_the_likeliest_however_low_its_score_and_all_are_named() -> None:
    sentence = "It sounds most like: guitar, slow"
    tags = TrackRecord(
        track="a.mp3", status="uncertain", sentence=sentence, genre="guitar", confidence=0.4, label_kind="tag"
    )
    assert "  Guitar               1" in summary_text(Tally.of([tags]), elapsed_s=1.0, n_kept=0)
    page = overview([tags])
    (row,) = rows_of(page)
    assert (row["Heard"], row["Score"], row["Remarks"]) == (["Guitar", OTHER_COLOUR], [0.4, "40 %"], f"{sentence}.")
    assert "a track with tags counts for its likeliest tag." in page
    assert "with tags" not in overview(ENTRIES)


def test_tags_of_which_none_is_sure_are_compared_with_the_genre_of_a_file_that_has_one() -> None:
    scored = answers.answer_of_labels({**answers.TAGS, "rock": 0.4, "guitar": 0.3}, activation="sigmoid")
    result = build_result(scored, SliceOptions())
    compared = [TrackRecord.of("a.mp3", result, file_genres=genres).comparison for genres in ((), ("Pop",))]
    assert compared == [None, "unsure"]


def test_what_is_not_music_has_no_genre_in_the_table_whatever_an_older_journal_says() -> None:
    record = TrackRecord.of("speech.mp3", answers.result_of(*answers.NOT_MUSIC))
    old = f'{{"genre": "blues", "confidence": 0.9, {record.model_dump_json(exclude={"genre", "confidence"})[1:]}'
    for row in csv_rows([record, TrackRecord.model_validate_json(old)]):
        assert (row["status"], row["genre"], row["confidence"]) == ("not_music", "", "")


def test_the_genre_in_the_file_is_shown_beside_what_is_heard_and_counted() -> None:
    carried: dict[str, tuple[str, ...] | None] = {"a": ("Disco",), "b": ("<b>Pop", "Ska"), "none": (), "unread": None}
    result = answers.result_of(*answers.CONFIDENT)
    records = [TrackRecord.of(f"{name}.mp3", result, file_genres=genres) for name, genres in carried.items()]
    assert [record.comparison for record in records] == ["agrees", "differs", "missing", None]
    shown = [(row["In the file"], row["Heard"][0], row["Compared"]) for row in rows_of(overview(records))]
    assert shown == [
        ("Disco", "Disco", "Agrees"),
        ("<b>Pop, Ska", "Disco", "Differs"),
        (None, "Disco", "Missing"),
        (None, "Disco", None),
    ]
    assert not {"In the file", "Compared"} & set(rows_of(overview(records[3:]))[0])
    assert [(row["file_genres"], row["comparison"]) for row in csv_rows(records)] == [
        *(("Disco", "agrees"), ("<b>Pop|Ska", "differs"), ("", "missing"), ("", ""))
    ]
    lines = summary_text(Tally.of(records), elapsed_s=1, n_kept=0).splitlines()
    assert "The genre in the file, and what is heard: agrees 1, differs 1, missing 1" in lines


def test_the_summary_counts_what_this_run_tagged_apart_and_names_a_few_that_got_no_tags() -> None:
    record = TrackRecord.of("a.mp3", answers.result_of(*answers.CONFIDENT))
    records = [record.model_copy(update={"is_tagged": True, "is_kept": n > 0}) for n in range(3)]
    records += [record.model_copy(update={"track": f"{n}.mp3", "untagged": "it is not music"}) for n in range(5)]
    assert summary_text(Tally.of(records), elapsed_s=1, n_kept=2).splitlines()[2:] == [
        "Tags were written into 1 file; an earlier run wrote them into 2 files",
        "5 files got no new tags:",
        "     5  it is not music: 0.mp3, 1.mp3, 2.mp3 and 2 more",
    ]


def test_a_record_without_styles_from_an_older_journal_can_be_read() -> None:
    text = ENTRIES[0].model_dump_json(exclude={"styles"})
    assert TrackRecord.model_validate_json(text).styles == ()


def test_what_a_vocabulary_writes_is_shown_where_there_is_one() -> None:
    page = to_overview(ENTRIES, Tally.of(ENTRIES), has_vocabulary=True)
    row = rows_of(page)[0]
    assert (row["Heard"][0], row["Written as"], row["Styles"]) == ("Rock", "Rock & Roll, Loud", "House")
    assert "Written as" not in overview(ENTRIES)

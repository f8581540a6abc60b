import csv
import io
from urllib.parse import unquote

from genre_app.collection.overview import to_overview
from genre_app.collection.record import TrackRecord
from genre_app.collection.summary import summary_text, to_csv
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


def test_the_table_has_a_row_for_every_track() -> None:
    rows = list(csv.DictReader(io.StringIO(to_csv(ENTRIES))))
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
        "comparison": "",
    }
    assert (rows[5]["genre"], rows[5]["sentence"]) == ("", "<g>.mp3 is empty.")


def test_the_summary_counts_and_says_why_tracks_failed() -> None:
    lines = [line.split() for line in summary_text(ENTRIES, elapsed_s=75, n_kept=2).splitlines()]
    assert " ".join(lines[0]) == "6 tracks in 1:15, 2 of them finished before; 4:09 of music"
    assert lines[1:7] == [
        ["Rock", "2"],
        ["Hip-hop", "1"],
        ["Not", "sure", "1"],
        ["Not", "music", "1"],
        ["Failed", "1"],
        ["What", "failed:"],
    ]
    assert " ".join(lines[7]) == "<g>.mp3: <g>.mp3 is empty."


def test_the_overview_links_reports_and_escapes_names() -> None:
    page = to_overview(ENTRIES)
    assert "6 tracks, 4:09 of music" in page
    address = page.split('<a href="')[1].split('"')[0]
    assert address.startswith("./b/")
    assert unquote(address) == "./b/-odd #1?.mp3.html"
    assert "#" not in address
    assert "?" not in address
    assert "<g>" not in page
    assert "&lt;g&gt;.mp3 is empty." in page


def test_columns_without_values_are_left_out() -> None:
    assert ">Tempo<" in to_overview(ENTRIES)
    assert ">Tempo<" not in to_overview(ENTRIES[1:])


def test_no_tracks_are_an_overview_too() -> None:
    assert "0 tracks, 0:00 of music" in to_overview([])
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
    lines = [" ".join(line.split()) for line in summary_text(records, elapsed_s=1, n_kept=0).splitlines()]
    assert lines[1:] == ["Disco 1", "Several in turn 1", "None of the ten 1", "Not music 1"]
    page = to_overview(records)
    assert page.count("Several in turn") == 2
    assert page.count("None of the ten") == 2
    assert "Hip-hop, then reggae from 0:30, then classical from 1:00" in page
    assert "This does not sound like music: speech" in page
    assert "<td>ambient &amp; new age, electronic</td>" in page
    styles = [row["styles"] for row in csv.DictReader(io.StringIO(to_csv(records)))]
    assert styles == ["", "ambient & new age|electronic", "", "funk"]


def test_the_genre_in_the_file_is_shown_beside_what_is_heard_and_counted() -> None:
    carried: dict[str, tuple[str, ...] | None] = {
        "Disco": ("Disco",),
        "<b>Pop": ("<b>Pop",),
        "none": (),
        "unread": None,
    }
    result = answers.result_of(*answers.CONFIDENT)
    records = [TrackRecord.of(f"{name}.mp3", result, file_genres=genres) for name, genres in carried.items()]
    assert [record.comparison for record in records] == ["agrees", "differs", "missing", None]
    page = to_overview(records)
    for text in ("In the file", "Compared", "&lt;b&gt;Pop", "Differs", "Missing"):
        assert text in page
    assert "<b>Pop" not in page
    assert "In the file" not in to_overview(records[3:])
    rows = list(csv.DictReader(io.StringIO(to_csv(records))))
    assert [(row["file_genres"], row["comparison"]) for row in rows] == [
        *(("Disco", "agrees"), ("<b>Pop", "differs"), ("", "missing"), ("", ""))
    ]
    assert "The genre in the file, and what is heard: agrees 1, differs 1, missing 1" in summary_text(
        records, elapsed_s=1, n_kept=0
    )


def test_a_record_without_styles_from_an_older_journal_can_be_read() -> None:
    text = ENTRIES[0].model_dump_json(exclude={"styles"})
    assert TrackRecord.model_validate_json(text).styles == ()

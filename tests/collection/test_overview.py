import csv
import io
from urllib.parse import unquote

from genre_app.collection.overview import to_overview
from genre_app.collection.record import TrackRecord
from genre_app.collection.summary import summary_text, to_csv

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

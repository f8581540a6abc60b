"""The ZIP: every report of each track, and a table and an overview that also name the failures."""

import csv
import io
import zipfile
from pathlib import Path

from genre_app.report import FORMATS
from genre_app.results.schema import ClassificationResult
from genre_app.ui.many_tracks.row import Row
from genre_app.ui.many_tracks.zip_archive import archive_path, write_archive
from tests.ui.many_tracks.test_table import done, failed


def archive(folder: Path, *rows: Row) -> Path:
    path = archive_path(rows, folder)
    *_, last = write_archive(rows, path)
    assert last == 1.0
    return path


def read(path: Path) -> tuple[dict[str, str], list[dict[str, str]]]:
    with zipfile.ZipFile(path) as opened:
        assert opened.testzip() is None
        texts = {name: opened.read(name).decode() for name in opened.namelist() if name.endswith((".json", ".csv"))}
    return texts, list(csv.DictReader(io.StringIO(texts.pop("summary.csv").removeprefix("\ufeff"))))


def test_what_is_finished_is_in_it(tmp_path: Path) -> None:
    rows = [
        done("1", "song.mp3"),
        failed("2", "notes.txt"),
        Row("3", "late.mp3", "m", "cancelled"),
        done("4", "Größe.wav"),
    ]
    path = archive(tmp_path / "swept" / "visitor", *rows)
    assert path == tmp_path / "swept" / "visitor" / "genres-2-tracks.zip"
    results, table = read(path)
    outputs = {name: [f"{name}.{format_}" for format_ in FORMATS] for name in ("song.mp3", "Größe.wav")}
    with zipfile.ZipFile(path) as opened:
        expected = {*outputs["song.mp3"], *outputs["Größe.wav"], "plotly.min.js", "summary.csv", "overview.html"}
        assert set(opened.namelist()) == expected
        page, overview = (opened.read(name).decode() for name in ("song.mp3.html", "overview.html"))
        assert opened.read("song.mp3.png").startswith(b"\x89PNG")
    assert len(page) < 200_000
    assert 'src="plotly.min.js"' in page
    assert '"./song.mp3.html"' in overview
    places = [overview.index(f'["{name}"') for name in ("Gr\u00f6\u00dfe.wav", "notes.txt", "song.mp3")]
    assert places == sorted(places), "by name"
    for name in outputs:
        result = ClassificationResult.model_validate_json(results[f"{name}.json"])
        assert len(result.predictions) > result.metadata.top_k
    assert [(line["track"], line["outputs"]) for line in table] == [
        ("song.mp3", "|".join(outputs["song.mp3"])),
        ("notes.txt", ""),
        ("Größe.wav", "|".join(outputs["Größe.wav"])),
    ]
    assert table[1]["status"] == "failed"
    assert table[1]["sentence"] == "It is <broken>."
    assert [file.name for file in path.parent.iterdir()] == [path.name]


def test_one_name_twice_is_two_files(tmp_path: Path) -> None:
    _, table = read(archive(tmp_path, done("1", "song.mp3"), done("2", "Song.mp3"), done("3", "song.mp3")))
    assert len({line["outputs"].casefold() for line in table}) == 3


def test_no_track_takes_the_tables_place(tmp_path: Path) -> None:
    _, table = read(archive(tmp_path, done("1", "summary"), done("2", "plotly.min.js"), done("3", "overview")))
    taken = {"summary.csv", "overview.html", "plotly.min.js"}
    assert not any(taken & set(line["outputs"].split("|")) for line in table)
    assert len(table) == 3


def test_names_that_windows_forbids_are_mended(tmp_path: Path) -> None:
    names = ['What? "Now": <1|2>*.mp3', "AUX.mp3", "end. ", "a\nb\u202e.mp3"]
    path = archive(tmp_path, *(done(str(i), name) for i, name in enumerate(names)))
    with zipfile.ZipFile(path) as opened:
        held = {name.removesuffix(".json") for name in opened.namelist() if name.endswith(".json")}
    assert held == {"What_ _Now__ _1_2__.mp3", "_AUX.mp3", "end__", "a_b_.mp3"}


def test_one_track_is_singular(tmp_path: Path) -> None:
    assert archive_path([done("1", "a.wav")], tmp_path).name == "genres-1-track.zip"

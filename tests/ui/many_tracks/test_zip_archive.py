"""The ZIP: a result for each track, and one table that also names the failures."""

import csv
import io
import zipfile
from pathlib import Path

from genre_app.results.schema import ClassificationResult
from genre_app.ui.many_tracks.queue import Row
from genre_app.ui.many_tracks.zip_archive import write_archive
from tests.ui.many_tracks.test_table import done, failed


def read(path: Path) -> tuple[dict[str, str], list[dict[str, str]]]:
    with zipfile.ZipFile(path) as archive:
        assert archive.testzip() is None
        texts = {name: archive.read(name).decode() for name in archive.namelist()}
    return texts, list(csv.DictReader(io.StringIO(texts.pop("summary.csv"))))


def test_what_is_finished_is_in_it(tmp_path: Path) -> None:
    rows = [
        done("1", "song.mp3"),
        failed("2", "notes.txt"),
        Row("3", "late.mp3", "m", "cancelled"),
        done("4", "Größe.wav"),
    ]
    path = write_archive(rows, tmp_path / "visitor")
    assert path == tmp_path / "visitor" / "genres-2-tracks.zip"
    results, table = read(path)
    assert list(results) == ["song.mp3.json", "Größe.wav.json"]
    assert all(ClassificationResult.model_validate_json(text) for text in results.values())
    assert [(line["track"], line["outputs"]) for line in table] == [
        ("song.mp3", "song.mp3.json"),
        ("notes.txt", ""),
        ("Größe.wav", "Größe.wav.json"),
    ]
    assert table[1]["status"] == "failed"
    assert table[1]["sentence"] == "It is <broken>."
    assert [file.name for file in path.parent.iterdir()] == [path.name]


def test_one_name_twice_is_two_files(tmp_path: Path) -> None:
    results, table = read(
        write_archive([done("1", "song.mp3"), done("2", "Song.mp3"), done("3", "song.mp3")], tmp_path)
    )
    assert len({name.casefold() for name in results}) == 3
    assert [line["outputs"] for line in table] == list(results)


def test_no_track_takes_the_tables_place(tmp_path: Path) -> None:
    results, table = read(write_archive([done("1", "summary.csv"), done("2", "summary")], tmp_path))
    assert len(results) == len(table) == 2


def test_one_track_is_singular(tmp_path: Path) -> None:
    assert write_archive([done("1", "a.wav")], tmp_path).name == "genres-1-track.zip"

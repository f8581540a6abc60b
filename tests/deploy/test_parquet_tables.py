"""The two tables of a library: what counts as done, and what a killed run leaves behind."""

from pathlib import Path
from typing import Any

import pytest

from genre_app import GenreClassifier, Settings
from genre_app.results.schema import ClassificationResult
from tests.fakes import FakeBackend

pa = pytest.importorskip("pyarrow", reason="Ray is not installed: .venv/bin/pip install -r requirements-ray.txt")

import pyarrow.parquet as pq

from deploy.parquet_tables import TRACKS, Tables, row_of, row_of_failure


@pytest.fixture
def result() -> ClassificationResult:
    with GenreClassifier(Settings(cache_mb=0), backend=FakeBackend()) as classifier:
        return classifier.classify_waveform([0.1] * 80_000, 8000, name="a.mp3")


def write(tables: Tables, name: str, *rows: dict[str, Any]) -> Path:
    file = Path(tables.tracks) / name
    file.parent.mkdir(exist_ok=True)
    pq.write_table(pa.Table.from_pylist(list(rows), TRACKS), file)
    return file


def test_nothing_is_done_where_nothing_is(tmp_path: Path) -> None:
    tables = Tables(str(tmp_path / "out"))
    assert tables.tracks_done() == {}
    assert tables.without_windows() == []


def test_each_track_is_done_once_and_its_windows_are_written(tmp_path: Path, result: ClassificationResult) -> None:
    tables = Tables(f"{tmp_path}/")
    write(tables, "1.parquet", row_of("b/a.mp3", "0" * 64, result), row_of_failure("x.mp3", "It is empty."))
    assert tables.tracks_done() == {"b/a.mp3": True, "x.mp3": False}
    assert tables.without_windows() == ["1.parquet"]
    tables.write_windows("1.parquet")
    assert tables.without_windows() == []
    windows = pq.read_table(f"{tables.windows}/1.parquet").to_pylist()
    assert [window.pop("track") for window in windows] == ["b/a.mp3"] * len(windows)
    assert windows == result.model_dump(mode="json")["chunk_predictions"]


def test_a_file_that_a_killed_run_cut_off_is_begun_again(tmp_path: Path, result: ClassificationResult) -> None:
    tables = Tables(str(tmp_path))
    whole = write(tables, "1.parquet", row_of("a.mp3", "0" * 64, result))
    cut = write(tables, "2.parquet", row_of("b.mp3", "1" * 64, result))
    cut.write_bytes(cut.read_bytes()[:-100])
    assert tables.tracks_done() == {"a.mp3": True}
    assert [*Path(tables.tracks).iterdir()] == [whole]


def test_half_written_windows_do_not_count(tmp_path: Path, result: ClassificationResult) -> None:
    tables = Tables(str(tmp_path))
    write(tables, "1.parquet", row_of("a.mp3", "0" * 64, result))
    Path(tables.windows).mkdir()
    (Path(tables.windows) / "1.parquet.part").write_bytes(b"half")
    assert tables.without_windows() == ["1.parquet"]

"""A library on Ray Data: the app's own answers in two tables, each track once, whatever dies."""

import json
import os
import shutil
import signal
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.sounds import noise, write_wav
from tools.scaling.cluster import Cluster

pytestmark = [pytest.mark.shared, pytest.mark.slow]
Answer = dict[str, Any]
Row = dict[str, Any]


def analyse(cluster: Cluster, source: Path, output: Path, *options: str) -> None:
    cluster.run("python", "-m", "deploy.ray_data", str(source), str(output), *options)


def table(folder: Path) -> list[Row]:
    import pyarrow.parquet as pq

    return [row for file in sorted(folder.glob("*.parquet")) for row in pq.read_table(file).to_pylist()]


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory, recordings: list[Path]) -> Path:
    """The shared recordings, and what cannot be used."""
    folder = tmp_path_factory.mktemp("library")
    for path in recordings:
        shutil.copy(path, folder)
    (folder / "album").mkdir()
    (folder / "album" / "broken.mp3").write_bytes(b"no sound at all" * 100)
    return folder


def test_both_tables_hold_the_app_s_own_answers(
    ray_cluster: Cluster,
    library: Path,
    own_answers: dict[str, Answer],
    bare: Callable[[Answer], Answer],
    tmp_path: Path,
) -> None:
    analyse(ray_cluster, library, tmp_path)
    rows = {row["track"]: row for row in table(tmp_path / "tracks")}
    assert rows.keys() == {*own_answers, "album/broken.mp3"}
    failed = rows.pop("album/broken.mp3")
    assert failed["status"] == "failed"
    assert "broken.mp3" in failed["sentence"]
    assert {name: bare(json.loads(row["result"])) for name, row in rows.items()} == own_answers
    windows = table(tmp_path / "windows")
    for name, own in own_answers.items():
        of_track = [{k: v for k, v in row.items() if k != "track"} for row in windows if row["track"] == name]
        assert of_track == own["chunk_predictions"]
    # Once more with a new track: only that is done.
    write_wav(library / "new.wav", noise(3, 16_000), 16_000)
    files = set((tmp_path / "tracks").iterdir())
    analyse(ray_cluster, library, tmp_path)
    assert len(table(tmp_path / "tracks")) == len(rows) + 2
    [added] = set((tmp_path / "tracks").iterdir()) - files
    assert [row["track"] for row in table_of(added)] == ["new.wav"]


def table_of(file: Path) -> list[Row]:
    import pyarrow.parquet as pq

    return [dict(row) for row in pq.read_table(file).to_pylist()]


@pytest.mark.parametrize("stage", ["Score", "Decode"])
def test_a_killed_worker_loses_nothing_and_doubles_nothing(ray_cluster: Cluster, tmp_path: Path, stage: str) -> None:
    library = tmp_path / "library"
    library.mkdir()
    names = {f"{number}.wav" for number in range(24)}
    for name in names:
        write_wav(library / name, noise(20, 16_000), 16_000)
    killed = threading.Event()

    def kill() -> None:
        deadline = time.monotonic() + 120
        at_work = f"MapWorker(MapBatches({stage})).submit"  # so is the process called while it has tracks
        while not (pids := ray_cluster.pids(at_work)) and time.monotonic() < deadline:
            time.sleep(0.01)
        os.kill(pids[0], signal.SIGKILL)
        killed.set()

    assassin = threading.Thread(target=kill)
    assassin.start()
    analyse(ray_cluster, library, tmp_path / "out", "--no-facts", "--tracks-per-file", "4")
    assassin.join()
    assert killed.is_set()
    rows = table(tmp_path / "out" / "tracks")
    assert sorted(row["track"] for row in rows) == sorted(names)
    assert {row["status"] for row in rows} != {"failed"}

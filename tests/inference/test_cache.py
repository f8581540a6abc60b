"""The cache of score tracks: what it keeps, and that nothing which happens to it harms a track."""

import logging
import multiprocessing
import pickle
import sqlite3
import stat
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import fields, replace
from pathlib import Path
from unittest.mock import Mock

import diskcache
import numpy as np
import pytest

from genre_app.inference.cache import ScoreCache, decode, encode
from genre_app.results.track_logits import TrackLogits
from tests.paths import ROOT

BLOB, FILE = 10, 5000  # patches whose entry is kept in the database, and in a file beside it


def make_track(seed: int = 0, n_patches: int = BLOB) -> TrackLogits:
    logits = np.random.default_rng(seed).normal(size=(n_patches, 3)).astype(np.float32)
    starts_s = np.arange(n_patches, dtype=np.float64) * 2.992
    warnings = ("3 of 100 audio packets were damaged.", "…")
    music_logits = logits[:, 0] if seed % 2 else None
    labels = ("a", "b", "ç")
    track = TrackLogits(
        logits, starts_s, 2.992, 2.992 * n_patches, labels, "fake", "r1", 44_100, warnings, music_logits
    )
    return replace(track, peaks=np.arange(2 * seed, dtype=np.uint8).reshape(-1, 2) if seed else None)


def assert_equal(actual: TrackLogits | None, expected: TrackLogits) -> None:
    assert actual is not None
    for field in fields(TrackLogits):
        np.testing.assert_array_equal(getattr(actual, field.name), getattr(expected, field.name))
    assert [actual.logits.dtype.name, actual.starts_s.dtype.name] == ["float32", "float64"]


@contextmanager
def opened(directory: Path, size_mb: int = 16) -> Iterator[ScoreCache]:
    cache = ScoreCache(directory, size_mb)
    try:
        yield cache
    finally:
        cache.close()


@contextmanager
def database(directory: Path) -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(directory / "cache.db")) as connection, connection:
        yield connection


def warnings_in(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [record.getMessage() for record in caplog.records if record.levelno >= logging.WARNING]


class Bomb:
    """Whoever unpickles it leaves a trace."""

    def __init__(self, trace: Path) -> None:
        self.trace = trace

    def __reduce__(self) -> tuple[object, tuple[Path]]:
        return Path.touch, (self.trace,)


@pytest.mark.parametrize("n_patches", [1, BLOB, FILE])
def test_a_track_comes_back_as_it_was_after_a_restart(tmp_path: Path, n_patches: int) -> None:
    track = make_track(n_patches=n_patches)
    with opened(tmp_path) as cache:
        assert cache.get("key") is None
        cache.put("key", track)
        assert_equal(cache.get("key"), track)
    with opened(tmp_path) as cache:
        assert_equal(cache.get("key"), track)
        assert cache.get("other key") is None
    assert bool(list(tmp_path.rglob("*.val"))) == (n_patches == FILE)


def test_a_second_put_replaces_the_first(tmp_path: Path) -> None:
    with opened(tmp_path) as cache:
        cache.put("key", make_track(1, FILE))
        cache.put("key", make_track(2, FILE))
        assert_equal(cache.get("key"), make_track(2, FILE))
    assert len(list(tmp_path.rglob("*.val"))) == 1


def test_only_the_owner_may_enter_the_directory(tmp_path: Path) -> None:
    (tmp_path / "old").mkdir(mode=0o755)
    for directory in (tmp_path / "deep" / "new", tmp_path / "old"):
        with opened(directory):
            assert stat.S_IMODE(directory.stat().st_mode) == 0o700


def test_a_cache_stays_within_its_size_and_drops_what_was_used_least_recently(tmp_path: Path) -> None:
    with opened(tmp_path, size_mb=1) as cache:
        for number in range(60):
            cache.put(f"key {number}", make_track(number, FILE))
            assert_equal(cache.get("key 0"), make_track(0, FILE))
        assert cache.get("key 1") is None
        assert_equal(cache.get("key 59"), make_track(59, FILE))
    n_bytes = sum(file.stat().st_size for file in tmp_path.rglob("*") if file.is_file())
    assert n_bytes < 1.5 * 2**20
    assert sum(len(encode(make_track(number, FILE))) for number in range(60)) > 2 * 2**20


@pytest.mark.parametrize("cut", [0, 1, 15, 16, 17, 200, -1])
def test_a_shortened_entry_is_refused(cut: int) -> None:
    with pytest.raises(ValueError, match="damaged"):
        decode(encode(make_track())[:cut])


def test_a_single_flipped_bit_anywhere_is_noticed(random: np.random.Generator) -> None:
    data = encode(make_track())
    for position in random.integers(0, len(data), 200).tolist():
        damaged = bytearray(data)
        damaged[position] ^= 1 << (position % 8)
        with pytest.raises(ValueError, match="damaged"):
            decode(bytes(damaged))


@pytest.mark.parametrize("n_patches", [BLOB, FILE])
def test_a_damaged_entry_is_a_miss_and_is_replaced(
    tmp_path: Path, n_patches: int, caplog: pytest.LogCaptureFixture
) -> None:
    track = make_track(n_patches=n_patches)
    with opened(tmp_path) as cache:
        cache.put("key", track)
        cache.put("sound", make_track(7))
        for file in tmp_path.rglob("*.val"):
            file.write_bytes(file.read_bytes()[:-100])
        with database(tmp_path) as connection:
            connection.execute("UPDATE Cache SET value = zeroblob(500) WHERE key = 'key' AND value IS NOT NULL")
        assert [cache.get("key"), cache.get("key")] == [None, None]
        assert_equal(cache.get("sound"), make_track(7))
        cache.put("key", track)
        assert_equal(cache.get("key"), track)
    assert len(warnings_in(caplog)) == 1


def test_a_lost_file_is_a_miss(tmp_path: Path) -> None:
    with opened(tmp_path) as cache:
        cache.put("key", make_track(n_patches=FILE))
        for file in tmp_path.rglob("*.val"):
            file.unlink()
        assert cache.get("key") is None


def assert_useless_but_harmless(directory: Path, caplog: pytest.LogCaptureFixture) -> None:
    """Check that a cache warns once, then keeps nothing and breaks nothing."""
    with opened(directory) as cache:
        for number in range(3):
            cache.put(f"key {number}", make_track())
            assert cache.get(f"key {number}") is None
    assert len(warnings_in(caplog)) == 1
    assert str(directory) in warnings_in(caplog)[0]


def assert_healed(directory: Path, caplog: pytest.LogCaptureFixture) -> None:
    """Check that a cache warns once and then is as good as new, now and after a restart."""
    with opened(directory) as cache:
        cache.put("key", make_track())
        assert_equal(cache.get("key"), make_track())
    with opened(directory) as cache:
        assert_equal(cache.get("key"), make_track())
    assert len(warnings_in(caplog)) <= 1


def test_a_corrupt_database_heals(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "cache.db").write_bytes(b"no database at all " * 1000)
    (tmp_path / "cache.db-wal").write_bytes(b"no log of a database ")
    assert_healed(tmp_path, caplog)
    assert str(tmp_path) in warnings_in(caplog)[0]


@pytest.mark.parametrize("content", [(), ("full of things",)], ids=["empty", "full"])
def test_a_folder_in_place_of_the_database_heals(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, content: tuple[str, ...]
) -> None:
    (tmp_path / "cache.db").mkdir()
    for name in content:
        (tmp_path / "cache.db" / name).touch()
    assert_healed(tmp_path, caplog)
    (aside,) = tmp_path.glob("*.unusable")
    assert [file.name for file in aside.iterdir()] == list(content), "nothing is deleted that may be somebody's"


def test_a_database_without_its_tables_heals(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    with opened(tmp_path) as cache:
        cache.put("key", make_track(n_patches=FILE))
        with database(tmp_path) as connection:
            connection.execute("DROP TABLE Cache")
        assert cache.get("key") is None
        cache.put("key", make_track())
        assert_equal(cache.get("key"), make_track())
    assert list(tmp_path.rglob("*.val")) == [], "values that no database knows are not counted"
    assert len(warnings_in(caplog)) == 1


@pytest.mark.parametrize("error", [diskcache.Timeout, MemoryError, OSError, sqlite3.OperationalError("locked")])
def test_what_is_no_damage_costs_no_entries(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: type[Exception] | Exception
) -> None:
    with opened(tmp_path) as cache:
        cache.put("key", make_track())
        with monkeypatch.context() as patch:
            patch.setattr("diskcache.Cache.get", Mock(side_effect=error))
            assert cache.get("key") is None
            patch.setattr("diskcache.Cache.__init__", Mock(side_effect=error))
            with opened(tmp_path) as other:
                assert other.get("key") is None
        assert_equal(cache.get("key"), make_track())


def test_a_disk_that_damages_everything_ends_the_repairs(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("genre_app.inference.cache._is_damage", lambda error: True)
    with opened(tmp_path) as cache:
        anew = Mock(side_effect=cache._open)
        monkeypatch.setattr(cache, "_open", anew)
        monkeypatch.setattr("diskcache.Cache.get", Mock(side_effect=sqlite3.DatabaseError("malformed")))
        for _ in range(10):
            assert cache.get("key") is None
    assert anew.call_count == 3


def test_a_place_where_rights_cannot_be_changed_is_used_as_it_is(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Path, "chmod", Mock(side_effect=PermissionError(1, "Operation not permitted")))
    assert_healed(tmp_path, caplog)
    assert warnings_in(caplog) == []


def test_a_full_disk_is_a_warning_and_a_miss(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    with opened(tmp_path) as cache:
        cache.put("key", make_track())
        with monkeypatch.context() as patch:
            full = sqlite3.OperationalError("database or disk is full")
            full.sqlite_errorname = "SQLITE_FULL"
            patch.setattr("diskcache.Cache.set", Mock(side_effect=full))
            cache.put("other", make_track(1))
            patch.setattr("diskcache.Cache.set", Mock(side_effect=OSError(28, "No space left on device")))
            cache.put("other", make_track(1))
        assert cache.get("other") is None
        assert_equal(cache.get("key"), make_track())
    assert len(warnings_in(caplog)) == 1


def test_a_database_full_of_holes_is_a_warning_and_no_wrong_answer(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, random: np.random.Generator
) -> None:
    with opened(tmp_path) as cache:
        for number in range(50):
            cache.put(f"key {number}", make_track(number))
    file = tmp_path / "cache.db"
    content = bytearray(file.read_bytes())
    for position in random.integers(4096, len(content), 2000).tolist():
        content[position] = 0xFF
    file.write_bytes(content)
    with opened(tmp_path) as cache:
        for number in range(50):
            track = cache.get(f"key {number}")
            if track is not None:
                assert_equal(track, make_track(number))
    assert len(warnings_in(caplog)) == 1


def test_a_place_where_no_directory_can_be_is_a_warning_and_no_cache(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "file").touch()
    assert_useless_but_harmless(tmp_path / "file" / "cache", caplog)


def test_a_read_only_directory_is_a_warning_and_no_cache(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("genre_app.inference.cache.os.access", lambda path, mode: False)  # root may write anywhere
    assert_useless_but_harmless(tmp_path, caplog)
    assert list(tmp_path.iterdir()) == []


def test_a_cache_that_is_closed_keeps_nothing(tmp_path: Path) -> None:
    cache = ScoreCache(tmp_path, 16)
    cache.close()
    cache.close()
    cache.put("key", make_track())
    assert cache.get("key") is None


@pytest.mark.parametrize("mode", range(1, 5), ids=["raw", "bytes", "text", "pickle"])
@pytest.mark.parametrize("in_file", [False, True], ids=["in the database", "in a file"])
def test_a_planted_pickle_is_refused_and_not_run(tmp_path: Path, mode: int, in_file: bool) -> None:  # noqa: FBT001
    trace, directory = tmp_path / "trace", tmp_path / "cache"
    bomb = pickle.dumps(Bomb(trace))
    with opened(directory) as cache:
        cache.put("key", make_track())
    (directory / "planted.val").write_bytes(bomb)
    value, filename = (None, "planted.val") if in_file else (bomb, None)
    with database(directory) as connection:
        connection.execute("UPDATE Cache SET mode = ?, value = ?, filename = ?", (mode, value, filename))
    with opened(directory) as cache:
        assert cache.get("key") is None
        cache.put("key", make_track(1))
        assert_equal(cache.get("key"), make_track(1))
    assert not trace.exists()
    pickle.loads(bomb)
    assert trace.exists(), "the bomb was live"


def test_a_planted_pickle_as_a_key_is_not_run(tmp_path: Path) -> None:
    trace, directory = tmp_path / "trace", tmp_path / "cache"
    with opened(directory) as cache:
        cache.put("key", make_track())
    with database(directory) as connection:
        connection.execute("UPDATE Cache SET key = ?, raw = 0, expire_time = 1", (pickle.dumps(Bomb(trace)),))
    with opened(directory, size_mb=1) as cache:
        assert cache.get("key") is None
        for number in range(40):
            cache.put(f"key {number}", make_track(number, FILE))
        assert_equal(cache.get("key 39"), make_track(39, FILE))
    assert not trace.exists()


def test_a_pickle_inside_a_sound_archive_is_not_run(tmp_path: Path) -> None:
    trace = tmp_path / "trace"
    track = make_track()
    data = encode(replace(track, starts_s=np.array([Bomb(trace)] * len(track.starts_s), dtype=object)))
    with pytest.raises(ValueError, match="allow_pickle=False"):
        decode(data)
    assert not trace.exists()


@pytest.mark.parametrize(
    "entry",
    [b"", b"\x00", "text of more than sixteen characters", 7, 1.5],
    ids=["empty", "zero", "text", "int", "float"],
)
def test_a_planted_value_of_another_kind_is_a_miss(tmp_path: Path, entry: object) -> None:
    with opened(tmp_path) as cache:
        cache.put("key", make_track())
        with database(tmp_path) as connection:
            connection.execute("UPDATE Cache SET value = ?", (entry,))
        assert cache.get("key") is None


def test_planted_settings_do_not_stop_the_start(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    with opened(tmp_path):
        pass
    with database(tmp_path) as connection:
        connection.execute("INSERT INTO Settings VALUES ('disk_surprise', 1)")
    assert_healed(tmp_path, caplog)


@pytest.mark.parametrize("absolute", [False, True], ids=["upwards", "absolute"])
def test_a_file_outside_the_directory_is_neither_read_nor_removed(tmp_path: Path, absolute: bool) -> None:  # noqa: FBT001
    outside, directory = tmp_path / "outside.val", tmp_path / "cache"
    outside.write_bytes(encode(make_track(13)))
    with opened(directory) as cache:
        cache.put("key", make_track())
        with database(directory) as connection:
            filename = str(outside) if absolute else "../outside.val"
            connection.execute("UPDATE Cache SET mode = 2, value = NULL, filename = ?", (filename,))
        assert cache.get("key") is None
        cache.put("key", make_track(1))
        assert_equal(cache.get("key"), make_track(1))
    assert outside.exists()


def _fill(directory: Path, offset: int, start: "multiprocessing.synchronize.Barrier") -> None:
    with opened(directory) as cache:
        start.wait(30)
        for number in range(25):
            cache.put(f"key {number}", make_track(number, FILE if number % 5 == 0 else BLOB))
            seen = (number + offset) % 25
            track = cache.get(f"key {seen}")
            if track is not None:
                assert_equal(track, make_track(seen, FILE if seen % 5 == 0 else BLOB))
        assert cache._warned is False


def test_two_processes_share_a_directory(tmp_path: Path) -> None:
    context = multiprocessing.get_context("spawn")
    start = context.Barrier(2)
    processes = [context.Process(target=_fill, args=(tmp_path, offset, start)) for offset in (3, 11)]
    for process in processes:
        process.start()
    for process in processes:
        process.join(60)
    assert [process.exitcode for process in processes] == [0, 0]
    with opened(tmp_path) as cache:
        for number in range(25):
            assert_equal(cache.get(f"key {number}"), make_track(number, FILE if number % 5 == 0 else BLOB))


def test_a_hundred_kills_in_the_middle_of_writes_leave_nothing_wrong(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "tests.inference.kill_cache", str(tmp_path), "100"]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert (run.returncode, run.stderr) == (0, "")
    assert int(run.stdout) > 0


@pytest.mark.skipif(sys.platform != "linux", reason="counts open files as Linux lists them")
def test_many_threads_share_one_connection(tmp_path: Path) -> None:
    with opened(tmp_path) as cache, ThreadPoolExecutor(16) as threads:
        list(threads.map(lambda number: cache.put_text(str(number), "text"), range(50)))
        assert set(threads.map(cache.get_text, map(str, range(50)))) == {"text"}
        targets = [link.resolve() for link in Path("/proc/self/fd").iterdir()]
        assert sum(target.name == "cache.db" for target in targets) == 1

"""Worker processes: the same samples, and one that breaks costs its own track only."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from genre_app.audio import load_audio, worker_pool
from genre_app.audio.decoder import Decoder, InProcessDecoder
from genre_app.audio.resampling import Tap
from genre_app.audio.worker_pool import WorkerPool
from genre_app.audio.worker_process import TimeLimits
from genre_app.errors import (
    AudioError,
    CancelledError,
    EngineClosedError,
    NotAudioError,
    ScoringError,
    TrackTooLongError,
    UndecodableAudioError,
    UnreadableFileError,
)
from tests.paths import ROOT
from tests.sounds import noise, tone, write_wav

pytestmark = pytest.mark.skipif(os.name != "posix", reason="workers need POSIX")

RATE_HZ = 16_000
NEVER = threading.Event()
#: A worker whose decoder allocates without end for a file of this name.
GREEDY = """
import genre_app.audio.worker as worker
open_audio = worker.open_audio
def greedy(path, *arguments, **options):
    kept = []
    while "greedy" in path:
        kept.append(bytearray(10_000_000))
    return open_audio(path, *arguments, **options)
worker.open_audio = greedy
worker.main()
"""

Open = Callable[..., WorkerPool]


@pytest.fixture
def open_pool() -> Iterator[Open]:
    pools: list[WorkerPool] = []

    def new(n_workers: int = 1, **options: Any) -> WorkerPool:
        pools.append(WorkerPool(n_workers, **{"max_minutes": 120.0} | options))
        return pools[-1]

    yield new
    for pool in pools:
        pool.close()


@pytest.fixture
def song(tmp_path: Path) -> Path:
    """More than a pipe holds: forty seconds."""
    return write_wav(tmp_path / "song.wav", noise(40, 22_050), 22_050)


def read_all(pool: WorkerPool, path: Path, **options: Any) -> Any:
    with pool.open(path, RATE_HZ, cancel=NEVER, **options) as stream:
        return np.concatenate(list(stream))


def test_a_worker_sends_what_this_process_would_decode(open_pool: Open, song: Path) -> None:
    tapped: list[Any] = []

    def take(block: Any) -> bool:
        tapped.append(block)
        return True

    with open_pool().open(song, RATE_HZ, cancel=NEVER, tap=Tap(8000, take)) as stream:
        samples = np.concatenate(list(stream))
    np.testing.assert_array_equal(samples, load_audio(song, RATE_HZ))
    np.testing.assert_array_equal(np.concatenate(tapped), load_audio(song, 8000))
    assert (stream.info.sample_rate_hz, stream.info.duration_s) == (22_050, 40)
    assert stream.n_samples == len(samples)
    assert stream.warnings == ()


def test_both_kinds_of_streams_behave_alike(open_pool: Open, song: Path) -> None:
    decoders: list[Decoder] = [InProcessDecoder(1, max_minutes=120), open_pool()]
    for decoder in decoders:
        with decoder.open(song, RATE_HZ, cancel=NEVER) as stream:
            assert (stream.position_s, stream.progress) == (0, 0)
            blocks = iter(stream)
            n_samples = next(blocks).size
            assert stream.n_samples == n_samples
            assert stream.position_s == n_samples / RATE_HZ
            assert stream.progress == stream.position_s / 40
            assert sum(map(len, blocks)) == 40 * RATE_HZ - n_samples
            assert (stream.position_s, stream.progress) == (40, 1)
            with pytest.raises(RuntimeError, match="only once"):
                iter(stream)
        with decoder.open(song, RATE_HZ, cancel=NEVER) as closed:
            closed.close()
            with pytest.raises(CancelledError):
                list(closed)


def test_a_tap_that_has_enough_gets_no_more(open_pool: Open, song: Path) -> None:
    taken: list[int] = []

    def take(block: Any) -> bool:
        taken.append(len(block))
        return False

    assert len(read_all(open_pool(), song, tap=Tap(8000, take))) == 40 * RATE_HZ
    assert len(taken) == 1


def test_warnings_come_with_the_end(open_pool: Open, song: Path) -> None:
    song.write_bytes(song.read_bytes()[: song.stat().st_size // 2])
    with open_pool().open(song, RATE_HZ, cancel=NEVER) as stream:
        assert sum(map(len, stream)) == pytest.approx(20 * RATE_HZ, rel=0.01)
    assert "incomplete" in stream.warnings[0]


@pytest.mark.parametrize(
    ("name", "content", "error"),
    [("notes.mp3", b"no music" * 99, NotAudioError), ("missing.mp3", None, UnreadableFileError)],
)
def test_errors_are_those_of_this_process_and_the_worker_goes_on(
    open_pool: Open, song: Path, tmp_path: Path, name: str, content: bytes | None, error: type[AudioError]
) -> None:
    pool = open_pool()
    before = pool.idle_process_ids
    path = tmp_path / name
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(error) as raised:
        pool.open(path, RATE_HZ, cancel=NEVER)
    with pytest.raises(error) as expected:
        load_audio(path, RATE_HZ)
    assert raised.value.args == expected.value.args
    assert len(read_all(pool, song)) == 40 * RATE_HZ
    assert pool.idle_process_ids == before


def test_a_name_of_any_bytes_arrives(open_pool: Open, song: Path) -> None:
    odd = song.rename(os.fsdecode(os.fsencode(song.parent) + b"/\xff \n\xe2\x98\x82.wav"))
    assert len(read_all(open_pool(), odd)) == 40 * RATE_HZ


def test_the_limit_on_length_holds(open_pool: Open, song: Path) -> None:
    with pytest.raises(TrackTooLongError, match=r"longer than 0\.5 minutes"):
        read_all(open_pool(max_minutes=0.5), song)


def test_a_worker_that_is_killed_costs_its_track_one_sentence(open_pool: Open, song: Path) -> None:
    pool = open_pool(2)
    with pool.open(song, RATE_HZ, cancel=NEVER) as doomed, pool.open(song, RATE_HZ, cancel=NEVER) as other:
        blocks = iter(doomed)
        next(blocks)
        os.kill(doomed.process_id, signal.SIGKILL)
        with pytest.raises(UndecodableAudioError, match=r"The file made the decoder crash; please convert"):
            list(blocks)
        assert sum(map(len, other)) == 40 * RATE_HZ
    assert pool.idle_process_ids == [other.process_id]
    with ThreadPoolExecutor(2) as clients:
        assert [len(samples) for samples in clients.map(lambda _: read_all(pool, song), range(2))] == [40 * RATE_HZ] * 2


def test_a_worker_that_hangs_costs_its_track_one_sentence(open_pool: Open, song: Path) -> None:
    pool = open_pool(limits=TimeLimits(open_s=60, block_s=0.5))
    with pool.open(song, RATE_HZ, cancel=NEVER) as stream:
        os.kill(stream.process_id, signal.SIGSTOP)
        with pytest.raises(UndecodableAudioError, match="takes too long to decode"):
            list(stream)
    assert len(read_all(pool, song)) == 40 * RATE_HZ


def test_a_visitor_who_leaves_does_not_wait_for_a_worker_that_hangs(open_pool: Open, song: Path) -> None:
    pool = open_pool()
    cancel = threading.Event()
    with pool.open(song, RATE_HZ, cancel=cancel) as stream:
        os.kill(stream.process_id, signal.SIGSTOP)
        cancel.set()
        with pytest.raises(CancelledError):
            list(stream)
    assert len(read_all(pool, song)) == 40 * RATE_HZ


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux limits the address space")
def test_a_worker_that_allocates_without_end_costs_its_track_one_sentence(open_pool: Open, song: Path) -> None:
    pool = open_pool(program=(sys.executable, "-c", GREEDY))
    before = pool.idle_process_ids
    with pytest.raises(UndecodableAudioError, match="or needs more memory"):
        pool.open(song.rename(song.with_name("greedy.wav")), RATE_HZ, cancel=NEVER)
    other = write_wav(song.with_name("other.wav"), tone(3, RATE_HZ), RATE_HZ)
    assert len(read_all(pool, other)) == 3 * RATE_HZ
    assert pool.idle_process_ids == before


def test_a_stream_that_is_closed_early_leaves_a_worker_that_works(open_pool: Open, song: Path) -> None:
    pool = open_pool()
    before = pool.idle_process_ids
    for _ in range(3):
        with pool.open(song, RATE_HZ, cancel=NEVER) as stream:
            blocks = iter(stream)
            next(blocks)
            stream.close()
            with pytest.raises(CancelledError):
                next(blocks)
    assert len(read_all(pool, song)) == 40 * RATE_HZ
    assert pool.idle_process_ids == before


def test_who_waits_for_a_worker_can_leave_and_the_others_come_in_their_order(open_pool: Open, song: Path) -> None:
    pool = open_pool()
    order: list[int] = []
    leaving = threading.Event()

    def wait(number: int, cancel: threading.Event) -> None:
        with pool.open(song, RATE_HZ, cancel=cancel):
            order.append(number)

    with ThreadPoolExecutor(4) as clients:
        with pool.open(song, RATE_HZ, cancel=NEVER):
            waiting = []
            for number in range(4):
                waiting.append(clients.submit(wait, number, leaving if number == 1 else NEVER))
                until(partial(is_waiting, pool, number + 1))
            leaving.set()
            with pytest.raises(CancelledError):
                waiting[1].result(60)
        for number in (0, 2, 3):
            waiting[number].result(60)
    assert order == [0, 2, 3]


def test_a_worker_is_replaced_after_some_hundreds_of_tracks(
    open_pool: Open, song: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker_pool, "_TRACKS_PER_WORKER", 2)
    pool = open_pool()
    seen = []
    for _ in range(5):
        with pool.open(song, RATE_HZ, cancel=NEVER) as stream:
            seen.append(stream.process_id)
            list(stream)
    assert seen[0] == seen[1] != seen[2] == seen[3] != seen[4]


def test_after_closing_nobody_waits_and_no_worker_is_left(open_pool: Open, song: Path) -> None:
    pool = open_pool(2)
    before = pool.idle_process_ids
    with pool.open(song, RATE_HZ, cancel=NEVER) as stream:
        before.append(stream.process_id)
        pool.close()
        with pytest.raises(EngineClosedError):
            pool.open(song, RATE_HZ, cancel=NEVER)
        assert sum(map(len, stream)) == 40 * RATE_HZ
    until(lambda: not any(map(is_running, before)))


@pytest.mark.slow
def test_no_worker_outlives_an_app_that_is_killed() -> None:
    program = (
        "import time; from genre_app.audio.worker_pool import WorkerPool;"
        "print(*WorkerPool(1, max_minutes=1).idle_process_ids, flush=True); time.sleep(600)"
    )
    with subprocess.Popen([sys.executable, "-c", program], cwd=ROOT, stdout=subprocess.PIPE) as app:
        assert app.stdout
        workers = [int(number) for number in app.stdout.readline().split()]
        assert all(map(is_running, workers))
        app.kill()
    until(lambda: not any(map(is_running, workers)))


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_a_worker_is_small(open_pool: Open, song: Path) -> None:
    pool = open_pool()
    read_all(pool, song)
    (worker,) = pool.idle_process_ids
    peak_kb = next(
        int(line.split()[1])
        for line in Path(f"/proc/{worker}/status").read_text(encoding="ascii").splitlines()
        if line.startswith("VmHWM")
    )
    assert peak_kb < 90_000
    loaded = Path(f"/proc/{worker}/maps").read_text()
    assert "torch" not in loaded


def test_a_worker_that_cannot_start_is_a_sentence_and_the_place_is_free_again(open_pool: Open, song: Path) -> None:
    pool = open_pool()
    usual, pool._program = pool._program, ("/no/such/program",)
    with pool.open(song, RATE_HZ, cancel=NEVER) as stream:
        os.kill(stream.process_id, signal.SIGKILL)
        with pytest.raises(UndecodableAudioError):
            list(stream)
    with pytest.raises(ScoringError, match="too little room"):
        pool.open(song, RATE_HZ, cancel=NEVER)
    pool._program = usual
    assert len(read_all(pool, song)) == 40 * RATE_HZ


def test_a_worker_finds_the_package_and_not_what_is_named_like_a_module(
    open_pool: Open, song: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(song.parent)
    Path("json.py").write_text("raise RuntimeError")
    assert len(read_all(open_pool(), Path(song.name))) == 40 * RATE_HZ


def test_a_worker_that_even_a_kill_does_not_end_gets_no_other_track(
    open_pool: Open, song: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pool = open_pool()
    with pool.open(song, RATE_HZ, cancel=NEVER) as stream:
        worker = stream._worker
        assert worker
        monkeypatch.setattr(worker._process, "kill", lambda: None)
        monkeypatch.setattr("genre_app.audio.worker_process.STOP_S", 0.1)
        os.kill(stream.process_id, signal.SIGSTOP)  # as if it waited for a dead disk
        worker.end()
    assert is_running(stream.process_id)
    assert pool.idle_process_ids == []
    assert len(read_all(pool, song)) == 40 * RATE_HZ
    os.kill(stream.process_id, signal.SIGKILL)
    worker._process.wait()


def is_running(process_id: int) -> bool:
    try:
        return Path(f"/proc/{process_id}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def is_waiting(pool: WorkerPool, n_tracks: int) -> bool:
    return pool.n_waiting == n_tracks


def until(condition: Callable[[], bool]) -> None:
    deadline_s = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline_s
        time.sleep(0.02)

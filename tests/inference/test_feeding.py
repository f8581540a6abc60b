import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise

import numpy as np
import pytest

from genre_app.errors import CancelledError, EngineClosedError, ScoringError, TruncatedAudioError
from genre_app.inference.batching_engine import ScoringEngine
from genre_app.inference.feeding import score_blocks
from genre_app.inference.framing import PatchCutter, centred
from genre_app.results.track_logits import TrackLogits
from tests.fakes import GRID, RATE_HZ, Array, FakeBackend, loudness_logits
from tests.sounds import noise

PATIENCE_S = 30.0


class Stream:
    """A track of one-second blocks that counts how much of it was read."""

    def __init__(self, n_seconds: int) -> None:
        self.n_seconds = n_seconds
        self.n_read = 0
        self.on_read: Callable[[int], None] = lambda n_read: None

    def __iter__(self) -> Iterator[Array]:
        for second in range(self.n_seconds):
            self.n_read += 1
            self.on_read(self.n_read)
            yield noise(1.0, RATE_HZ, seed=second)


def score(
    backend: FakeBackend,
    blocks: "Stream | list[Array]",
    *,
    on_scored: Callable[[TrackLogits], None] = lambda _: None,
    cancel: threading.Event | None = None,
) -> TrackLogits:
    with ScoringEngine(backend) as engine:
        return score_blocks(engine, blocks, on_scored=on_scored, cancel=cancel or threading.Event())


@pytest.mark.parametrize("seconds", [0.3, 1.0, 3.5, 4.0, 9.7, 40.0])
def test_every_patch_is_scored_in_order(backend: FakeBackend, seconds: float) -> None:
    track = noise(seconds, RATE_HZ)
    scored = score(backend, np.array_split(track, 7))
    cutter = PatchCutter(GRID)
    expected = loudness_logits(np.stack([centred(patch) for patch in cutter.cut([track])]))
    np.testing.assert_array_equal(scored.logits, expected)
    assert (scored.starts_s * RATE_HZ).round().astype(int).tolist() == cutter.starts
    assert scored.duration_s == len(track) / RATE_HZ


def test_no_audio_is_an_error(backend: FakeBackend) -> None:
    with pytest.raises(TruncatedAudioError, match="holds no sound"):
        score(backend, [])


@pytest.mark.parametrize("max_patches", [2, 4, 1000])
def test_only_a_few_pieces_wait_however_long_the_track(max_patches: int) -> None:
    n_seconds = 400
    stream = Stream(n_seconds)
    lags: list[int] = []
    n_scored = 0

    def answer(patches: Array) -> Array:
        nonlocal n_scored
        lags.append(stream.n_read - n_scored)
        n_scored += len(patches)
        return loudness_logits(patches)

    score(FakeBackend(max_patches=max_patches, answer=answer), stream)
    assert n_scored == n_seconds
    assert max(lags) <= 4 * min(max_patches, 32) + 2, "a piece at work, two that wait, one being made"


def test_decoding_runs_ahead_while_the_model_works(backend: FakeBackend) -> None:
    backend.gate.clear()
    stream = Stream(100)
    ahead = threading.Event()
    stream.on_read = lambda n_read: ahead.set() if n_read > 2 * backend.batching.max_patches else None
    with ThreadPoolExecutor() as pool:
        future = pool.submit(score, backend, stream)
        assert ahead.wait(PATIENCE_S)
        assert backend.n_patches <= backend.batching.max_patches
        backend.gate.set()
        assert len(future.result(PATIENCE_S).logits) == 100


def test_progress_only_grows_and_ends_with_the_track(backend: FakeBackend) -> None:
    scored_s: list[float] = []
    score(backend, Stream(50), on_scored=lambda track: scored_s.append(track.duration_s))
    assert len(scored_s) == 13
    assert all(before < after for before, after in pairwise(scored_s))
    assert scored_s[-1] == 50.0


def test_progress_carries_the_part_that_is_scored(backend: FakeBackend) -> None:
    parts: list[TrackLogits] = []
    track = score(backend, Stream(15), on_scored=parts.append)  # short enough for bins of one length
    assert track.peaks is not None
    for part in parts:
        assert part.peaks is not None
        np.testing.assert_array_equal(part.logits, track.logits[: len(part.logits)])
        assert part.duration_s == part.starts_s[-1] + part.patch_seconds
        np.testing.assert_array_equal(part.peaks, track.peaks[: round(100 * part.duration_s)])


def test_progress_is_told_while_the_track_is_read(backend: FakeBackend) -> None:
    stream = Stream(60)
    read_at_first: list[int] = []
    score(backend, stream, on_scored=lambda _: read_at_first.append(stream.n_read))
    assert read_at_first[0] < 20


def test_cancelling_stops_reading_and_scoring(backend: FakeBackend) -> None:
    stream, cancel = Stream(1000), threading.Event()
    with pytest.raises(CancelledError):
        score(backend, stream, on_scored=lambda _: cancel.set(), cancel=cancel)
    assert stream.n_read < 30
    assert backend.n_patches < 30


def test_cancelling_does_not_wait_for_a_model_that_is_stuck(backend: FakeBackend) -> None:
    backend.gate.clear()
    cancel = threading.Event()
    with ThreadPoolExecutor() as pool, ScoringEngine(backend) as engine:
        future = pool.submit(score_blocks, engine, Stream(10), on_scored=lambda _: None, cancel=cancel)
        assert backend.busy.wait(PATIENCE_S)
        cancel.set()
        assert isinstance(future.exception(PATIENCE_S), CancelledError)
        backend.gate.set()
        engine.submit(np.zeros((1, GRID.input_samples), np.float32)).result(PATIENCE_S)
    assert backend.batches == [4, 1], "what waited behind the batch at work was dropped"


def test_a_damaged_stream_drops_what_waits(backend: FakeBackend) -> None:
    def broken(n_read: int) -> None:
        if n_read == 9:
            raise OSError("the disk is gone")

    backend.gate.clear()
    stream = Stream(20)
    stream.on_read = broken
    with ScoringEngine(backend) as engine:
        with pytest.raises(OSError, match="the disk is gone"):
            score_blocks(engine, stream, on_scored=lambda _: None, cancel=threading.Event())
        backend.gate.set()
        engine.submit(np.zeros((1, GRID.input_samples), np.float32)).result(PATIENCE_S)
    assert backend.n_patches <= 4 + 1


def test_the_model_s_failure_and_the_engine_s_end_reach_the_caller(backend: FakeBackend) -> None:
    def explode(patches: Array) -> Array:
        raise RuntimeError

    with pytest.raises(ScoringError):
        score(FakeBackend(answer=explode), Stream(5))
    engine = ScoringEngine(backend)
    engine.close()
    with pytest.raises(EngineClosedError):
        score_blocks(engine, Stream(5), on_scored=lambda _: None, cancel=threading.Event())

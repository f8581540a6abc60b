"""Audio in, logits out: decoding, framing and the engine work at the same time."""

import sys
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future
from contextlib import AbstractContextManager, nullcontext
from functools import partial
from typing import Final

import numpy as np
from numpy.typing import NDArray

from genre_app.errors import CancelledError, TruncatedAudioError
from genre_app.inference.contracts import Engine, TrackEngine, by_column, embedded
from genre_app.inference.framing import PatchCutter, centred, level_dbfs
from genre_app.inference.peak_meter import PeakMeter
from genre_app.models.base import PatchGrid
from genre_app.results.track_logits import TrackLogits

#: Stacks that a track may have in the engine at once: one at work, one ready, so that decoding runs ahead.
_STACKS_IN_FLIGHT: Final = 3
#: A stack is at most this many patches, however large the batches are that the engine likes.
_MAX_STACK: Final = 32
#: And at most so many bytes, if it holds more than one piece: 32 patches, or one window of a minute.
_MAX_STACK_BYTES: Final = 7 * 2**20
_CANCEL_POLL_S: Final = 0.1

#: Patches or windows of one length, shape (n, n_samples).
Stack = NDArray[np.float32]


def score_blocks(
    engine: Engine,
    blocks: Iterable[NDArray[np.float32]],
    *,
    on_scored: Callable[[TrackLogits], None],
    cancel: threading.Event,
    turn: Callable[[], AbstractContextManager[None]] = nullcontext,
) -> TrackLogits:
    """Score a track's patches while it is decoded.

    Parameters
    ----------
    engine : Engine
        Scores the patches; its model has a grid of patches.
    blocks : iterable of ndarray, shape (n,)
        Consecutive mono audio at ``engine.grid.sample_rate_hz``; consumed in this thread.
    on_scored : callable
        Called after each stack with the part of the track that is scored.
    cancel : threading.Event
        Once set, nothing more of the track is scored.
    turn : callable, optional
        As in `feed_engine`.

    Returns
    -------
    TrackLogits
        Its ``source_sample_rate_hz`` is the engine's; the caller puts the file's own rate in.

    Raises
    ------
    TruncatedAudioError
        The blocks hold no samples.
    CancelledError
        ``cancel`` was set.
    ScoringError, EngineClosedError
        From the engine.
    """
    grid = engine.grid
    if not isinstance(grid, PatchGrid):
        raise TypeError("this model scores windows, not patches")
    cutter, meter = PatchCutter(grid), PeakMeter(grid.sample_rate_hz)
    levels_dbfs: list[float] = []
    logits: list[NDArray[np.float32]] = []

    def scored_track() -> TrackLogits:
        rows = np.concatenate(logits)
        starts = np.array(cutter.starts[: len(rows)], np.int64)
        n_samples = min(int(starts[-1]) + grid.patch_samples, cutter.n_samples)
        return TrackLogits(
            **by_column(rows, engine.info),
            starts_s=starts / grid.sample_rate_hz,
            patch_seconds=grid.patch_seconds,
            duration_s=n_samples / grid.sample_rate_hz,
            source_sample_rate_hz=grid.sample_rate_hz,
            levels_dbfs=np.array(levels_dbfs[: len(rows)], np.float32),
            peaks=meter.peaks(n_samples),
        )

    def collect(scored: NDArray[np.float32]) -> None:
        logits.append(scored)
        on_scored(scored_track())

    def patches() -> Iterator[NDArray[np.float32]]:
        for patch in cutter.cut(meter.watch(blocks)):
            levels_dbfs.append(level_dbfs(patch))
            yield centred(patch)

    feed_engine(engine, patches(), on_scored=collect, cancel=cancel, turn=turn)
    if not cutter.starts:
        raise no_sound()
    return embedded(scored_track(), np.concatenate(logits), engine.info)


def feed_engine(
    engine: Engine,
    pieces: Iterable[NDArray[np.float32]],
    *,
    on_scored: Callable[[NDArray[np.float32]], None],
    cancel: threading.Event,
    turn: Callable[[], AbstractContextManager[None]] = nullcontext,
) -> None:
    """Send pieces of audio through the engine in stacks, in their order; an engine for whole tracks gets all at once.

    Parameters
    ----------
    engine : Engine
        Scores the pieces.
    pieces : iterable of ndarray, shape (n_samples,)
        Patches or windows; consumed in this thread. Neighbours of one length travel together.
    on_scored : callable
        Receives the logits of the next pieces, shape (n, n_columns).
    cancel : threading.Event
        Once set, nothing more is scored.
    turn : callable, optional
        Returns what is held while pieces are consumed and not while the engine is awaited:
        `genre_app.audio.decoder.Decoder.turn`.

    Raises
    ------
    CancelledError
        ``cancel`` was set.
    ScoringError, EngineClosedError
        From the engine.
    """
    sending = _sending(engine, until(cancel, pieces))
    in_flight = 1 if isinstance(engine, TrackEngine) else _STACKS_IN_FLIGHT
    pending: deque[Future[NDArray[np.float32]]] = deque()

    def collect() -> None:
        on_scored(_await(pending[0], cancel))
        pending.popleft()

    try:
        while True:
            with turn():
                send = next(sending, None)
            if send is None:
                break
            pending.append(send())
            while len(pending) >= in_flight:
                collect()
            if cancel.is_set():
                raise CancelledError
        while pending:
            collect()
    finally:
        for future in pending:
            future.cancel()


def until(cancel: threading.Event, blocks: Iterable[NDArray[np.float32]]) -> Iterator[NDArray[np.float32]]:
    """Pass blocks on until the caller cancels.

    Raises
    ------
    CancelledError
        ``cancel`` was set.
    """
    for block in blocks:
        if cancel.is_set():
            raise CancelledError
        yield block


def _sending(
    engine: Engine, pieces: Iterable[NDArray[np.float32]]
) -> Iterator[Callable[[], "Future[NDArray[np.float32]]"]]:
    """Gather pieces as the engine likes to get them, and yield what hands them over."""
    if isinstance(engine, TrackEngine):
        for stacks in _parcels(pieces, engine.max_samples):
            yield partial(engine.submit_stacks, stacks)
    else:
        for stack in _stacked(pieces, min(engine.max_patches, _MAX_STACK), _MAX_STACK_BYTES):
            yield partial(engine.submit, stack)


def _parcels(pieces: Iterable[NDArray[np.float32]], max_samples: int) -> Iterator[list[Stack]]:
    """Gather pieces up to so many samples, and stack neighbours of one length."""
    parcel: list[NDArray[np.float32]] = []
    n_samples = 0
    for piece in pieces:
        if parcel and n_samples + len(piece) > max_samples:
            yield list(_stacked(parcel, len(parcel), sys.maxsize))
            parcel, n_samples = [], 0
        parcel.append(piece)
        n_samples += len(piece)
    if parcel:
        yield list(_stacked(parcel, len(parcel), sys.maxsize))


def _stacked(pieces: Iterable[NDArray[np.float32]], size: int, n_bytes: int) -> Iterator[Stack]:
    """Stack neighbours of one length to arrays of shape (at most size, n_samples) and so many bytes."""
    stack: list[NDArray[np.float32]] = []
    for piece in pieces:
        if stack and len(piece) != len(stack[0]):
            yield np.stack(stack)
            stack = []
        stack.append(piece)
        if len(stack) == size or (len(stack) + 1) * piece.nbytes > n_bytes:
            yield np.stack(stack)
            stack = []
    if stack:
        yield np.stack(stack)


def _await(future: "Future[NDArray[np.float32]]", cancel: threading.Event) -> NDArray[np.float32]:
    while not cancel.is_set():
        try:
            return future.result(timeout=_CANCEL_POLL_S)
        except TimeoutError:
            continue
    raise CancelledError


def no_sound() -> TruncatedAudioError:
    """Return the error for a track without a single sample."""
    return TruncatedAudioError("The recording {name} holds no sound; please choose another one.")

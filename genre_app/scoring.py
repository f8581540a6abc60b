"""Audio blocks in, logits out: decoding, patches and the engine at work at the same time."""

import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from itertools import islice
from typing import Final

import numpy as np
from numpy.typing import NDArray

from genre_app.backends.base import BackendInfo
from genre_app.engine import ScoringEngine
from genre_app.errors import CancelledError
from genre_app.patches import PatchCutter

#: Pieces that a track may have in the engine at once: one at work, one ready, so that decoding runs ahead.
_PIECES_IN_FLIGHT: Final = 3
#: A piece is at most this many patches (6 MB), however large the batches are that the engine likes.
_MAX_PIECE_PATCHES: Final = 32
_CANCEL_POLL_S: Final = 0.1


@dataclass(frozen=True, slots=True)
class ScoredAudio:
    """What the engine answered for all patches of a track.

    Attributes
    ----------
    logits : ndarray of float32, shape (n_patches, n_columns)
        In the order of their time; no rows where the audio was empty.
    starts : ndarray of int64, shape (n_patches,)
        In samples at the engine's rate.
    n_samples : int
        Length of the track at the engine's rate.
    """

    logits: NDArray[np.float32]
    starts: NDArray[np.int64]
    n_samples: int


def score_blocks(
    engine: ScoringEngine,
    blocks: Iterable[NDArray[np.float32]],
    *,
    on_scored: Callable[[float], None],
    cancel: threading.Event,
    decoding: AbstractContextManager[object] | None = None,
) -> ScoredAudio:
    """Score a track while it is decoded.

    Parameters
    ----------
    engine : ScoringEngine
        Scores the patches.
    blocks : iterable of ndarray, shape (n,)
        Consecutive mono audio at ``engine.grid.sample_rate_hz``; consumed in this thread.
    on_scored : callable
        Told after each piece how many seconds of the track are scored.
    cancel : threading.Event
        Once set, nothing more of the track is scored.
    decoding : context manager, optional
        Held while blocks are consumed and not while the engine is awaited, such as a semaphore that keeps the cores
        from decoding more than the engine can score.

    Raises
    ------
    CancelledError
        ``cancel`` was set.
    ScoringError, EngineClosedError
        From the engine.
    """
    cutter = PatchCutter(engine.grid)
    pieces = _pieces(cutter.cut(blocks), min(engine.max_patches, _MAX_PIECE_PATCHES))
    pending: deque[Future[NDArray[np.float32]]] = deque()
    logits: list[NDArray[np.float32]] = []
    hop_s = engine.grid.hop_samples / engine.grid.sample_rate_hz

    def collect() -> None:
        logits.append(_await(pending[0], cancel))
        pending.popleft()
        on_scored(sum(map(len, logits)) * hop_s)

    try:
        while True:
            with decoding or nullcontext():
                piece = next(pieces, None)
            if piece is None:
                break
            pending.append(engine.submit(piece))
            while len(pending) >= _PIECES_IN_FLIGHT:
                collect()
            if cancel.is_set():
                raise _cancelled()
        while pending:
            collect()
    finally:
        for future in pending:
            future.cancel()
    empty = np.zeros((0, engine.info.n_columns), dtype=np.float32)
    return ScoredAudio(np.concatenate([empty, *logits]), np.array(cutter.starts, np.int64), cutter.n_samples)


def decoders_at_once(model: BackendInfo, threads: int) -> int:
    """Return how many tracks may be decoded at the same time.

    One core decodes a thousand times real time. Where the same cores run the network, more than every second one would
    take its time away; beside a GPU all of them decode.
    """
    return max(1, threads // 2) if model.device == "cpu" else threads


def _pieces(patches: Iterator[NDArray[np.float32]], size: int) -> Iterator[NDArray[np.float32]]:
    """Stack patches to arrays of shape (at most size, input_samples)."""
    while group := list(islice(patches, size)):
        yield np.stack(group)


def _await(future: "Future[NDArray[np.float32]]", cancel: threading.Event) -> NDArray[np.float32]:
    while not cancel.is_set():
        try:
            return future.result(timeout=_CANCEL_POLL_S)
        except TimeoutError:
            continue
    raise _cancelled()


def _cancelled() -> CancelledError:
    return CancelledError("The analysis was cancelled.")

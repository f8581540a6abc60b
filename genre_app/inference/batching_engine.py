"""One thread owns the resident model; many callers share its batches."""

import contextlib
import logging
import threading
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future, InvalidStateError
from dataclasses import dataclass, field
from functools import partial
from types import TracebackType
from typing import Self

import numpy as np
from numpy.typing import NDArray

from genre_app.errors import EngineClosedError, ScoringError
from genre_app.inference.contracts import MODEL_FAILED, Logits, checked, problem_with
from genre_app.models.base import Backend, Grid, Overlapping
from genre_app.results.model_info import ModelInfo

_log = logging.getLogger(__name__)


@dataclass(slots=True, eq=False)
class _Request:
    """Patches of one caller on their way through the model."""

    patches: NDArray[np.float32]
    future: "Future[Logits]" = field(default_factory=Future)
    n_taken: int = 0
    scored: list[Logits] = field(default_factory=list)

    @property
    def n_left(self) -> int:
        return len(self.patches) - self.n_taken

    @property
    def n_samples(self) -> int:
        n_samples: int = self.patches.shape[1]
        return n_samples

    def take(self, n_patches: int) -> NDArray[np.float32]:
        piece = self.patches[self.n_taken : self.n_taken + n_patches]
        self.n_taken += len(piece)
        return piece

    def deliver(self, scores: Logits) -> None:
        self.scored.append(scores)
        if sum(map(len, self.scored)) == len(self.patches):
            # The future may have been cancelled meanwhile.
            with contextlib.suppress(InvalidStateError):
                self.future.set_result(np.concatenate(self.scored))

    def fail(self, error: Exception) -> None:
        with contextlib.suppress(InvalidStateError):
            self.future.set_exception(error)


_Batch = list[tuple[_Request, NDArray[np.float32]]]


class ScoringEngine:
    """Score patches or windows of many callers with one model.

    Requests take turns: each batch holds an equal share of every request that is waiting, so a short track is done
    soon whatever long ones are under way. Windows share a batch with others of their length only: nothing is padded. A
    caller with many patches hands them over in pieces and waits for the first before it sends the next, which keeps
    memory bounded.

    Parameters
    ----------
    backend : Backend
        The model; from now on only the engine's thread calls it.
    """

    def __init__(self, backend: Backend) -> None:
        self._backend = backend
        self._policy = backend.batching
        self._waiting: deque[_Request] = deque()
        self._unanswered: set[_Request] = set()
        self._changed = threading.Condition()
        self._closed = False
        self._thread = threading.Thread(target=self._run, name="scoring-engine", daemon=True)
        self._thread.start()

    @property
    def info(self) -> ModelInfo:
        """What a result says of the model."""
        return self._backend.info

    @property
    def grid(self) -> Grid:
        """How patches lie on a track, or which windows the model takes."""
        return self._backend.grid

    @property
    def max_patches(self) -> int:
        """Size of a full batch: a good size for the pieces that a caller hands over."""
        return self._policy.max_patches

    def submit(self, patches: NDArray[np.float32]) -> "Future[Logits]":
        """Queue patches for scoring; see `genre_app.inference.contracts.Engine.submit`."""
        request = _Request(patches)
        problem = problem_with(patches, self.grid)
        if problem:
            request.fail(ScoringError(problem))
            return request.future
        with self._changed:
            if self._closed:
                request.fail(EngineClosedError("The app is shutting down; please try again in a moment."))
            else:
                self._waiting.append(request)
                self._unanswered.add(request)
                self._changed.notify_all()
        request.future.add_done_callback(lambda _: self._unanswered.discard(request))
        return request.future

    def close(self) -> None:
        """Finish the batch under way, fail what is pending with `EngineClosedError`, and stop the thread."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()
        if threading.current_thread() is not self._thread:
            self._thread.join()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _run(self) -> None:
        under_way: deque[Callable[[], None]] = deque()
        while True:
            try:
                batch = self._next_batch(is_idle=not under_way)
                if batch:
                    under_way.append(self._begin(batch))
                elif not under_way:
                    return
                if not batch or len(under_way) == self._policy.n_under_way:
                    under_way.popleft()()
            except Exception as error:  # noqa: BLE001 - out of memory, or a fault of ours: nobody may wait for ever
                _log.exception("the engine failed outside of the model")
                under_way.clear()
                self._fail_all(error)

    def _fail_all(self, error: Exception) -> None:
        """Fail whoever waits, and go on with an empty queue."""
        with self._changed:
            self._waiting.clear()
            unanswered = list(self._unanswered)
        for request in unanswered:
            failure = ScoringError(MODEL_FAILED)
            failure.__cause__ = error
            request.fail(failure)

    def _next_batch(self, *, is_idle: bool) -> _Batch:
        """Wait for work and take a batch of it; an empty one means that the engine is closed.

        While the model is at work, take only a full batch and do not wait: by the time that the model is idle, others
        may have come.
        """
        with self._changed:
            if not is_idle and not self._closed:
                return self._take_turns() if self._waiting and self._is_batch_full() else []
            while not self._closed:
                if batch := self._take_turns():
                    return batch
                self._changed.wait_for(lambda: self._waiting or self._closed)
                # On a GPU a fuller batch pays for a short wait; elsewhere the policy says 0.
                self._changed.wait_for(self._is_batch_full, timeout=self._policy.max_wait_s)
            for request in self._waiting:
                request.fail(EngineClosedError("The app was shut down before this track was done; please try again."))
            self._waiting.clear()
            return []

    def _is_batch_full(self) -> bool:
        n_waiting = sum(request.n_left for request in self._waiting if request.n_samples == self._waiting[0].n_samples)
        return self._closed or n_waiting >= self._policy.max_patches

    def _take_turns(self) -> _Batch:
        """Fill a batch one patch at a time from each request in turn, and forget requests that were cancelled.

        The first request decides the batch's length; requests of other lengths move up and decide the next one.
        """
        waiting = [request for request in self._waiting if not request.future.done()]
        turns = deque(request for request in waiting if request.n_samples == waiting[0].n_samples)
        others = [request for request in waiting if request.n_samples != waiting[0].n_samples]
        shares: dict[_Request, int] = {}
        for _ in range(self._policy.max_patches):
            if not turns:
                break
            request = turns.popleft()
            shares[request] = shares.get(request, 0) + 1
            if request.n_left > shares[request]:
                turns.append(request)
        self._waiting = deque([*others, *turns])
        return [(request, request.take(n_patches)) for request, n_patches in shares.items()]

    def _begin(self, batch: _Batch) -> Callable[[], None]:
        """Send a batch to the model; what is returned waits for its answer and hands it out."""
        try:
            patches = np.concatenate([piece for _, piece in batch]) if len(batch) > 1 else batch[0][1]
            backend = self._backend
            wait = backend.begin(patches) if isinstance(backend, Overlapping) else partial(backend.score, patches)
        except Exception as error:  # noqa: BLE001 - whatever a model raises belongs to its callers, not to the engine
            return partial(self._score_apart, batch, error)
        return partial(self._finish, batch, len(patches), wait)

    def _finish(self, batch: _Batch, n_patches: int, wait: Callable[[], Logits]) -> None:
        try:
            scores = checked(wait(), n_patches, self.info)
        except Exception as error:  # noqa: BLE001 - as above
            self._score_apart(batch, error)
            return
        first = 0
        for request, piece in batch:
            request.deliver(scores[first : first + len(piece)])
            first += len(piece)

    def _score_apart(self, batch: _Batch, error: Exception) -> None:
        """Run the parts of a batch that failed one by one, so that only the bad one fails."""
        if len(batch) > 1:
            for part in batch:
                self._begin([part])()
            return
        failure = ScoringError(MODEL_FAILED)
        failure.__cause__ = error
        batch[0][0].fail(failure)

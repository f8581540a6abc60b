"""A shared GPU that is granted for one call at a time: Hugging Face's ZeroGPU.

There the library ``spaces`` runs a decorated function in a process that it forks. So models are put on ``cuda`` when
the app starts and before the fork, arguments and results travel as pickles, and what a call writes to memory is lost.
Each call asks for a number of seconds, which have to be left of the visitor's quota; the visitor is found through the
caller's context variables. Therefore a whole track is one call, and nothing but the model runs in it.
"""

import contextvars
import math
import os
import re
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from typing import Final, Protocol

import numpy as np
from numpy.typing import NDArray

from genre_app.errors import CancelledError, EngineClosedError, GenreAppError, GpuUnavailableError, ScoringError
from genre_app.inference.batching_engine import ScoringEngine
from genre_app.inference.contracts import MODEL_FAILED, Engine, Logits, checked, problem_with
from genre_app.models.base import Backend, Grid
from genre_app.results.model_info import ModelInfo

Stacks = Sequence[NDArray[np.float32]]
Score = Callable[[Stacks], Logits]

#: Audio that one call scores, at most: 230 MB at 16 kHz on their way to the other process.
_MAX_AUDIO_S: Final = 3600
#: To fork, to reach the GPU and to move the models there, where no process is left from a call before.
_START_S: Final = 12
#: Audio that a second of the GPU scores: a careful guess, for no call could be timed there. The least that is asked of
#: it is MAEST's 86.9 million weights on 30 s, which overlap by half, in half precision.
_AUDIO_S_PER_S: Final = 150
#: The library's own default, which everybody may ask for.
_MAX_DURATION_S: Final = 60

# What the library says, in spaces/zero/client.py and wrappers.py of release 0.51.
_WORKER_ERROR: Final = "ZeroGPU worker error"
_ABORTED: Final = "GPU task aborted"
_VISITOR_LEFT: Final = "Connection closed by visitor"
_NONE_FREE: Final = "No GPU was available"
_TOO_LONG: Final = "ZeroGPU illegal duration"
_USED_UP: Final = "ZeroGPU quota exceeded"
_MANY_AT_ONCE: Final = "ZeroGPU pending credits exceeded"
_EXPIRED: Final = "Expired ZeroGPU proxy token"
_WAIT: Final = re.compile(r"[Tt]ry again in ([^.]+)\.")


class Decorator(Protocol):
    """What ``spaces.GPU`` is: given how long a call may take, it makes a function of one that runs on the GPU."""

    def __call__(self, *, duration: Callable[[Stacks], int]) -> Callable[[Score], Score]:
        """Return the decorator; ``duration`` gets the function's own arguments."""


def is_zerogpu() -> bool:
    """Return whether this process runs on a ZeroGPU Space, by the library's own test."""
    return os.environ.get("SPACES_ZERO_GPU", "").lower() in {"1", "t", "true"}


def prepare() -> None:
    """Let the library take over torch's CUDA; elsewhere nothing happens.

    Call it in the main thread, before anything else imports torch, and load the models in the same thread: the library
    hides from this thread alone that there is no GPU yet.
    """
    if is_zerogpu():
        import spaces  # noqa: F401, PLC0415 - costly, and of use only here


def engine_for(backend: Backend) -> Engine:
    """Return the engine that suits the place where a model runs."""
    return ZeroGpuEngine(backend) if is_zerogpu() and backend.info.device == "cuda" else ScoringEngine(backend)


class ZeroGpuEngine:
    """Score a track in one call on a shared GPU; see `genre_app.inference.contracts.TrackEngine`.

    Each call has a thread of its own with the caller's context, so that a caller who cancels need not wait for a GPU.

    Parameters
    ----------
    backend : Backend
        On ``cuda``, loaded before anyone calls.
    gpu : Decorator, optional
        ``spaces.GPU`` by default.
    """

    def __init__(self, backend: Backend, gpu: Decorator | None = None) -> None:
        self._backend = backend
        self._score_on_gpu = (gpu or _spaces_gpu())(duration=self.duration_s)(self._score)
        self._pending: set[Future[Logits]] = set()
        self._lock = threading.Lock()
        self._closed = False

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
        """Size of a full batch inside a call."""
        return self._backend.batching.max_patches

    @property
    def max_samples(self) -> int:
        """An hour of audio."""
        return _MAX_AUDIO_S * self.grid.sample_rate_hz

    def duration_s(self, stacks: Stacks) -> int:
        """Estimate how long a call for these stacks may take, in seconds of the visitor's quota."""
        audio_s = sum(stack.size for stack in stacks) / self.grid.sample_rate_hz
        return min(_MAX_DURATION_S, math.ceil(_START_S + audio_s / _AUDIO_S_PER_S))

    def submit(self, patches: NDArray[np.float32]) -> "Future[Logits]":
        """Score patches in a call; see `genre_app.inference.contracts.Engine.submit`."""
        return self.submit_stacks([patches])

    def submit_stacks(self, stacks: Stacks) -> "Future[Logits]":
        """Score stacks in one call; see `genre_app.inference.contracts.TrackEngine.submit_stacks`.

        The future raises `GpuUnavailableError` if the GPU is refused or taken away.
        """
        future: Future[Logits] = Future()
        future.set_running_or_notify_cancel()  # a call that is under way cannot be taken back
        problems = [problem for stack in stacks if (problem := problem_with(stack, self.grid))]
        if problems:
            future.set_exception(ScoringError(problems[0]))
            return future
        with self._lock:
            if self._closed:
                future.set_exception(EngineClosedError("The app is shutting down; please try again in a moment."))
                return future
            self._pending.add(future)
        context = contextvars.copy_context()
        threading.Thread(
            target=context.run, args=(self._call, list(stacks), future), name="zerogpu", daemon=True
        ).start()
        return future

    def close(self) -> None:
        """Fail what is pending with `EngineClosedError`; a call under way is not awaited."""
        with self._lock:
            self._closed = True
            pending = [*self._pending]
            self._pending.clear()
        for future in pending:
            future.set_exception(
                EngineClosedError("The app was shut down before this track was done; please try again.")
            )

    def _call(self, stacks: Stacks, future: "Future[Logits]") -> None:
        """Make a call and resolve the future with its outcome."""
        outcome = self._outcome(stacks)
        with self._lock:
            if future not in self._pending:  # closed meanwhile
                return
            self._pending.discard(future)
        if isinstance(outcome, GenreAppError):
            future.set_exception(outcome)
        else:
            future.set_result(outcome)

    def _outcome(self, stacks: Stacks) -> Logits | GenreAppError:
        try:
            scores = self._score_on_gpu(stacks)
        except Exception as error:  # noqa: BLE001 - whatever the library raises belongs to the caller
            failure = in_plain_words(error)
            failure.__cause__ = error
            return failure
        try:
            return checked(scores, sum(map(len, stacks)), self.info)
        except ValueError as error:
            failure = ScoringError(MODEL_FAILED)
            failure.__cause__ = error
            return failure

    def _score(self, stacks: Stacks) -> Logits:
        """Run the model; on ZeroGPU this happens in the other process."""
        batch = self.max_patches
        pieces = (stack[first : first + batch] for stack in stacks for first in range(0, len(stack), batch))
        return np.concatenate([self._backend.score(piece) for piece in pieces])


def in_plain_words(error: Exception) -> GenreAppError:
    """Turn what a call raised into the app's own error: what happened, and what the visitor can do.

    Parameters
    ----------
    error : Exception
        The library raises ``gradio.Error``, which has a title and a message, or a plain ``RuntimeError``.

    Returns
    -------
    CancelledError, GpuUnavailableError or ScoringError
        The last one where it was the model that failed. An error of the app's own stays as it is.
    """
    if isinstance(error, GenreAppError):
        return error
    title, text = str(getattr(error, "title", "")), str(getattr(error, "message", error))
    if title == _WORKER_ERROR and text != _ABORTED:
        return ScoringError(MODEL_FAILED)
    if _VISITOR_LEFT in text:
        return CancelledError()
    return GpuUnavailableError(_sentence(title, text))


def _sentence(title: str, text: str) -> str:
    if _NONE_FREE in text:
        return "No shared GPU became free in time; please try again in a minute."
    if title == _USED_UP and (wait := _WAIT.search(text)):
        return (
            f"Your time on the shared GPU is used up; please try again in {wait[1]} (hours:minutes:seconds), "
            "or log in to Hugging Face to get more of it."
        )
    return {
        _USED_UP: "There is no time left on the shared GPU; please log in to Hugging Face to get some of your own, "
        "or try again later.",
        _TOO_LONG: "This recording needs the shared GPU for longer than you may have it at a time; please choose a "
        "shorter one, or log in to Hugging Face.",
        _MANY_AT_ONCE: "You have too many tracks on shared GPUs at the moment; please try again when some are done.",
        _WORKER_ERROR: "The shared GPU was taken away before the track was done; please try again, or choose a shorter "
        "recording.",
    }.get(
        title,
        "The page has been open for too long to get a shared GPU; please load it anew."
        if _EXPIRED in text
        else "The shared GPU does not answer at the moment; please try again in a minute.",
    )


def _spaces_gpu() -> Decorator:
    """Return ``spaces.GPU``, but for visitors only: what the app does on its own account gets no GPU."""
    import spaces  # noqa: PLC0415 - costly, and of use only on a ZeroGPU Space
    from gradio.context import LocalContext  # noqa: PLC0415 - where the library looks for the visitor, too

    def on_gpu_for_visitors(*, duration: Callable[[Stacks], int]) -> Callable[[Score], Score]:
        def decorate(task: Score) -> Score:
            on_gpu: Score = spaces.GPU(duration=duration)(task)

            def call(stacks: Stacks) -> Logits:
                if LocalContext.request.get(None) is None:
                    raise GpuUnavailableError("No visitor asked for this, so there is no quota for a shared GPU.")
                return on_gpu(stacks)

            return call

        return decorate

    return on_gpu_for_visitors

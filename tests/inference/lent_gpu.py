"""Stands in for ``spaces.GPU``: forks, pickles both ways, and counts."""

import multiprocessing
import pickle
from collections.abc import Callable, Sequence
from contextvars import ContextVar
from multiprocessing.connection import Connection
from typing import Any

import gradio as gr

from genre_app.inference.contracts import Logits
from genre_app.inference.zerogpu_engine import Score, Stacks

PATIENCE_S = 60.0
#: Who asks, as the library finds out whose quota pays.
VISITOR: ContextVar[str | None] = ContextVar("visitor", default=None)


class LentGpu:
    """A decorator like ``spaces.GPU``, for which the processor is good enough.

    Attributes
    ----------
    calls : list of tuple
        The arguments of each call.
    durations : list of tuple
        The arguments for which a duration was asked, and the duration in seconds.
    visitors : list of str or None
        Who asked.
    refusal : Exception or None
        Raised instead of a call.
    refused : str or None
        The one visitor whom the refusal is for; by default it is for all.
    """

    def __init__(self) -> None:
        self.calls: list[tuple[Stacks, ...]] = []
        self.durations: list[tuple[tuple[Stacks, ...], int]] = []
        self.visitors: list[str | None] = []
        self.refusal: Exception | None = None
        self.refused: str | None = None

    def __call__(self, *, duration: Callable[[Stacks], int]) -> Callable[[Score], Score]:
        def decorate(task: Score) -> Score:
            def call(*arguments: Stacks) -> Logits:
                self.visitors.append(VISITOR.get())
                self.durations.append((arguments, duration(*arguments)))
                if self.refusal and self.refused in {None, VISITOR.get()}:
                    raise self.refusal
                self.calls.append(arguments)
                return _in_another_process(task, arguments)

            return call

        return decorate


def worker_error(message: str) -> gr.Error:
    """Make the error that the library raises where the call itself failed."""
    return gr.Error(message, title="ZeroGPU worker error", print_exception=False)


def _in_another_process(task: Score, arguments: Sequence[Stacks]) -> Logits:
    fork = multiprocessing.get_context("fork")
    receiving, sending = fork.Pipe(duplex=False)
    process = fork.Process(target=_run, args=(task, pickle.dumps(arguments), sending), daemon=True)
    process.start()
    sending.close()
    try:
        if not receiving.poll(PATIENCE_S):
            raise TimeoutError("the forked process hangs")
        is_fine, outcome = pickle.loads(receiving.recv_bytes())
    except EOFError as error:
        raise worker_error("GPU task aborted") from error
    finally:
        process.join(timeout=1)
        process.kill()
        process.join()
        receiving.close()
    if not is_fine:
        raise worker_error(outcome)
    scores: Logits = outcome
    return scores


def _run(task: Callable[..., Any], arguments: bytes, sending: Connection) -> None:
    try:
        answer = pickle.dumps((True, task(*pickle.loads(arguments))))
    except Exception as error:  # noqa: BLE001 - as the library does
        answer = pickle.dumps((False, type(error).__name__))
    sending.send_bytes(answer)

"""The work for a program stops once the program has left."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any, Final

import gradio as gr
import httpx
import pytest

from genre_app.errors import CancelledError
from genre_app.ui import api
from genre_app.ui.gate.app import gated_app
from genre_app.ui.gate.events import CheckedBlocks
from genre_app.ui.gate.presence import ClientLeft
from genre_app.ui.shared.visits import Visits
from tests.ui.gate.small_page import QUIETLY, file_at, free_port, http, number_of, served, upload

_LONGEST_S: Final = 20.0


class Endless:
    """Stands for a pool and its classifier, which works until it is cancelled."""

    def __init__(self) -> None:
        self.default = SimpleNamespace(model=SimpleNamespace(name="endless"))
        self.has_begun, self.was_cancelled = threading.Event(), threading.Event()

    @contextmanager
    def acquire(self, name: str) -> Iterator["Endless"]:
        yield self

    def score_file(self, path: str, options: object, *, cancel: threading.Event, keep_excerpt: bool) -> object:
        self.has_begun.set()
        for _ in range(round(_LONGEST_S / 0.05)):
            if cancel.is_set():
                self.was_cancelled.set()
                raise CancelledError
            threading.Event().wait(0.05)
        raise AssertionError("nobody cancelled")


@pytest.fixture
def endless() -> Endless:
    return Endless()


@pytest.fixture
def address(endless: Endless, visits: Visits) -> Iterator[str]:
    def launch() -> gr.Blocks:
        page = CheckedBlocks(endpoints=api.ENDPOINTS, analytics_enabled=False)
        with page:
            api.publish(endless, visits)  # type: ignore[arg-type] # as much of a pool as it takes
        page.queue(api_open=False)
        app = gated_app(api.ENDPOINTS, has_login=False, has_mcp=False)
        page.launch(_app=app, server_port=free_port(), **QUIETLY)
        return page

    with served(launch) as running:
        yield running


def arguments(address: str) -> list[Any]:
    return [file_at(upload(address)), 30, 0.25, 5, 0, "endless", False]


def test_a_program_that_hangs_up(address: str, endless: Endless) -> None:
    body = {"data": arguments(address)}
    event = http("POST", f"{address}/gradio_api/call/classify", json=body).json()["event_id"]
    with httpx.stream("GET", f"{address}/gradio_api/call/classify/{event}", timeout=_LONGEST_S):
        assert endless.has_begun.wait(_LONGEST_S)
        assert not endless.was_cancelled.is_set()
    assert endless.was_cancelled.wait(_LONGEST_S)


def test_a_program_that_cancels(address: str, endless: Endless) -> None:
    body = {"data": arguments(address), "session_hash": "s1"}
    event = http("POST", f"{address}/gradio_api/call/classify", json=body).json()["event_id"]
    assert endless.has_begun.wait(_LONGEST_S)
    assert not endless.was_cancelled.is_set()
    cancel = {"session_hash": "s1", "fn_index": number_of(address, "classify"), "event_id": event}
    http("POST", f"{address}/gradio_api/cancel", json=cancel).raise_for_status()
    assert endless.was_cancelled.wait(_LONGEST_S)


def test_outside_of_an_event_it_is_a_token_like_any_other() -> None:
    token = ClientLeft()
    assert not token.is_set()
    token.set()
    assert token.is_set()

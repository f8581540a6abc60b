"""Requests to a hub that hangs, stalls or cannot be found."""

import threading
import time

import pytest

from genre_app.errors import CancelledError, DownloadInterruptedError, HubUnreachableError
from genre_app.models.hub import download
from genre_app.models.hub.remote import wait_for
from tests.models.hub.fake_hub import ID, WEIGHTS, FakeHub


def test_the_user_s_token_is_sent(hub: FakeHub) -> None:
    download(ID)
    assert {request.token for request in hub.requests} == {"Bearer hf_test"}


@pytest.mark.usefixtures("impatient")
def test_a_hanging_hub_is_given_up(hub: FakeHub) -> None:
    hub.fail_with(hangs=True)
    with pytest.raises(HubUnreachableError, match="check the network"):
        download(ID)
    assert len(hub.requests) == 1


@pytest.mark.usefixtures("impatient")
def test_a_stalling_hub_is_given_up(hub: FakeHub) -> None:
    hub.fail_with(stalls_after=100_000)
    with pytest.raises(DownloadInterruptedError, match="goes on from where it stopped"):
        download(ID)
    hub.recover()
    download(ID)
    assert hub.fetched(WEIGHTS) == [0, 100_000]


@pytest.mark.usefixtures("impatient")
def test_a_hanging_name_look_up_is_given_up(hub: FakeHub, monkeypatch: pytest.MonkeyPatch) -> None:
    never = threading.Event()
    monkeypatch.setattr("socket.getaddrinfo", lambda *_, **__: never.wait(10))
    with pytest.raises(HubUnreachableError, match="check the network"):
        download(ID)
    never.set()


def test_a_hanging_hub_can_be_cancelled(hub: FakeHub) -> None:
    hub.fail_with(hangs=True)
    cancel = threading.Event()
    cancel.set()
    with pytest.raises(CancelledError):
        download(ID, cancel=cancel)


@pytest.mark.slow
def test_a_hanging_hub_costs_ten_seconds_at_most(hub: FakeHub) -> None:
    hub.fail_with(hangs=True)
    started_s = time.monotonic()
    with pytest.raises(HubUnreachableError):
        download(ID)
    assert time.monotonic() - started_s < 10


def test_a_response_after_the_end_of_the_wait_is_discarded() -> None:
    cancel, may_respond, is_discarded = threading.Event(), threading.Event(), threading.Event()
    discarded: list[str] = []

    def request() -> str:
        assert may_respond.wait(10)
        return "a connection"

    def discard(response: str) -> None:
        discarded.append(response)
        is_discarded.set()

    cancel.set()
    with pytest.raises(CancelledError):
        wait_for(request, cancel, discard=discard)
    may_respond.set()
    assert is_discarded.wait(10)
    assert discarded == ["a connection"]

"""Requests to a hub that hangs, stalls or cannot be found."""

import threading
from types import SimpleNamespace

import pytest

from genre_app.errors import CancelledError, DownloadInterruptedError, HubUnreachableError
from genre_app.models.hub import download
from genre_app.models.hub.remote import wait_for
from tests.models.hub.fake_hub import ID, WEIGHTS, FakeHub


def test_the_user_s_token_is_sent(hub: FakeHub) -> None:
    download(ID)
    assert {request.token for request in hub.requests} == {"Bearer hf_test"}


def test_a_hanging_hub_is_asked_once_and_given_up_within_ten_seconds(
    hub: FakeHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    waited_s = 0.0

    def look_at_the_clock() -> float:
        """Let a quarter of a second pass with each look, from when the hub was asked."""
        nonlocal waited_s
        waited_s += 0.25 * bool(hub.requests)
        return waited_s

    monkeypatch.setattr("genre_app.models.hub.remote.time", SimpleNamespace(monotonic=look_at_the_clock))
    hub.fail_with(hangs=True)
    with pytest.raises(HubUnreachableError, match="check the network"):
        download(ID)
    assert len(hub.requests) == 1
    assert 5 < waited_s < 10


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

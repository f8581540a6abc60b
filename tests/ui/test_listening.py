"""Name and port of the page."""

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from typing import Final

import httpx
import pytest
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from genre_app.errors import OutputError
from genre_app.ui.listening import Place, PortTakenError, place_to_listen
from tests.paths import ROOT

PORT: Final = 17_861


@pytest.fixture
def taken() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield listener.getsockname()[1]


@pytest.mark.parametrize(
    ("name", "place"),
    [
        ("", Place("127.0.0.1", PORT)),
        ("0.0.0.0", Place("0.0.0.0", PORT)),
        (" localhost ", Place("localhost", PORT)),
        ("::1", Place("[::1]", PORT)),
        ("[::1]", Place("[::1]", PORT)),
        ("::", Place("[::]", PORT)),
    ],
)
def test_names_and_addresses_of_this_machine(monkeypatch: pytest.MonkeyPatch, name: str, place: Place) -> None:
    monkeypatch.setenv("GRADIO_SERVER_NAME", name)
    monkeypatch.setenv("GRADIO_SERVER_PORT", str(PORT))
    assert place_to_listen(None) == place
    assert "GRADIO_SERVER_NAME" not in os.environ, "Gradio would read it"


@pytest.mark.parametrize("name", ["203.0.113.5", "no such host", "2001:db8::1", "http://localhost", "[", "a" * 300])
def test_any_other_name_is_a_sentence(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setenv("GRADIO_SERVER_NAME", name)
    with pytest.raises(OutputError, match="no address of this machine; please change GRADIO_SERVER_NAME"):
        place_to_listen(PORT)


@pytest.mark.parametrize("port", ["0", "-1", "65536", "http", "7860.5", "٣"])
def test_a_wrong_port_is_a_sentence(monkeypatch: pytest.MonkeyPatch, port: str) -> None:
    monkeypatch.setenv("GRADIO_SERVER_PORT", port)
    with pytest.raises(OutputError, match="GRADIO_SERVER_PORT must be a number from 1 to 65535"):
        place_to_listen(None)


def test_a_port_that_is_taken_is_said_and_not_replaced(taken: int, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(PortTakenError, match=f"port {taken} is in use"):
        place_to_listen(taken)
    monkeypatch.setenv("GRADIO_SERVER_PORT", str(taken))
    with pytest.raises(PortTakenError, match=f"port {taken} is in use"):
        place_to_listen(None)
    assert place_to_listen(PORT).port == PORT, "the command line's choice goes before the environment's"


def test_a_start_on_a_port_that_is_taken_fails_with_one_sentence(taken: int) -> None:
    command = [sys.executable, "app.py", "--port", str(taken)]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert run.returncode == 1
    assert run.stdout == ""
    assert len(run.stderr.splitlines()) == 1
    assert f"port {taken} is in use" in run.stderr


def test_a_port_that_this_user_may_not_use_is_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*arguments: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(socket.socket, "bind", refuse)
    with pytest.raises(OutputError, match="may not use port 80; please choose one from 1024 on"):
        place_to_listen(80)


def test_gradio_s_server_answers_on_an_ipv6_address(monkeypatch: pytest.MonkeyPatch) -> None:
    from gradio import http_server

    monkeypatch.setenv("GRADIO_SERVER_NAME", "::1")
    place = place_to_listen(PORT)
    app = Starlette(routes=[Route("/", lambda request: PlainTextResponse("here"))])
    _, _, address, server = http_server.start_server(app, place.name, place.port)  # type: ignore[arg-type]
    try:
        assert httpx.get(address).text == "here"
    finally:
        server.close()  # type: ignore[no-untyped-call]

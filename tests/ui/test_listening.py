"""Name and port of the page."""

import os
import socket
from collections.abc import Iterator

import httpx
import pytest
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from genre_app.errors import OutputError
from genre_app.ui.listening import Place, place_to_listen


@pytest.fixture
def taken() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield listener.getsockname()[1]


@pytest.mark.parametrize(
    ("name", "place"),
    [
        ("", Place("127.0.0.1", None)),
        ("0.0.0.0", Place("0.0.0.0", None)),
        (" localhost ", Place("localhost", None)),
        ("::1", Place("[::1]", None)),
        ("[::1]", Place("[::1]", None)),
        ("::", Place("[::]", None)),
    ],
)
def test_names_and_addresses_of_this_machine(monkeypatch: pytest.MonkeyPatch, name: str, place: Place) -> None:
    monkeypatch.setenv("GRADIO_SERVER_NAME", name)
    assert place_to_listen(None) == place
    assert "GRADIO_SERVER_NAME" not in os.environ, "Gradio would read it"


@pytest.mark.parametrize("name", ["203.0.113.5", "no such host", "2001:db8::1", "http://localhost", "[", "a" * 300])
def test_any_other_name_is_a_sentence(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setenv("GRADIO_SERVER_NAME", name)
    with pytest.raises(OutputError, match="no address of this machine; please change GRADIO_SERVER_NAME"):
        place_to_listen(None)


@pytest.mark.parametrize("port", ["0", "-1", "65536", "http", "7860.5", "٣"])
def test_a_wrong_port_is_a_sentence(monkeypatch: pytest.MonkeyPatch, port: str) -> None:
    monkeypatch.setenv("GRADIO_SERVER_PORT", port)
    with pytest.raises(OutputError, match="GRADIO_SERVER_PORT must be a number from 1 to 65535"):
        place_to_listen(None)


def test_a_port_that_is_taken_is_a_sentence(taken: int) -> None:
    with pytest.raises(OutputError, match=f"port {taken} is in use"):
        place_to_listen(taken)


def test_a_port_that_this_user_may_not_use_is_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*arguments: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(socket.socket, "bind", refuse)
    with pytest.raises(OutputError, match="may not use port 80; please choose one from 1024 on"):
        place_to_listen(80)


def test_gradio_s_server_answers_on_an_ipv6_address(monkeypatch: pytest.MonkeyPatch) -> None:
    from gradio import http_server

    monkeypatch.setenv("GRADIO_SERVER_NAME", "::1")
    place = place_to_listen(None)
    app = Starlette(routes=[Route("/", lambda request: PlainTextResponse("here"))])
    _, _, address, server = http_server.start_server(app, place.name, 17_860)  # type: ignore[arg-type]
    try:
        assert httpx.get(address).text == "here"
    finally:
        server.close()  # type: ignore[no-untyped-call]

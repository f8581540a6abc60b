"""The server fetches nothing for a stranger, whichever way the address comes in."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Final

import pytest
from gradio_client import Client, handle_file
from gradio_client.exceptions import AppError
from gradio_client.utils import encode_file_path
from mcp import ClientSession
from mcp.client.streamable_http import streamable_http_client

from tests.ui.gate.small_page import Listener, ask, file_at, http, plain_page, upload

_FETCHES_NOTHING: Final = "fetches nothing"


@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize("route", ["file=", "file/", "proxy=", "stream/", "file=file:", "file=%68ttp", "file=HTTP"])
def test_by_a_route(address: str, listener: Listener, method: str, route: str) -> None:
    target = listener.address if route[-1] in "=/" else listener.address.removeprefix("http")
    answer = http(method, f"{address}/gradio_api/{route}{target}")
    assert answer.status_code in {403, 404}
    assert listener.asked_for == []


@pytest.mark.parametrize(
    "data",
    [
        lambda url: [file_at(url), 1, "", False],
        lambda url: [{**file_at("/x.wav"), "path": url}, 1, "", False],
        lambda url: [{"path": url}, 1, "", False],
        lambda url: [[file_at(url)], 1, "", False],
        # Gradio looks for files in what any component gets.
        lambda url: [None, file_at(url), "", False],
        lambda url: [None, 1, file_at(url), False],
        lambda url: [None, 1, {"deep": [file_at(url)]}, False],
        lambda url: [None, 1, "", file_at(url)],
    ],
)
def test_as_a_value(address: str, listener: Listener, data: Callable[[str], list[Any]]) -> None:
    answer = ask(address, data(listener.address))
    assert answer.startswith("event: error")
    assert _FETCHES_NOTHING in answer
    assert listener.asked_for == []


def test_as_the_second_address_of_an_uploaded_file(address: str, listener: Listener) -> None:
    answer = ask(address, [{**file_at(upload(address)), "url": listener.address}, 1, "", False])
    assert answer.startswith("event: complete")
    assert listener.asked_for == []


def test_from_gradio_s_own_client(address: str, listener: Listener, tmp_path: Path) -> None:
    client = Client(address, verbose=False, download_files=tmp_path)
    try:
        with pytest.raises(AppError, match=_FETCHES_NOTHING):
            client.predict(handle_file(listener.address), 1, "", is_wanted=False, api_name="/measure")
    finally:
        client.close()
    assert listener.asked_for == []


async def _tool(address: str, arguments: dict[str, Any]) -> str:
    async with (
        streamable_http_client(f"{address}/gradio_api/mcp/") as (read, write, _),
        ClientSession(read, write) as session,
    ):
        await session.initialize()
        return str((await session.call_tool("measure", arguments)).content)


def tool(address: str, arguments: dict[str, Any]) -> str:
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, _tool(address, arguments)).result(60)


def test_as_a_tool_of_a_language_model(address: str, listener: Listener) -> None:
    arguments = {"track": listener.address, "seconds": 1, "text": "", "is_wanted": False}
    assert _FETCHES_NOTHING in tool(address, arguments)
    assert listener.asked_for == []


@pytest.mark.parametrize("host", ["", "http://behind.a.proxy/genre"])
@pytest.mark.parametrize("name", ["song.wav", "Дождь 100 %41.wav"])
def test_an_uploaded_file_may_be_named_by_its_own_address(address: str, host: str, name: str) -> None:
    url = f"{host or address}/gradio_api/file={encode_file_path(upload(address, b'123456', name))}"
    assert '"n_bytes": 6' in ask(address, [file_at(url), 1, "", False])
    assert "6" in tool(address, {"track": url, "seconds": 1, "text": "", "is_wanted": False})


@pytest.mark.parametrize(
    "inner", ["http://127.0.0.1:9/x", "http%3A//127.0.0.1:9/x", "//127.0.0.1:9/x", "/etc/passwd", "%2Fetc%2Fpasswd"]
)
def test_that_address_leads_nowhere_else(address: str, inner: str) -> None:
    answer = ask(address, [file_at(f"{address}/gradio_api/file={inner}"), 1, "", False])
    assert answer.startswith("event: error")
    assert "upload the recording" in answer


def test_gradio_alone_would_fetch(listener: Listener) -> None:
    with plain_page() as address:
        http("GET", f"{address}/gradio_api/file={listener.address}")
        ask(address, [file_at(listener.address), 1, "", False])
    assert len(listener.asked_for) == 2

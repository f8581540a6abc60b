"""Which routes of Gradio are answered."""

import re
from typing import Any, Final

import gradio as gr
import pytest
from fastapi.routing import APIRoute
from gradio.routes import App

from genre_app.ui.gate.routes import OpenRoutes, names_an_address
from tests.ui.gate.small_page import in_an_event_loop

_PUBLIC: Final = OpenRoutes({"classify", "models"}, has_login=False, has_mcp=False)
#: Every route of Gradio 6.31 that the app does without, as Gradio writes it. A newer Gradio brings others: each of them
#: is closed, and belongs either here or among the open ones.
_CLOSED: Final = {
    "/gradio_api/api/{api_name}", "/gradio_api/api/{api_name}/", "/gradio_api/component_server",
    "/gradio_api/component_server/", "/gradio_api/custom_component/{id}/{environment}/{type}/{file_name}",
    "/gradio_api/deep_link", "/gradio_api/dev/reload", "/gradio_api/file/{path:path}", "/gradio_api/login_check",
    "/gradio_api/login_check/", "/gradio_api/openapi.json", "/gradio_api/process_recording",
    "/gradio_api/proxy={url_path:path}", "/gradio_api/queue/status", "/gradio_api/runs", "/gradio_api/runs/",
    "/gradio_api/stream/{event_id}", "/gradio_api/stream/{event_id}/close",
    "/gradio_api/stream/{session_hash}/{run}/{component_id}/playlist-file",
    "/gradio_api/stream/{session_hash}/{run}/{component_id}/playlist.m3u8",
    "/gradio_api/stream/{session_hash}/{run}/{component_id}/{segment_id}.{ext}", "/gradio_api/token",
    "/gradio_api/token/", "/gradio_api/undo-vibe-edit", "/gradio_api/undo-vibe-edit/", "/gradio_api/user",
    "/gradio_api/user/", "/gradio_api/vibe-code", "/gradio_api/vibe-code/", "/gradio_api/vibe-edit",
    "/gradio_api/vibe-edit/", "/gradio_api/vibe-starter-queries", "/gradio_api/vibe-starter-queries/", "/login",
    "/login/", "/logout", "/monitoring", "/monitoring/summary", "/monitoring/{key}", "/openapi.json", "/pwa_icon",
    "/pwa_icon/{size}", "/svelte/{path:path}",
}  # fmt: skip


def _example(path: str) -> str:
    """Fill a route's parameters in."""
    for name, value in {"{api_name}": "classify", "{path:path}": "a/b.js", "{path_or_url:path}": "/tmp/a.wav"}.items():
        path = path.replace(name, value)
    return re.sub(r"\{[^}]*\}", "x", path)


def _every_route() -> list[tuple[str, str]]:
    """Method and path of each route of an app of Gradio."""

    def make() -> App:
        page = gr.Blocks(analytics_enabled=False)
        page.run_history = False
        return App.create_app(page)

    pending: list[Any] = [in_an_event_loop(make).routes]
    found = []
    while pending:
        for route in pending.pop():
            inner = getattr(getattr(route, "original_router", None), "routes", None)
            if inner is not None:
                pending.append(inner)
            elif isinstance(route, APIRoute) or hasattr(route, "methods"):
                found += [(method, route.path) for method in sorted(route.methods or ())]
    return found


def test_every_route_of_gradio_is_decided_upon() -> None:
    closed = {path for method, path in _every_route() if not _PUBLIC.is_open(method, _example(path))}
    assert closed == _CLOSED


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/"), ("HEAD", "/"), ("GET", "/config"), ("GET", "/assets/index.js"), ("GET", "/gradio_api/info"),
        ("POST", "/gradio_api/upload"), ("POST", "/gradio_api/queue/join"), ("GET", "/gradio_api/queue/data"),
        ("POST", "/gradio_api/call/classify"), ("GET", "/gradio_api/call/classify/0a1b"),
        ("POST", "/gradio_api/call/v2/models/"), ("GET", "/gradio_api/file=/tmp/gradio/a.wav"),
        ("POST", "/gradio_api/run/cancel"), ("GET", "/gradio_api/heartbeat/abc"),
    ],
)  # fmt: skip
def test_the_page_and_the_api_are_open(method: str, path: str) -> None:
    assert _PUBLIC.is_open(method, path)


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/"), ("OPTIONS", "/gradio_api/queue/join"), ("PUT", "/gradio_api/upload"), ("TRACE", "/"),
        ("POST", "/gradio_api/call/analyse"), ("POST", "/gradio_api/call/classify2"), ("POST", "/gradio_api/call/"),
        ("POST", "/gradio_api/api/predict"), ("GET", "//config"), ("GET", "/config\n"), ("GET", "/assets/"),
        ("GET", "/gradio_api/../config"), ("POST", "/login"), ("GET", "/logout"), ("GET", "/gradio_api/mcp/"),
        ("GET", "/gradio_api/file=https://x/y"), ("GET", "/gradio_api/file=//x/y"), ("GET", "/gradio_api/file="),
    ],
)  # fmt: skip
def test_the_rest_is_closed(method: str, path: str) -> None:
    assert not _PUBLIC.is_open(method, path)


def test_login_and_tools_are_open_where_there_are_some() -> None:
    assert OpenRoutes((), has_login=True, has_mcp=False).is_open("POST", "/login")
    assert OpenRoutes((), has_login=False, has_mcp=True).is_open("POST", "/gradio_api/mcp/")


@pytest.mark.parametrize("path", ["http://x", "HTTPS://x", "ftp://x", "file:/etc", "//x/y", r"\\x\y", "gopher+x:/"])
def test_an_address_is_noticed(path: str) -> None:
    assert names_an_address(path)


@pytest.mark.parametrize("path", ["/tmp/a.wav", "a.wav", "C:/music/a.wav", r"C:\music\a.wav", "/tmp/http://x", ""])
def test_a_path_is_no_address(path: str) -> None:
    assert not names_an_address(path)

"""The page as an application of somebody else's server: inside the same gate."""

import asyncio
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from starlette.testclient import TestClient

from genre_app.ui.gate.app import mounted
from genre_app.ui.gate.events import CheckedBlocks
from genre_app.ui.gate.routes import OpenRoutes
from tests.ui.gate.small_page import ENDPOINTS, lay_out


@pytest.fixture(scope="module")
def client() -> Iterator[TestClient]:
    async def build() -> TestClient:
        page = CheckedBlocks(endpoints=ENDPOINTS, analytics_enabled=False)
        lay_out(page)
        page.queue(api_open=False)
        routes = OpenRoutes(ENDPOINTS, has_login=False, has_mcp=False)
        return TestClient(mounted(page, routes, lambda n_bytes: n_bytes < 1000, mcp_server=False))

    with ThreadPoolExecutor(1) as thread:  # Gradio wants an event loop, and Playwright may keep one in this thread
        built = thread.submit(asyncio.run, build()).result()
    with built as client:
        yield client


def test_the_page_comes_with_the_gate_s_headers(client: TestClient) -> None:
    answer = client.get("/")
    assert answer.status_code == 200
    assert "frame-ancestors 'self'" in answer.headers["content-security-policy"]


@pytest.mark.parametrize("path", ["/monitoring", "/openapi.json", "/docs", "/gradio_api/proxy=http://example.com"])
def test_other_routes_are_closed(client: TestClient, path: str) -> None:
    assert client.get(path).json() == {"detail": "There is nothing here."}


def test_other_sites_and_what_there_is_no_room_for_are_refused(client: TestClient) -> None:
    stranger = {"Origin": "https://evil.example"}
    assert client.post("/gradio_api/queue/join", json={}, headers=stranger).status_code == 403
    assert client.post("/gradio_api/upload", files={"files": b"x" * 2000}).status_code == 507


def test_nonsense_is_answered_with_a_sentence(client: TestClient) -> None:
    answer = client.post("/gradio_api/queue/join", json={"fn_index": 999, "data": [], "session_hash": "s"})
    assert answer.status_code == 400
    assert "not understood" in answer.json()["detail"]

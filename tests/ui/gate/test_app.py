"""The gate in front of a running page: other sites, large bodies, logins, and headers on every answer."""

import asyncio
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final
from unittest.mock import Mock

import httpx
import pytest
from gradio_client import Client
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from genre_app.ui.gate.app import Gate
from genre_app.ui.gate.routes import OpenRoutes
from tests.ui.gate.small_page import ENDPOINTS, http, small_page, upload

_NAME, _PASSWORD = "ana", "se:cret ☂"
_STRANGER: Final = {"Origin": "https://evil.example"}


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/"),
        ("GET", "/config"),
        ("GET", "/nothing"),
        ("POST", "/gradio_api/queue/join"),
        ("GET", "/static/none"),
    ],
)
def test_every_answer_carries_the_headers(address: str, method: str, path: str) -> None:
    headers = http(method, f"{address}{path}", json={}).headers
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "same-origin"
    assert "frame-ancestors 'self'" in headers["content-security-policy"]


@pytest.mark.parametrize("host", ["127.0.0.1", "genre.example"])
@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://localhost:1"])
def test_other_sites_read_nothing(address: str, origin: str, host: str) -> None:
    asked = {"Origin": origin, "Host": host, "Access-Control-Request-Method": "POST"}
    answers = [
        http("GET", f"{address}/config", headers=asked),
        http("OPTIONS", f"{address}/gradio_api/queue/join", headers=asked),
        http("POST", f"{address}/gradio_api/call/measure", headers=asked, json={"data": []}),
    ]
    assert [name for answer in answers for name in answer.headers if name.startswith("access-control")] == []
    assert answers[2].status_code == 403


@pytest.mark.parametrize("path", ["upload", "queue/join", "call/measure", "cancel", "run/unqueued", "mcp/"])
def test_other_sites_change_nothing(address: str, path: str) -> None:
    answer = http("POST", f"{address}/gradio_api/{path}", headers=_STRANGER, json={"data": []})
    assert answer.status_code == 403
    assert "not from other sites" in answer.json()["detail"]


@pytest.mark.parametrize("chunks", [1, 5])
def test_a_large_body_is_refused(address: str, chunks: int) -> None:
    body = iter([bytes(5_000_000 // chunks)] * chunks) if chunks > 1 else bytes(5_000_000)
    answer = http("POST", f"{address}/gradio_api/queue/join", content=body)
    assert answer.status_code == 413
    assert "uploads" in answer.json()["detail"]


def test_a_file_of_that_size_is_an_upload(address: str) -> None:
    assert Path(upload(address, bytes(3_000_000))).stat().st_size == 3_000_000


def test_an_upload_for_which_there_is_no_room_is_a_sentence(
    address: str, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("gradio.route_utils.GradioMultiPartParser.parse", Mock(side_effect=OSError(28, "No space")))
    answer = http("POST", f"{address}/gradio_api/upload", files={"files": ("song.wav", b"1234")})
    assert answer.status_code == 507
    assert "full" in answer.json()["detail"]
    assert "Traceback" not in "".join(capfd.readouterr())


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("queue/join", b'{"data": [], "fn_index": 9999, "session_hash": "x"}'),
        ("queue/join", b'{"data": [], "session_hash": "x"}'),
        ("queue/join", b'{"data": [], "fn_index": 0}'),
        ("queue/join", b"[" * 100_000),
        ("call/v2/measure", b'{"no such": 1}'),
        ("call/measure", b"null"),
        ("run/none", b'{"data": []}'),
        ("cancel", b'{"session_hash": null}'),
    ],
)
def test_nonsense_is_a_request_that_is_not_understood(
    address: str, path: str, body: bytes, capfd: pytest.CaptureFixture[str]
) -> None:
    answer = http("POST", f"{address}/gradio_api/{path}", content=body, headers={"Content-Type": "application/json"})
    assert 400 <= answer.status_code < 500
    assert answer.json()["detail"]
    assert "Traceback" not in "".join(capfd.readouterr())


@pytest.fixture(scope="module")
def guarded(gradio_files: Path) -> Iterator[str]:
    with small_page(login=(_NAME, _PASSWORD)) as running:
        yield running


def log_in(address: str, password: str, **headers: str) -> httpx.Response:
    return http("POST", f"{address}/login", data={"username": _NAME, "password": password}, headers=headers)


# In this order: the last uses the tries up.


def test_one_cookie_that_stays_with_the_site(guarded: str) -> None:
    (cookie,) = log_in(guarded, _PASSWORD).headers.get_list("set-cookie")
    assert "SameSite=Lax" in cookie
    assert "HttpOnly" in cookie
    (cookie,) = log_in(guarded, _PASSWORD, **{"X-Forwarded-Proto": "https"}).headers.get_list("set-cookie")
    assert "Secure" in cookie


def test_that_cookie_opens_the_page_and_the_api(guarded: str, tmp_path: Path) -> None:
    client = Client(guarded, verbose=False, auth=(_NAME, _PASSWORD), download_files=tmp_path)
    try:
        assert client.predict(None, 2, "", is_wanted=False, api_name="/measure") == {"n_bytes": None, "seconds": 2}
    finally:
        client.close()


def test_another_site_cannot_log_its_visitors_in_or_out(guarded: str) -> None:
    assert log_in(guarded, _PASSWORD, **_STRANGER).status_code == 403
    assert http("GET", f"{guarded}/logout", headers={"Sec-Fetch-Site": "cross-site"}).status_code == 403
    assert http("GET", f"{guarded}/logout", headers={"Sec-Fetch-Site": "same-origin"}).status_code == 302


def test_guessing_ends_after_a_few_tries(guarded: str) -> None:
    log_in(guarded, _PASSWORD)
    with ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(lambda i: log_in(guarded, f"guess {i}"), range(60)))
    assert sorted(answer.status_code for answer in answers) == [400] * 10 + [429] * 50
    refused = log_in(guarded, _PASSWORD)
    assert (refused.status_code, refused.headers["retry-after"]) == (429, "60")
    assert "wait a minute" in refused.json()["detail"]


def test_without_a_login_there_is_none(address: str) -> None:
    assert {"measure"} == ENDPOINTS
    assert log_in(address, _PASSWORD).status_code == 404


def test_an_upload_without_room_is_refused_before_it_comes() -> None:
    reached: list[str] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        reached.append(scope["path"])
        await Response("taken")(scope, receive, send)

    gate = Gate(app, OpenRoutes((), has_login=False, has_mcp=False), lambda n_bytes: n_bytes < 100)

    async def post(n_bytes: int) -> httpx.Response:
        transport = httpx.ASGITransport(app=gate)
        async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
            return await client.post("/gradio_api/upload", content=bytes(n_bytes))

    with ThreadPoolExecutor(1) as thread:  # Playwright may keep an event loop running in this one
        small, large = (thread.submit(asyncio.run, post(n_bytes)).result() for n_bytes in (99, 100))
    assert (small.status_code, large.status_code) == (200, 507)
    assert large.json()["detail"].startswith("There is no room for more recordings")
    assert reached == ["/gradio_api/upload"]

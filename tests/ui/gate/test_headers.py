"""Headers and cookies of an answer."""

import pytest
from starlette.datastructures import MutableHeaders

from genre_app.ui.gate.headers import protect

_COOKIES = (
    ("set-cookie", "access-token-abc=t0; HttpOnly; Path=/; SameSite=none; Secure"),
    ("set-cookie", "access-token-unsecure-abc=t0; HttpOnly; Path=/; SameSite=lax"),
)


@pytest.fixture(params=["server", "space"])
def place(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.delenv("SPACE_ID", raising=False)
    if request.param == "space":
        monkeypatch.setenv("SPACE_ID", "ana/genre")
    return str(request.param)


def protected(*headers: tuple[str, str], path: str = "/", is_https: bool = True) -> MutableHeaders:
    raw = MutableHeaders(raw=[(name.encode(), value.encode()) for name, value in headers])
    protect(raw, path, is_https=is_https)
    return raw


def policy(headers: MutableHeaders) -> dict[str, str]:
    parts = (part.strip().partition(" ") for part in headers["content-security-policy"].split(";"))
    return {name: sources for name, _, sources in parts}


def test_a_space_is_framed_by_hugging_face_and_any_other_page_by_itself(place: str) -> None:
    frames = policy(protected())["frame-ancestors"].split()
    hosts = ["https://huggingface.co", "https://*.huggingface.co"]
    assert frames == ["'self'", *(hosts if place == "space" else [])]


def test_nothing_is_loaded_from_or_sent_to_elsewhere() -> None:
    known = {"'self'", "'none'", "'unsafe-inline'", "'unsafe-eval'", "blob:", "data:"}
    shown = policy(protected())
    assert {
        source for name, sources in shown.items() if name != "frame-ancestors" for source in sources.split()
    } <= known
    assert shown["default-src"] == shown["form-action"] == shown["base-uri"] == "'self'"


def test_a_visitor_s_file_is_no_page() -> None:
    shown = policy(protected(path="/gradio_api/file=/tmp/gradio/x.html"))
    assert "sandbox" in shown
    assert shown["default-src"] == shown["frame-ancestors"] == "'none'"


def test_types_are_not_guessed_and_addresses_not_told() -> None:
    headers = protected()
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "same-origin"
    assert "microphone=(self)" in headers["permissions-policy"]


def test_no_other_site_may_read() -> None:
    headers = protected(
        ("Access-Control-Allow-Origin", "https://evil.example"),
        ("access-control-allow-credentials", "true"),
        ("a", "b"),
    )
    assert [name for name in headers if name.startswith("access-control")] == []
    assert headers["a"] == "b"


def test_the_login_s_cookie_over_https(place: str) -> None:
    (cookie,) = protected(*_COOKIES).getlist("set-cookie")
    assert cookie.startswith("access-token-abc=t0;")
    assert {"Secure", "HttpOnly", "Path=/"} <= set(cookie.split("; "))
    assert ("SameSite=None" in cookie and cookie.endswith("; Partitioned")) == (place == "space")
    assert ("SameSite=Lax" in cookie) == (place == "server")


def test_the_login_s_cookie_without_https(place: str) -> None:
    (cookie,) = protected(*_COOKIES, is_https=False).getlist("set-cookie")
    assert cookie.startswith("access-token-unsecure-abc=t0;")
    assert {"HttpOnly", "SameSite=Lax"} <= set(cookie.split("; "))
    assert "Secure" not in cookie


def test_other_cookies_and_the_end_of_a_login_stay_as_they_are() -> None:
    others = [
        "theme=dark; Path=/",
        'access-token-abc=""; Max-Age=0; Path=/; SameSite=lax',
        'access-token-unsecure-abc=""; Max-Age=0; Path=/; SameSite=lax',
    ]
    assert protected(*(("set-cookie", text) for text in others)).getlist("set-cookie") == others

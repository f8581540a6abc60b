"""What the browser is told with every answer: what the page may load, who may frame it, and how cookies travel."""

import os
from http.cookies import Morsel, SimpleCookie
from typing import Final

from starlette.datastructures import MutableHeaders

#: Who may show the page in a frame, beside the page itself: on a Space, Hugging Face.
_SPACE_FRAMES: Final = "https://huggingface.co https://*.huggingface.co"
#: Gradio's page compiles its events' scripts, so that scripts in the page cannot be told from others; but nothing loads
#: from, or can be sent to, anywhere else.
_PAGE_POLICY: Final = (
    "default-src 'self'",
    "script-src 'self' 'unsafe-inline' 'unsafe-eval' blob:",
    "style-src 'self' 'unsafe-inline'",
    "img-src 'self' data: blob:",
    "font-src 'self' data:",
    "media-src 'self' data: blob:",
    "connect-src 'self' data: blob:",
    "worker-src 'self' blob:",
    "object-src 'none'",
    "base-uri 'self'",
    "form-action 'self'",
)
#: A visitor's file that is opened as a page of its own runs nothing and loads nothing.
_FILE_POLICY: Final = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; sandbox; frame-ancestors 'none'"
_FILE: Final = "/gradio_api/file="
#: Gradio answers that any site may read what it says; no other site needs to.
_CROSS_ORIGIN: Final = "access-control-"
#: Gradio's two cookies of one login: the first for HTTPS only, the second for either.
_TOKEN: Final = "access-token-"  # noqa: S105 - a cookie's name
_TOKEN_WITHOUT_HTTPS: Final = "access-token-unsecure-"  # noqa: S105


def is_space() -> bool:
    """Return whether the app runs on a Space of Hugging Face."""
    return bool(os.environ.get("SPACE_ID"))


def protect(headers: MutableHeaders, path: str, *, is_https: bool) -> None:
    """Put what protects the visitor into the headers of an answer.

    Parameters
    ----------
    headers : starlette.datastructures.MutableHeaders
        Of the answer; changed in place.
    path : str
        What was asked for.
    is_https : bool
        Whether the visitor's connection is encrypted, up to the proxy at least.
    """
    for name in [name for name in headers if name.startswith(_CROSS_ORIGIN)]:
        del headers[name]
    frames = f"frame-ancestors 'self'{f' {_SPACE_FRAMES}' if is_space() else ''}"
    policy = _FILE_POLICY if path.startswith(_FILE) else "; ".join((*_PAGE_POLICY, frames))
    headers["Content-Security-Policy"] = policy
    headers["X-Content-Type-Options"] = "nosniff"
    # A link to a result holds the recording's name: no other site is told where its visitor came from.
    headers["Referrer-Policy"] = "same-origin"
    headers["Permissions-Policy"] = "camera=(), geolocation=(), microphone=(self)"
    _protect_cookies(headers, is_https=is_https)


def _protect_cookies(headers: MutableHeaders, *, is_https: bool) -> None:
    """Send one cookie of the login instead of Gradio's two, as narrow as the place allows.

    In a frame of huggingface.co, cookies are another site's: there they need ``SameSite=None``, and ``Partitioned``,
    with which they are sent in such a frame alone. Elsewhere they stay with the page's own site.
    """
    cookies = headers.getlist("set-cookie")
    del headers["set-cookie"]
    for text in cookies:
        for cookie in SimpleCookie(text).values():
            if cookie.key.startswith(_TOKEN) and cookie.value:
                if cookie.key.startswith(_TOKEN_WITHOUT_HTTPS) == is_https:
                    continue
                text = _narrowed(cookie, is_https=is_https)  # noqa: PLW2901
            headers.append("set-cookie", text)


def _narrowed(cookie: "Morsel[str]", *, is_https: bool) -> str:
    in_a_frame = is_https and is_space()
    cookie["httponly"] = True
    cookie["secure"] = is_https
    cookie["samesite"] = "None" if in_a_frame else "Lax"
    text = cookie.OutputString()
    return f"{text}; Partitioned" if in_a_frame else text  # Python 3.14 is the first to know the word

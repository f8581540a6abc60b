"""The document with which the page opens: Gradio's, with what must come first, and with the app's own name."""

import re
from functools import cache
from html import escape
from typing import Final

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from genre_app.ui.static import script
from genre_app.ui.theme import DESCRIPTION, TITLE

#: Run before Gradio's.
_SCRIPTS: Final = ("slow_timers.js", "event_stream.js")
#: What other sites and messengers show of a link to the page: Gradio's speaks of Gradio, with a picture from elsewhere.
_PREVIEW_OF_GRADIO: Final = re.compile(rb'<meta\s+(?:property="og:|name="twitter:)[^>]*>\s*')
_PREVIEW: Final = {"og:type": "website", "og:title": TITLE, "og:description": DESCRIPTION}


class OpeningPage:
    """Middleware that adapts the HTML documents of an application; other answers pass as they are.

    Parameters
    ----------
    app : ASGI application
        Gradio's.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        start: Message | None = None
        document = bytearray()

        async def adapted(message: Message) -> None:
            nonlocal start
            if message["type"] == "http.response.start" and _is_html(message):
                start = message
                return
            if start is None:
                await send(message)
                return
            document.extend(message.get("body", b""))
            if not message.get("more_body", False):
                opening = opening_document(bytes(document))
                MutableHeaders(scope=start)["content-length"] = str(len(opening))
                await send(start)
                await send({"type": "http.response.body", "body": opening})

        await self._app(scope, receive, adapted)


def opening_document(document: bytes) -> bytes:
    """Put the app's name, and the scripts that must run before Gradio's, into Gradio's HTML document.

    Parameters
    ----------
    document : bytes
        HTML in UTF-8.

    Returns
    -------
    bytes
        The same document; only what comes before its first script is changed.
    """
    before_scripts, first_script, rest = document.partition(b"<script")
    return _PREVIEW_OF_GRADIO.sub(b"", before_scripts) + _head().encode() + first_script + rest


@cache
def _head() -> str:
    preview = "".join(f'<meta property="{name}" content="{escape(text)}" />' for name, text in _PREVIEW.items())
    scripts = "".join(f"<script>{script(name)}</script>" for name in _SCRIPTS)
    description = f'<meta name="description" content="{escape(DESCRIPTION)}" />'
    return f"{preview}{description}{scripts}"


def _is_html(start: Message) -> bool:
    return Headers(raw=start.get("headers", [])).get("content-type", "").startswith("text/html")

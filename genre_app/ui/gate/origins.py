"""Which requests a browser sends on behalf of this page, and which on behalf of another site."""

from typing import Literal
from urllib.parse import urlsplit

from starlette.datastructures import Headers

#: ``program``: not sent by a browser's page. ``page``: by a page of this app. ``stranger``: by another site.
Sender = Literal["program", "page", "stranger"]


def sender_of(headers: Headers) -> Sender:
    """Return who sends a request that changes something (``POST``, which browsers send with an ``Origin``).

    Parameters
    ----------
    headers : starlette.datastructures.Headers
        Of the request. A page cannot choose ``Origin``, ``Host`` and ``Sec-Fetch-Site``; a program can choose all.
    """
    site, origin = headers.get("sec-fetch-site"), headers.get("origin")
    if origin is None:
        return "stranger" if site in {"cross-site", "same-site"} else "program"
    if site is not None:  # the browser's own word; it holds behind any proxy
        return "page" if site == "same-origin" else "stranger"
    own = (headers.get("host"), headers.get("x-forwarded-host", "").split(",")[0])
    return "page" if any(_is_the_same(origin, host.strip()) for host in own if host) else "stranger"


def _is_the_same(origin: str, host: str) -> bool:
    """Compare an origin with the host that was asked for; a proxy may have dropped the host's port."""
    try:
        sent_from, asked = urlsplit(origin), urlsplit(f"//{host}")
        ports = sent_from.port or _default_port(sent_from.scheme), asked.port
    except ValueError:
        return False
    return sent_from.hostname is not None and sent_from.hostname == asked.hostname and ports[1] in {None, ports[0]}


def _default_port(scheme: str) -> int:
    return 443 if scheme == "https" else 80

"""The routes of Gradio that the app uses; all others are closed.

Gradio serves more than the page and the API need: a proxy, screen recordings, saved pages, usage figures, a code
editor. A route that a newer Gradio brings stays closed until it is listed here.
"""

import re
from collections.abc import Collection
from typing import Final

_API: Final = "/gradio_api"
_READ: Final = frozenset({"GET", "HEAD"})
_POST: Final = frozenset({"POST"})

#: Methods and paths, as regular expressions, of the page and of the API's transport.
_OPEN: Final = (
    (_READ, r"/"),
    (_READ, r"/(config|theme\.css|robots\.txt|favicon\.ico|manifest\.json)/?"),
    (_READ, r"/(assets|static)/.+"),
    (_READ, rf"{_API}/(info|theme\.css|app_id|startup-events)/?"),
    (_READ, rf"{_API}/file=.+"),
    (_READ, rf"{_API}/heartbeat/[^/]+"),
    (_READ, rf"{_API}/(queue/data|upload_progress)"),
    (_POST, rf"{_API}/(upload|queue/join|cancel|reset/?)"),
    # Events of the page that do not wait in a line; Gradio itself refuses the others here.
    (_POST, rf"{_API}/run/[^/]+/?"),
)
_LOGIN: Final = ((_POST, r"/login/?"), (_READ, r"/logout"))
_MCP: Final = ((_READ | _POST | {"DELETE"}, rf"{_API}/mcp(/.*)?"),)

#: What Gradio would fetch from elsewhere, however it is written.
_ADDRESS: Final = re.compile(r"[a-z][a-z0-9+.-]+:/|[/\\]{2}", re.IGNORECASE)


class OpenRoutes:
    """Knows which requests are answered.

    Parameters
    ----------
    endpoints : collection of str
        Names of the API's endpoints.
    has_login : bool
        Whether visitors log in.
    has_mcp : bool
        Whether the endpoints are offered as tools of language models.
    """

    def __init__(self, endpoints: Collection[str], *, has_login: bool, has_mcp: bool) -> None:
        names = "|".join(map(re.escape, endpoints))
        calls = rf"{_API}/call/(v2/)?({names})"
        routes = [*_OPEN, (_POST, rf"{calls}/?"), (_READ, rf"{calls}/[^/]+")]
        if has_login:
            routes += _LOGIN
        if has_mcp:
            routes += _MCP
        self._routes = [(methods, re.compile(path)) for methods, path in routes]

    def is_open(self, method: str, path: str) -> bool:
        """Return whether a request is answered.

        Parameters
        ----------
        method : str
            In capitals.
        path : str
            Decoded, and without the folder that the app is mounted at.
        """
        if names_an_address(path.removeprefix(f"{_API}/file=")) and path.startswith(f"{_API}/file="):
            return False
        return any(method in methods and pattern.fullmatch(path) for methods, pattern in self._routes)


def names_an_address(path: str) -> bool:
    """Return whether a path is the address of something elsewhere: ``http://``, ``file:/``, ``//server``."""
    return _ADDRESS.match(path) is not None

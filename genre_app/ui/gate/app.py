"""Gradio's application behind the gate."""

import logging
from collections.abc import Awaitable, Callable, Collection
from http import HTTPStatus
from typing import Any, Final

from anyio import to_thread
from fastapi import FastAPI
from gradio import Blocks
from gradio.route_utils import FnIndexInferError
from gradio.routes import App, ORJSONResponse, mount_gradio_app
from starlette.datastructures import Headers, MutableHeaders
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from genre_app.errors import NoSpaceError, is_full
from genre_app.ui.gate.headers import protect
from genre_app.ui.gate.login import Tries
from genre_app.ui.gate.opening import OpeningPage
from genre_app.ui.gate.origins import sender_of
from genre_app.ui.gate.routes import OpenRoutes
from genre_app.ui.gate.tools import advice_left_out

_log = logging.getLogger(__name__)

_READS: Final = frozenset({"GET", "HEAD"})
_OPENING: Final = frozenset({"", "/"})
#: Of the page's document, 300 kB of Gradio's settings: to a sixth of it, in some milliseconds.
_COMPRESSION: Final = 5
_LOGIN, _LOGOUT = "/login", "/logout"
#: Its body is a file: Gradio limits its size.
_UPLOAD: Final = "/gradio_api/upload"
_MCP: Final = "/gradio_api/mcp"
#: Calls of an endpoint with parameters by name, which Gradio's client checks.
_CALL_BY_NAME: Final = "/gradio_api/call/v2/"
#: The largest event of the page announces 500 files by their names.
_MOST_BYTES: Final = 2_000_000
#: A language model may send a recording as text instead of uploading it.
_MOST_BYTES_OF_A_TOOL: Final = 32_000_000

_CLOSED: Final = "There is nothing here."
_STRANGER: Final = "This app takes orders from its own page and from programs, not from other sites."
_NO_ROOM: Final = "There is no room for more recordings at the moment; please try again in a few minutes."
_TOO_LARGE: Final = "This is too much data; please send recordings as uploads."
_NOT_UNDERSTOOD: Final = "This request is not understood; the page's foot, “Use via API”, shows how to ask."
_FAILURE: Final = "Something went wrong in the app; please try again."
_TOO_MANY_TRIES: Final = "Too many tries to log in; please wait a minute and try again."


class Gate:
    """Middleware around a whole application: closes routes, refuses other sites, and adds headers.

    Parameters
    ----------
    app : ASGI application
        Gradio's.
    routes : OpenRoutes
        What is answered.
    has_room : callable
        Returns whether an upload of so many bytes may come.
    """

    def __init__(self, app: ASGIApp, routes: OpenRoutes, has_room: Callable[[int], bool]) -> None:
        self._app = app
        self._opening = GZipMiddleware(OpeningPage(app), compresslevel=_COMPRESSION)
        self._routes = routes
        self._has_room = has_room
        self._tries = Tries()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, or hand it on."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        if scope["type"] != "http":  # Gradio has no websockets
            await send({"type": "websocket.close"})
            return
        path, headers = scope["path"].removeprefix(scope.get("root_path", "")), Headers(scope=scope)
        is_https = headers.get("x-forwarded-proto", scope["scheme"]).split(",")[0].strip() == "https"

        async def protected(message: Message) -> None:
            if message["type"] == "http.response.start":
                message.setdefault("headers", [])
                protect(MutableHeaders(scope=message), path, is_https=is_https)
            await send(message)

        refusal = self._refusal(scope["method"], path, headers)
        if refusal:
            await refusal(scope, receive, protected)
        elif path.rstrip("/") == _LOGIN:
            await self._log_in(scope, receive, protected)
        elif path in _OPENING:
            await self._opening(scope, receive, protected)
        elif path.startswith(_UPLOAD) and not await self._may_upload(headers):
            await _refused(HTTPStatus.INSUFFICIENT_STORAGE, _NO_ROOM)(scope, receive, protected)
        elif scope["method"] in _READS or path.startswith(_UPLOAD):
            await self._app(scope, receive, protected)
        else:
            most_bytes = _MOST_BYTES_OF_A_TOOL if path.startswith(_MCP) else _MOST_BYTES
            await self._take(scope, receive, protected, most_bytes)

    def _refusal(self, method: str, path: str, headers: Headers) -> JSONResponse | None:
        if not self._routes.is_open(method, path):
            return _refused(HTTPStatus.NOT_FOUND, _CLOSED)
        if (method not in _READS or path == _LOGOUT) and sender_of(headers) == "stranger":
            return _refused(HTTPStatus.FORBIDDEN, _STRANGER)
        return None

    async def _may_upload(self, headers: Headers) -> bool:
        announced = headers.get("content-length", "")
        return await to_thread.run_sync(self._has_room, int(announced) if announced.isdecimal() else 0)

    async def _take(self, scope: Scope, receive: Receive, send: Send, most_bytes: int = _MOST_BYTES) -> None:
        """Hand on a request whose body is read into memory as a whole, up to a limit."""
        body = bytearray()
        more = True
        while more:
            message = await receive()
            if message["type"] == "http.disconnect":
                return
            body += message.get("body", b"")
            if len(body) > most_bytes:
                await _refused(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, _TOO_LARGE)(scope, receive, send)
                return
            more = message.get("more_body", False)
        read: list[Message] = [{"type": "http.request", "body": bytes(body)}]

        async def again() -> Message:
            return read.pop() if read else await receive()

        await self._app(scope, again, send)

    async def _log_in(self, scope: Scope, receive: Receive, send: Send) -> None:
        address = scope["client"][0] if scope.get("client") else ""
        if not self._tries.begin(address):
            await _refused(HTTPStatus.TOO_MANY_REQUESTS, _TOO_MANY_TRIES, {"Retry-After": "60"})(scope, receive, send)
            return

        async def watched(message: Message) -> None:
            if message.get("status") == HTTPStatus.OK:
                self._tries.succeed(address)
            await send(message)

        await self._take(scope, receive, watched)


class GatedApp(App):
    """Gradio's application, inside a `Gate` that no other middleware surrounds."""

    def __init__(self, routes: OpenRoutes, has_room: Callable[[int], bool], **options: Any) -> None:
        super().__init__(default_response_class=ORJSONResponse, **options)
        self._open_routes = routes
        self._has_room = has_room
        for kind, handler in _handlers().items():
            self.add_exception_handler(kind, handler)

    def build_middleware_stack(self) -> ASGIApp:
        """Put the gate around everything that Gradio has added."""
        return Gate(super().build_middleware_stack(), self._open_routes, self._has_room)


def gated_app(
    endpoints: Collection[str],
    *,
    has_login: bool,
    has_mcp: bool,
    has_room: Callable[[int], bool] = lambda _: True,
) -> GatedApp:
    """Make the application that `gradio.Blocks.launch` serves.

    Parameters
    ----------
    endpoints : collection of str
        Names of the API's endpoints.
    has_login : bool
        Whether visitors log in.
    has_mcp : bool
        Whether the endpoints are offered as tools of language models.
    has_room : callable, optional
        Returns whether an upload of so many bytes may come.
    """
    return GatedApp(OpenRoutes(endpoints, has_login=has_login, has_mcp=has_mcp), has_room)


def mounted(page: Blocks, routes: OpenRoutes, has_room: Callable[[int], bool], **options: Any) -> FastAPI:
    """Make an application of a page for somebody else's server, inside a `Gate` as well.

    Parameters
    ----------
    page : gradio.Blocks
        Not launched.
    routes : OpenRoutes
        What is answered.
    has_room : callable
        Returns whether an upload of so many bytes may come.
    **options
        Of `gradio.mount_gradio_app`.
    """
    app = FastAPI(openapi_url=None)
    app.add_middleware(Gate, routes=routes, has_room=has_room)
    mount_gradio_app(app, page, path="/", app_kwargs={"exception_handlers": _handlers()}, **options)
    return app


def _handlers() -> dict[type[Exception], Callable[[Request, Exception], Awaitable[JSONResponse]]]:
    """Return what answers when one of Gradio's routes fails, by the kind of error."""
    tripped = (FnIndexInferError, LookupError, TypeError, ValueError, RecursionError)
    return {**dict.fromkeys(tripped, _not_understood), OSError: _not_stored, Exception: _failed}


def _refused(status: HTTPStatus, sentence: str, headers: dict[str, str] | None = None) -> JSONResponse:
    return JSONResponse({"detail": sentence}, status, headers)


def _route_of(request: Request) -> str:
    """Return the start of a path, for the log: the rest may be a recording's name or a visit's secret."""
    return "/".join(request.url.path.partition("=")[0].split("/")[:3])


async def _not_understood(request: Request, error: Exception) -> JSONResponse:
    """Answer what Gradio's routes trip over: an event, a session or a parameter that does not exist."""
    if _CALL_BY_NAME in request.url.path and isinstance(error, TypeError):
        return _refused(HTTPStatus.BAD_REQUEST, advice_left_out(error))
    _log.warning("a request to %s was not understood (%s)", _route_of(request), type(error).__name__)
    return _refused(HTTPStatus.BAD_REQUEST, _NOT_UNDERSTOOD)


async def _not_stored(request: Request, error: Exception) -> JSONResponse:
    """Answer an upload that the disk has no room for."""
    if isinstance(error, OSError) and is_full(error):
        return _refused(HTTPStatus.INSUFFICIENT_STORAGE, str(NoSpaceError()))
    _log.error("a request to %s failed", _route_of(request), exc_info=error)
    return await _failed(request, error)


async def _failed(request: Request, error: Exception) -> JSONResponse:  # noqa: ARG001 - as Starlette calls it
    """Answer a fault; the server logs it."""
    return _refused(HTTPStatus.INTERNAL_SERVER_ERROR, _FAILURE)

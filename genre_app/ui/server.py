"""Gradio's server with the page."""

import ctypes
import gc
import json
import logging
import sys
import threading
from contextlib import suppress
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

import gradio
from fastapi import FastAPI

from genre_app.audio import SUPPORTED_EXTENSIONS
from genre_app.errors import OutputError
from genre_app.inference.model_pool import ModelPool
from genre_app.ui.api import ENDPOINTS
from genre_app.ui.gate import tools
from genre_app.ui.gate.app import gated_app, mounted
from genre_app.ui.gate.login import login_check
from genre_app.ui.gate.routes import OpenRoutes
from genre_app.ui.listening import Place, PortTakenError
from genre_app.ui.one_track import visualiser
from genre_app.ui.page import build_page
from genre_app.ui.run_folder import RunFolder
from genre_app.ui.shared.events import EVENTS_AT_ONCE
from genre_app.ui.shared.visits import Visits
from genre_app.ui.static import script, style_sheets
from genre_app.ui.theme import icon, theme

#: Run when the page opens; the other scripts belong to single components.
_SCRIPTS: Final = (
    *("drops.js", "upload.js", "clock.js", "waveform.js", "player.js", "timeline.js", "title.js", "preload.js"),
    *visualiser.SCRIPTS,
)
#: Queued events of all visitors; beyond that Gradio answers that the app is busy. A slider's event takes milliseconds
#: and a track's some seconds, so the last in the queue waits for about a minute.
MOST_WAITING: Final = 256
#: How often an empty queue is looked into. Gradio does so every millisecond, for which a server at rest would take 4 %
#: of a core; nobody notices twenty of them.
_LOOKS_EVERY_S: Final = 0.02
#: Gradio's form calls the eleventh try wrong as well.
_LOGIN_MESSAGE: Final = "After ten tries, please wait a minute before the next."
#: Visits whose results Gradio keeps, 0.2 MB each; the least recently used go first.
_MOST_SESSIONS: Final = 500
#: For answers that are on their way when the server ends.
_GRACE_S: Final = 1.0


class Server:
    """The page, and the server that answers for it in threads of its own.

    Parameters
    ----------
    pool : ModelPool
        Provides the models, shared by all visitors; the caller closes it after the server.
    run : RunFolder
        For the visitors' files; the caller removes it after the server.
    """

    def __init__(self, pool: ModelPool, run: RunFolder) -> None:
        self._pool = pool
        settings = pool.settings
        self._visits = Visits(run, max_visit_mb=settings.max_visit_mb, max_uploads_mb=settings.max_uploads_mb)
        self._page = build_page(pool, self._visits)

    def start(self, place: Place) -> None:
        """Begin to answer; returns once the page can be opened.

        Raises
        ------
        PortTakenError
            Another program was quicker.
        OutputError
            This machine cannot open its own page.
        """
        self._prepare()
        settings = self._pool.settings
        try:
            self._page.launch(
                server_name=place.name,
                server_port=place.port,
                prevent_thread_lock=True,
                quiet=True,  # Gradio's own words are for who writes an app
                share=None if settings.allow_downloads else False,
                state_session_capacity=_MOST_SESSIONS,
                _app=gated_app(
                    ENDPOINTS,
                    has_login=settings.credentials is not None,
                    has_mcp=_offers_mcp(self._pool),
                    has_room=self._visits.has_room,
                ),
                **self._options(),
            )
        except OSError as error:
            if not str(error).startswith("Cannot find empty port"):
                raise
            raise PortTakenError(place.port) from error
        except ValueError as error:
            if "localhost is not accessible" not in str(error):
                raise
            raise OutputError(
                "The page cannot be served: this machine does not reach its own address; please check its proxy "
                "settings (http_proxy, no_proxy)."
            ) from error
        self._word_tools()

    def application(self) -> FastAPI:
        """Begin to answer behind somebody else's server: return the page as an ASGI application."""
        self._prepare()
        self._page.state_session_capacity = _MOST_SESSIONS
        has_login = self._pool.settings.credentials is not None
        routes = OpenRoutes(ENDPOINTS, has_login=has_login, has_mcp=_offers_mcp(self._pool))
        application = mounted(self._page, routes, self._visits.has_room, **self._options())
        self._word_tools()
        return application

    def _prepare(self) -> None:
        self._visits.start(self._forget)
        # Models and modules stay loaded: hide them from the collector, which otherwise costs every tenth slice 70 ms.
        gc.collect()
        gc.freeze()
        self._page.queue(max_size=MOST_WAITING, default_concurrency_limit=EVENTS_AT_ONCE, api_open=False)
        self._page._queue.sleep_when_free = _LOOKS_EVERY_S

    def _word_tools(self) -> None:
        if self._page.mcp_server_obj:
            tools.word(self._page.mcp_server_obj)

    def _options(self) -> dict[str, Any]:
        """Return what Gradio is told of the page, whoever serves it."""
        settings = self._pool.settings
        credentials = settings.credentials
        return {
            "max_file_size": f"{settings.max_file_mb}mb",
            "auth": login_check(*credentials) if credentials else None,
            "auth_message": _LOGIN_MESSAGE,
            "mcp_server": _offers_mcp(self._pool),
            "enable_monitoring": False,
            "theme": theme(),
            "css_paths": style_sheets(),
            "head": _head(),
            "footer_links": ["api"],
            "run_history": False,
            "ssr_mode": False,
        }

    @property
    def address(self) -> str:
        """Where the page is, for a browser on this machine."""
        return str(self._page.local_url).rstrip("/")

    def _forget(self, sessions: list[str]) -> None:
        """Drop what Gradio keeps of visits that are over: results, and messages that nobody fetched."""
        holder, queue = self._page.state_holder, self._page._queue
        for session in sessions:
            with holder.lock:
                holder.session_data.pop(session, None)
                holder.time_last_used.pop(session, None)
            queue.pending_messages_per_session.pop(session, None)
            queue.pending_event_ids_session.pop(session, None)
        _return_memory()

    def close(self) -> None:
        """Stop answering, within two seconds."""
        if server := self._page.server:  # it would wait for the streams of open pages
            logging.getLogger("uvicorn.error").disabled = True  # that it ends them is no error
            hurry = threading.Timer(_GRACE_S, partial(setattr, server, "force_exit", True))  # noqa: FBT003
            hurry.daemon = True
            hurry.start()
        self._page.close(verbose=False)


def _offers_mcp(pool: ModelPool) -> bool:
    """Return whether the API is offered as MCP tools: the package is installed and no login is required."""
    return find_spec("mcp") is not None and pool.settings.credentials is None


def _return_memory() -> None:
    """Give back to the system what is free: the C library keeps it, scattered over the areas of its threads."""
    gc.collect()
    if sys.platform == "linux":
        with suppress(OSError, AttributeError):  # not glibc
            ctypes.CDLL(None).malloc_trim(0)


def _head() -> str:
    text = "".join(f"<script>{script(name)}</script>" for name in _SCRIPTS)
    text = text.replace("__EXTENSIONS__", ",".join(SUPPORTED_EXTENSIONS)).replace("__PLOTLY__", json.dumps(_plotly()))
    return f"<link rel='icon' href='{icon()}'>{text}"


def _plotly() -> list[str]:
    """Return the names of the modules with which Gradio's page draws a Plotly chart."""
    assets = Path(gradio.__file__).parent / "templates" / "frontend" / "assets"
    return sorted(path.name for pattern in ("Plot-*.js", "PlotlyPlot-*.js") for path in assets.glob(pattern))

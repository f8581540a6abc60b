"""Serve the page."""

import gc
import os
import signal
import sys
from importlib.util import find_spec
from typing import Final

from pydantic import ValidationError

from genre_app.audio import SUPPORTED_EXTENSIONS
from genre_app.errors import GenreAppError
from genre_app.inference.model_pool import ModelPool
from genre_app.inference.zerogpu_engine import prepare
from genre_app.settings import Settings, wrong_setting
from genre_app.ui.api import ENDPOINTS
from genre_app.ui.gate.app import gated_app
from genre_app.ui.gate.login import login_check
from genre_app.ui.page import build_page
from genre_app.ui.shared.events import EVENTS_AT_ONCE
from genre_app.ui.shared.run_folder import RunFolder
from genre_app.ui.shared.visits import Visits
from genre_app.ui.static import script, style_sheets
from genre_app.ui.theme import theme

#: Run when the page opens; the other scripts belong to single components.
_SCRIPTS: Final = ("upload.js", "player.js", "settings_panel.js")
#: Queued events of all visitors; beyond that Gradio answers that the app is busy. A slider's event takes milliseconds
#: and a track's some seconds, so the last in the queue waits for about a minute.
_MOST_WAITING: Final = 256
#: Visits whose results Gradio keeps, 0.2 MB each; the least recently used go first.
_MOST_SESSIONS: Final = 500
#: Start of Gradio's error where no port is free.
_NO_PORT: Final = "Cannot find empty port"


def serve(*, port: int | None = None) -> None:
    """Serve the page until the process ends; exit with a one-sentence reason where that fails.

    Parameters
    ----------
    port : int, optional
        Defaults to ``GRADIO_SERVER_PORT`` or 7860, or the next free port.
    """
    os.environ.setdefault("GRADIO_ANALYTICS_ENABLED", "False")
    prepare()
    try:
        pool = ModelPool(Settings())
    except ValidationError as error:
        sys.exit(wrong_setting(error))
    except GenreAppError as error:
        sys.exit(str(error))
    # Services and containers are stopped with SIGTERM. As a KeyboardInterrupt it ends the server cleanly, which removes
    # uploads; the first process of a container would otherwise ignore it.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    # Models and modules stay loaded: hide them from the collector, which otherwise costs every tenth slice 70 ms.
    gc.collect()
    gc.freeze()
    try:
        launch(pool, port=port)
    except OSError as error:
        if not str(error).startswith(_NO_PORT):
            raise
        sys.exit(f"The page cannot be served: {f'port {port} is' if port else 'the ports are'} in use.")


def launch(pool: ModelPool, *, port: int | None = None, block: bool = True) -> str:
    """Serve the page until the process ends or, without blocking, return at once.

    Parameters
    ----------
    pool : ModelPool
        Provides the models, shared by all visitors.
    port : int, optional
        Defaults to ``GRADIO_SERVER_PORT``, or 7860.
    block : bool
        Whether to wait until the server ends.

    Returns
    -------
    str
        The page's address on this machine.
    """
    settings = pool.settings
    visits = Visits(
        RunFolder.for_this_process(), max_visit_mb=settings.max_visit_mb, max_uploads_mb=settings.max_uploads_mb
    )
    visits.start()
    page = build_page(pool, visits)
    page.queue(max_size=_MOST_WAITING, default_concurrency_limit=EVENTS_AT_ONCE, api_open=False)
    credentials, has_mcp = pool.settings.credentials, _offers_mcp(pool)
    _, address, _ = page.launch(
        server_port=port,
        prevent_thread_lock=not block,
        max_file_size=f"{pool.settings.max_file_mb}mb",
        auth=login_check(*credentials) if credentials else None,
        mcp_server=has_mcp,
        enable_monitoring=False,
        _app=gated_app(ENDPOINTS, has_login=credentials is not None, has_mcp=has_mcp, has_room=visits.has_room),
        theme=theme(),
        css_paths=style_sheets(),
        head=_head(),
        footer_links=["api", "settings"],
        run_history=False,
        state_session_capacity=_MOST_SESSIONS,
        ssr_mode=False,
        quiet=not block,
    )
    return address


def _offers_mcp(pool: ModelPool) -> bool:
    """Return whether the API is offered as MCP tools: the package is installed and no login is required."""
    return find_spec("mcp") is not None and pool.settings.credentials is None


def _head() -> str:
    text = "".join(f"<script>{script(name)}</script>" for name in _SCRIPTS)
    return text.replace("__EXTENSIONS__", ",".join(SUPPORTED_EXTENSIONS))

"""A page of a few components behind the gate, in the tests' own process."""

import asyncio
import json
import socket
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Final, TypeVar

import gradio as gr
import httpx

from genre_app.errors import InvalidOptionError
from genre_app.ui.gate.app import gated_app
from genre_app.ui.gate.events import CheckedBlocks
from genre_app.ui.gate.login import login_check

T = TypeVar("T")

ENDPOINTS: Final = frozenset({"measure"})
QUIETLY: Final[dict[str, Any]] = {
    "prevent_thread_lock": True,
    "quiet": True,
    "ssr_mode": False,
    "run_history": False,
}
#: What `measure` does where the text says so.
KNOWN, UNKNOWN = "raise what is known", "raise what is not"


def measure(track: str | None, seconds: float, text: str, is_wanted: Any) -> dict[str, Any]:
    """Say how large a file is.

    Args:
        track: A file
        seconds: A number
        text: A text
        is_wanted: Whether it is wanted
    """
    if text == KNOWN:
        raise InvalidOptionError("This cannot be measured.")
    if text == UNKNOWN:
        raise KeyError("private detail")
    return {"n_bytes": Path(track).stat().st_size if track else None, "seconds": seconds}


def lay_out(page: gr.Blocks) -> None:
    with page:
        inputs = [
            gr.Audio(type="filepath", format=None, label="track"),
            gr.Number(1.0, label="seconds"),
            gr.Textbox("", label="text"),
            gr.Checkbox(label="is_wanted"),
        ]
        ask, internal = gr.Button(), gr.Button()
        ask.click(measure, inputs, gr.JSON(), api_name="measure")
        internal.click(lambda number: f"internal {number}", inputs[1], gr.Textbox(), api_name="internal")
        internal.click(lambda: "unqueued", None, gr.Textbox(), api_name="unqueued", queue=False)


@contextmanager
def small_page(*, login: tuple[str, str] | None = None) -> Iterator[str]:
    """Serve the page behind the gate; its address."""

    def launch() -> gr.Blocks:
        page = CheckedBlocks(endpoints=ENDPOINTS, analytics_enabled=False)
        lay_out(page)
        page.queue(api_open=False)
        auth = login_check(*login) if login else None
        app = gated_app(ENDPOINTS, has_login=login is not None, has_mcp=login is None)
        page.launch(auth=auth, mcp_server=login is None, _app=app, server_port=free_port(), **QUIETLY)
        return page

    with served(launch) as address:
        yield address


@contextmanager
def plain_page() -> Iterator[str]:
    """Serve the page as Gradio does by itself."""

    def launch() -> gr.Blocks:
        page = gr.Blocks(analytics_enabled=False)
        lay_out(page)
        page.launch(server_port=free_port(), **QUIETLY)
        return page

    with served(launch) as address:
        yield address


@contextmanager
def served(launch: Callable[[], gr.Blocks]) -> Iterator[str]:
    page = in_an_event_loop(launch)
    try:
        yield str(page.local_url).rstrip("/")
    finally:
        page.close(verbose=False)


def free_port() -> int:
    """A port that is free now: where Gradio looks for one, it leaves a socket open for each that is taken."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port: int = probe.getsockname()[1]
        return port


def in_an_event_loop(make: Callable[[], T]) -> T:
    """Call a function where an event loop runs: Gradio makes one for each of its locks elsewhere, and closes none."""

    async def made() -> T:
        return make()

    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, made()).result()


class Listener:
    """A server of somebody else: counts who comes.

    Attributes
    ----------
    address : str
        Of a file on it.
    asked_for : list of str
        Paths that were asked for.
    """

    def __init__(self, content: bytes = b"RIFF", kind: str = "audio/wav") -> None:
        self.asked_for: list[str] = []
        listener = self

        class Desk(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self.answer()

            def do_HEAD(self) -> None:
                self.answer()

            def answer(self) -> None:
                listener.asked_for.append(self.path)
                self.send_response(200)
                self.send_header("Content-Type", kind)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, *arguments: object) -> None: ...

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Desk)
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02})
        self._thread.start()
        self.address = f"http://127.0.0.1:{self._server.server_port}/song.wav"

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


def file_at(path: str) -> dict[str, Any]:
    """A file as the API sends it."""
    return {"path": path, "url": path, "orig_name": "song.wav", "meta": {"_type": "gradio.FileData"}}


#: A client as `httpx.request`, which would read all certificates of the machine for each request.
http: Final = partial(httpx.request, verify=False, trust_env=False, timeout=30)


def ask(address: str, data: list[Any], *, name: str = "measure", **more: Any) -> str:
    """Call an endpoint over plain HTTP; the last event that the server sends, or the refusal."""
    sent = http(
        "POST",
        f"{address}/gradio_api/call/{name}",
        content=json.dumps({"data": data, **more}),
        headers={"Content-Type": "application/json"},
    )
    if sent.status_code != 200:
        return sent.text
    answer = http("GET", f"{address}/gradio_api/call/{name}/{sent.json()['event_id']}", timeout=30).text
    return [block for block in answer.split("\n\n") if block.strip()][-1]


def upload(address: str, content: bytes = b"1234", name: str = "song.wav") -> str:
    """Upload a file; its path."""
    answer = http("POST", f"{address}/gradio_api/upload", files={"files": (name, content)})
    answer.raise_for_status()
    path: str = answer.json()[0]
    return path


def number_of(address: str, name: str) -> int:
    events = http("GET", f"{address}/config").json()["dependencies"]
    return int(next(event["id"] for event in events if event["api_name"] == name))

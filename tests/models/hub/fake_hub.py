"""A local model hub for tests: small made-up models, and all kinds of failures.

Processes use it if `FakeHub.environment` is in their environment.
"""

import hashlib
import json
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from urllib.parse import unquote, urlsplit

#: The files of a tiny audio classifier; the weights are arbitrary bytes.
FILES: dict[str, bytes] = {
    "config.json": json.dumps({"architectures": ["ASTForAudioClassification"]}).encode(),
    "preprocessor_config.json": b'{"sampling_rate": 16000}',
    "model.safetensors": bytes(range(256)) * 1200,
}
ID = "someone/tiny-genres"
WEIGHTS = "model.safetensors"
SIZE = len(FILES[WEIGHTS])
#: Other files of a real repository, which must not be downloaded.
NOT_WANTED: dict[str, bytes] = {
    "README.md": b"# A model",
    "modeling_custom.py": b"raise SystemExit",
    "pytorch_model.bin": b"a pickle",
    "training_args.bin": b"another pickle",
    "onnx/model.safetensors": b"elsewhere",
}


@dataclass(frozen=True, slots=True)
class Request:
    """A request that the hub received."""

    path: str
    first_byte: int
    token: str | None


@dataclass(frozen=True, slots=True)
class Failure:
    """How requests fail until `FakeHub.recover`.

    Attributes
    ----------
    status : int or None
        Every request is refused with this status.
    code : str
        The hub's ``X-Error-Code`` with that status.
    hangs : bool
        Requests are accepted and never answered.
    breaks_off_after : int or None
        The connection closes after this many bytes of weights.
    stalls_after : int or None
        Sending stops after this many bytes of weights, with the connection open.
    damages : str or None
        The last byte of this file is wrong.
    trickles : bool
        Weights are sent at 100 bytes every 10 ms.
    ignores_ranges : bool
        Files are always sent from their first byte.
    """

    status: int | None = None
    code: str = ""
    hangs: bool = False
    breaks_off_after: int | None = None
    stalls_after: int | None = None
    damages: str | None = None
    trickles: bool = False
    ignores_ranges: bool = False


class FakeHub:
    """A hub with its own server inside the ``with`` block.

    Attributes
    ----------
    requests : list of Request
        Requests received, in order.
    storage : str or None
        Address of another server to which weights are redirected, as on the real hub.
    """

    def __init__(self) -> None:
        self.requests: list[Request] = []
        self.failure = Failure()
        self.storage: str | None = None
        self.closing = threading.Event()
        self.models: dict[str, tuple[str, dict[str, bytes]]] = {}
        self._server = _Server(("127.0.0.1", 0), _Handler)
        self._server.hub = self

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.closing.set()
        self._server.shutdown()
        self._server.server_close()

    @property
    def address(self) -> str:
        """Value of HF_ENDPOINT."""
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def environment(self, home: Path) -> dict[str, str]:
        """Environment variables that direct a process to this hub and to a cache folder."""
        return {
            "HF_ENDPOINT": self.address,
            "HF_HOME": str(home),
            "HF_HUB_CACHE": str(home / "hub"),
            "HF_HUB_DISABLE_TELEMETRY": "1",
            "HF_HUB_OFFLINE": "0",
            "TRANSFORMERS_OFFLINE": "0",
            "HF_TOKEN": "hf_test",
            "NO_PROXY": "127.0.0.1",
        }

    def add_model(self, model_id: str, files: Mapping[str, bytes]) -> str:
        """Publish a model, or a new commit of it, as ``main``; return the commit."""
        commit = hashlib.sha1(repr(sorted(files.items())).encode()).hexdigest()
        self.models[model_id] = (commit, dict(files))
        return commit

    def fail_with(self, **what: Any) -> None:
        """Make requests fail from now on; see `Failure`."""
        self.failure = Failure(**what)

    def recover(self) -> None:
        """Stop failing."""
        self.failure = Failure()

    def fetched(self, name: str) -> list[int]:
        """First bytes of the requests for a file."""
        return [request.first_byte for request in self.requests if request.path.endswith(f"/{name}")]

    @property
    def names_fetched(self) -> set[str]:
        """Names of all requested files."""
        return {request.path.split("/", 5)[5] for request in self.requests if "/resolve/" in request.path}


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    hub: FakeHub

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Print nothing: tests disconnect on purpose."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the name of the base class
        pass

    def do_GET(self) -> None:
        hub = self.server.hub
        path = unquote(urlsplit(self.path).path)
        first_byte = int(self.headers.get("Range", "bytes=0-").removeprefix("bytes=").rstrip("-"))
        hub.requests.append(Request(path, first_byte, self.headers.get("Authorization")))
        if hub.failure.hangs:
            hub.closing.wait()
            self.close_connection = True
        elif hub.failure.status:
            self._refuse(hub.failure.status, hub.failure.code)
        elif path.startswith("/api/models/"):
            self._describe(*path.removeprefix("/api/models/").split("/revision/"))
        else:
            self._serve(path, first_byte)

    def _describe(self, model_id: str, revision: str) -> None:
        commit, files = self.server.hub.models.get(model_id, ("", {}))
        if not commit:
            self._refuse(404, "RepoNotFound")
        elif revision not in {"main", commit}:
            self._refuse(404, "RevisionNotFound")
        else:
            siblings = [_sibling(name, content) for name, content in files.items()]
            self._answer(200, json.dumps({"id": model_id, "sha": commit, "siblings": siblings}).encode())

    def _serve(self, path: str, first_byte: int) -> None:
        model_id, _, rest = path.lstrip("/").partition("/resolve/")
        commit, _, name = rest.partition("/")
        known_commit, files = self.server.hub.models.get(model_id, ("", {}))
        if commit != known_commit or name not in files:
            self._refuse(404, "EntryNotFound")
            return
        failure = self.server.hub.failure
        if self.server.hub.storage and name.endswith(".safetensors"):
            self.send_response(302)
            self.send_header("Location", self.server.hub.storage + path)
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        first_byte = 0 if failure.ignores_ranges else first_byte
        content = files[name]
        if failure.damages == name:
            content = content[:-1] + bytes([content[-1] ^ 1])
        end = failure.breaks_off_after or failure.stalls_after if name.endswith(".safetensors") else None
        self.send_response(206 if first_byte else 200)
        self.send_header("Content-Length", str(len(content) - first_byte))
        if first_byte:
            self.send_header("Content-Range", f"bytes {first_byte}-{len(content) - 1}/{len(content)}")
        self.end_headers()
        if failure.trickles and name.endswith(".safetensors"):
            for start in range(first_byte, len(content), 100):
                self.wfile.write(content[start : start + 100])
                self.server.hub.closing.wait(0.01)
            return
        self.wfile.write(content[first_byte:end])
        self.wfile.flush()
        if end is not None:
            if failure.stalls_after:
                self.server.hub.closing.wait()
            self.close_connection = True

    def _refuse(self, status: int, code: str) -> None:
        self._answer(status, b'{"error": "no"}', code)

    def _answer(self, status: int, content: bytes, code: str = "") -> None:
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        if code:
            self.send_header("X-Error-Code", code)
        self.end_headers()
        self.wfile.write(content)


def _sibling(name: str, content: bytes) -> dict[str, Any]:
    """Describe a file as the hub does: weights with SHA-256, text with the git hash."""
    blob = hashlib.sha1(b"blob %d\0" % len(content) + content).hexdigest()
    entry: dict[str, Any] = {"rfilename": name, "size": len(content), "blobId": blob}
    if name.endswith((".safetensors", ".bin")):
        sha256 = hashlib.sha256(content).hexdigest()
        entry["lfs"] = {"sha256": sha256, "size": len(content), "pointerSize": 134}
    return entry

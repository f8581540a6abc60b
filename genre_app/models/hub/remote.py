"""Requests to the hub: a model's list of files, and their content."""

import concurrent.futures
import contextlib
import os
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, TypeVar
from urllib.parse import quote

from genre_app.errors import CancelledError
from genre_app.models.hub.cache import is_commit
from genre_app.version import __version__

if TYPE_CHECKING:
    import httpx2

T = TypeVar("T")
#: Longest wait for a response, including the DNS look-up, which no socket timeout covers.
ANSWER_S: Final = 8.0
_CONNECT_S: Final = 4.0
_POLL_S: Final = 0.05
_TRUE: Final = frozenset({"1", "ON", "YES", "TRUE"})


def is_offline() -> bool:
    """Return whether the environment forbids requests to the hub, with huggingface_hub's variables."""
    value = os.environ.get("HF_HUB_OFFLINE") or os.environ.get("TRANSFORMERS_OFFLINE") or ""
    return value.upper() in _TRUE


@dataclass(frozen=True, slots=True)
class RemoteFile:
    """A file as listed by the hub.

    Attributes
    ----------
    name : str
        Path in the repository.
    n_bytes : int
        Size.
    digest : str
        Name of its blob: SHA-256 of large files, git blob hash (SHA-1) of small ones.
    """

    name: str
    n_bytes: int
    digest: str

    @property
    def is_large(self) -> bool:
        """Whether it is stored outside the git repository (LFS), by its SHA-256."""
        return len(self.digest) == 64

    @classmethod
    def parsed(cls, entry: Mapping[str, Any]) -> "RemoteFile":
        """Parse an entry of the hub's ``siblings``."""
        lfs = entry.get("lfs")
        digest = lfs["sha256"] if lfs else entry["blobId"]
        if not set(digest) <= set("0123456789abcdef") or len(digest) not in {40, 64}:
            raise ValueError(f"{digest!r} is no hash")
        return cls(entry["rfilename"], int(lfs["size"] if lfs else entry["size"]), digest)


@dataclass(frozen=True, slots=True)
class Listing:
    """The files of a model at one commit, by name."""

    commit: str
    files: Mapping[str, RemoteFile]


@dataclass(frozen=True, slots=True)
class Hub:
    """A client of the hub.

    It uses huggingface_hub's HTTP session and cache layout, but not its `snapshot_download`: version 2.4 restarts
    interrupted downloads from the beginning, and waits over a minute for a hub that hangs.

    Attributes
    ----------
    address : str
        Root URL, without a trailing slash.
    headers : mapping of str to str
        Sent with every request: user agent and token.
    """

    address: str
    headers: Mapping[str, str]

    @classmethod
    def of_environment(cls) -> "Hub":
        """Return a client with huggingface_hub's address and token."""
        from huggingface_hub import constants, get_token  # noqa: PLC0415

        # Not build_hf_headers, which first requests a list of coding agents from the hub.
        token = None if constants.HF_HUB_DISABLE_IMPLICIT_TOKEN else get_token()
        headers = {"User-Agent": f"genre_app/{__version__}"} | ({"Authorization": f"Bearer {token}"} if token else {})
        return cls((os.environ.get("HF_ENDPOINT") or constants.ENDPOINT).rstrip("/"), headers)

    def list_files(self, model_id: str, revision: str) -> Listing:
        """Request the commit of a revision, and its files.

        Raises
        ------
        httpx2.HTTPError
            The hub does not respond, or refuses.
        ValueError, KeyError, TypeError
            The response is not a hub's.
        """
        from huggingface_hub import get_session  # noqa: PLC0415

        address = f"{self.address}/api/models/{model_id}/revision/{quote(revision, safe='')}"
        response = get_session().get(address, params={"blobs": "true"}, headers=dict(self.headers), timeout=_timeout())
        response.raise_for_status()
        answer = response.json()
        if not is_commit(answer["sha"]):
            raise ValueError("no commit hash")
        return Listing(answer["sha"], {file.name: file for file in map(RemoteFile.parsed, answer["siblings"])})

    @contextlib.contextmanager
    def opened(self, model_id: str, commit: str, name: str, first_byte: int) -> "Iterator[httpx2.Response]":
        """Request a file from a byte on; the status is 206 if the hub does so, 200 if it sends the whole file."""
        from huggingface_hub import get_session  # noqa: PLC0415

        headers = {**self.headers, "Accept-Encoding": "identity"}
        if first_byte:
            headers["Range"] = f"bytes={first_byte}-"
        address = f"{self.address}/{model_id}/resolve/{commit}/{quote(name)}"
        with get_session().stream("GET", address, headers=headers, timeout=_timeout()) as response:
            response.raise_for_status()
            yield response


def _timeout() -> "httpx2.Timeout":
    import httpx2  # noqa: PLC0415

    return httpx2.Timeout(ANSWER_S, connect=_CONNECT_S)


def wait_for(
    request: Callable[[], T], cancel: threading.Event, *, discard: Callable[[T], object] = lambda _: None
) -> T:
    """Run a request in a thread of its own and wait for the response, at most `ANSWER_S`.

    Parameters
    ----------
    request : callable
        Sends the request and returns the response.
    cancel : threading.Event
        Ends the wait.
    discard : callable
        Called with a response that comes after the end of the wait, such as a connection to be closed.

    Raises
    ------
    TimeoutError
        There was no response within `ANSWER_S`.
    CancelledError
        The caller cancelled.
    """
    response: concurrent.futures.Future[T] = concurrent.futures.Future()
    is_abandoned = threading.Event()

    def run() -> None:
        try:
            result = request()
        except BaseException as error:  # noqa: BLE001 - raised again in the waiting thread
            response.set_exception(error)
            return
        response.set_result(result)
        if is_abandoned.is_set():
            discard(result)

    # Not a pool, whose threads are joined at exit: this one may hang in the DNS look-up.
    threading.Thread(target=run, name="hub request", daemon=True).start()
    deadline_s = time.monotonic() + ANSWER_S
    while not response.done():
        if cancel.is_set() or time.monotonic() > deadline_s:
            is_abandoned.set()
            if cancel.is_set():
                raise CancelledError("The download was cancelled.")
            raise TimeoutError("no answer")
        concurrent.futures.wait([response], timeout=_POLL_S)
    return response.result()

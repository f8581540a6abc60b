"""The hub itself: what files a model has there, and their content."""

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
#: How long the hub may take to answer a question, in seconds. The look-up of its address counts, which no socket's
#: timeout covers.
ANSWER_S: Final = 8.0
_CONNECT_S: Final = 4.0
_POLL_S: Final = 0.05
_TRUE: Final = frozenset({"1", "ON", "YES", "TRUE"})


def is_offline() -> bool:
    """Tell whether the user forbade to ask the hub; as huggingface_hub understands it."""
    wish = os.environ.get("HF_HUB_OFFLINE") or os.environ.get("TRANSFORMERS_OFFLINE") or ""
    return wish.upper() in _TRUE


@dataclass(frozen=True, slots=True)
class RemoteFile:
    """A file as the hub describes it.

    Attributes
    ----------
    name : str
        Path in the repository.
    n_bytes : int
        Size.
    digest : str
        Name of its blob: SHA-256 of a large file, the git blob hash (SHA-1) of a small one.
    """

    name: str
    n_bytes: int
    digest: str

    @property
    def is_large(self) -> bool:
        """Whether git keeps it outside of the repository, by its SHA-256."""
        return len(self.digest) == 64

    @classmethod
    def parsed(cls, entry: Mapping[str, Any]) -> "RemoteFile":
        """Read an entry of the hub's ``siblings``."""
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
    """A hub and how to talk to it.

    huggingface_hub's own `snapshot_download` is not used: in 2.4 it starts a broken download from the beginning, and
    waits a minute and more for a hub that hangs. Its HTTP session and the layout of its cache are.

    Attributes
    ----------
    address : str
        Its root, without a slash at the end.
    headers : mapping of str to str
        What is sent with every request: who asks, and the user's token.
    """

    address: str
    headers: Mapping[str, str]

    @classmethod
    def of_environment(cls) -> "Hub":
        """Take the address and the token that huggingface_hub would take."""
        from huggingface_hub import constants, get_token  # noqa: PLC0415

        # build_hf_headers would do, but asks the hub for a list of coding agents first.
        token = None if constants.HF_HUB_DISABLE_IMPLICIT_TOKEN else get_token()
        headers = {"User-Agent": f"genre_app/{__version__}"} | ({"Authorization": f"Bearer {token}"} if token else {})
        return cls((os.environ.get("HF_ENDPOINT") or constants.ENDPOINT).rstrip("/"), headers)

    def list_files(self, model_id: str, revision: str) -> Listing:
        """Ask which commit a revision means, and which files that has.

        Raises
        ------
        httpx2.HTTPError
            The hub does not answer, or refuses.
        ValueError, KeyError, TypeError
            What answers is no hub.
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
        """Open a file from a byte on; status 206 says that the hub does so, 200 that it starts anew."""
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


def answered(
    question: Callable[[], T], cancel: threading.Event, *, discard: Callable[[T], object] = lambda _: None
) -> T:
    """Put a question to the hub and wait for the answer, but not for ever.

    Parameters
    ----------
    question : callable
        Asks and returns the answer; it runs in a thread of its own.
    cancel : threading.Event
        Ends the waiting.
    discard : callable
        Receives an answer that comes when nobody waits for it any more, such as a connection to be closed.

    Raises
    ------
    TimeoutError
        There was no answer within `ANSWER_S`.
    CancelledError
        The caller cancelled.
    """
    answer: concurrent.futures.Future[T] = concurrent.futures.Future()
    is_given_up = threading.Event()

    def ask() -> None:
        try:
            result = question()
        except BaseException as error:  # noqa: BLE001 - it is raised where the answer is wanted
            answer.set_exception(error)
            return
        answer.set_result(result)
        if is_given_up.is_set():
            discard(result)

    # A pool's threads are waited for when the interpreter ends; this one may hang in the name look-up.
    threading.Thread(target=ask, name="hub question", daemon=True).start()
    deadline_s = time.monotonic() + ANSWER_S
    while not answer.done():
        if cancel.is_set() or time.monotonic() > deadline_s:
            is_given_up.set()
            if cancel.is_set():
                raise CancelledError("The download was cancelled.")
            raise TimeoutError("no answer")
        concurrent.futures.wait([answer], timeout=_POLL_S)
    return answer.result()

"""The real app in a process of its own."""

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pytest

from tests.paths import ROOT

_START_S: Final = 120.0
_END_S: Final = 10.0


@dataclass(frozen=True)
class Server:
    """The app under test.

    Attributes
    ----------
    address : str
        Of the page.
    log : Path
        All that the process wrote.
    process : subprocess.Popen
        The app's.
    """

    address: str
    log: Path
    process: "subprocess.Popen[bytes]"


@contextmanager
def serve(folder: Path, *, program: str = "app.py", cache: Path | None = None, **environment: str) -> Iterator[Server]:
    """Run the app in a process of its own, with its files in a folder and these variables in its environment.

    It begins with a copy of the cache, or with an empty one.
    """
    if cache is not None:
        shutil.copytree(cache, folder / "cache")
    settings = {
        **os.environ,
        "GENRE_CACHE_DIR": str(folder / "cache"),
        "GENRE_MODEL": "musicnn",
        "GRADIO_SERVER_PORT": str(_free_port()),
        "GRADIO_TEMP_DIR": str(folder / "gradio"),
        "PYTHONUNBUFFERED": "1",
        "TMPDIR": str(folder),
        **environment,
    }
    log_file = folder / "log.txt"
    with (
        log_file.open("w") as log,
        # In a session of its own: processes that it forks must not outlive the tests, whatever happens.
        subprocess.Popen(
            [sys.executable, program], cwd=ROOT, env=settings, stdout=log, stderr=log, start_new_session=True
        ) as process,
    ):
        try:
            yield Server(_address(process, log_file), log_file, process)
        finally:
            process.terminate()
            with suppress(subprocess.TimeoutExpired):
                process.wait(timeout=_END_S)
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)


def _free_port() -> int:
    """Find a port that is free, below those that outgoing connections are given; other processes look elsewhere."""
    first = 10_000 + os.getpid() % 200 * 100
    for port in range(first, first + 100):
        with suppress(OSError), socket.create_server(("127.0.0.1", port)):
            return port
    pytest.fail(f"No port from {first} on is free.")


def _address(process: "subprocess.Popen[bytes]", log: Path) -> str:
    """Read the address from what the app says once it listens."""
    deadline = time.monotonic() + _START_S
    while time.monotonic() < deadline and process.poll() is None:
        said = re.search(r"The page is on (http://[\w.:]+)", log.read_text())
        if said:
            with suppress(urllib.error.URLError, ConnectionError, TimeoutError):
                urllib.request.urlopen(said[1], timeout=10).close()
                return said[1]
        time.sleep(0.1)
    pytest.fail(f"The app did not start:\n{log.read_text()}")

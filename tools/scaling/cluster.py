"""A small Ray cluster on this machine, for tests and measurements, beside any other one."""

import os
import secrets
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

_ROOT: Final = Path(__file__).parents[2]
_START_S: Final = 120.0
_END_S: Final = 3.0
_OBJECT_STORE_BYTES: Final = 300_000_000


@dataclass(frozen=True)
class Cluster:
    """A running cluster.

    Attributes
    ----------
    environment : mapping
        For programs that use it.
    page : str
        Address that Ray Serve answers on, once it does.
    log : Path
        What its programs wrote.
    """

    environment: Mapping[str, str]
    page: str
    log: Path

    def run(self, *command: str, **environment: str) -> None:
        """Run a program of the virtual environment, such as ``serve run …``, to its end.

        Raises
        ------
        RuntimeError
            It failed; the end of the log says why.
        """
        program, *arguments = command
        with self.log.open("a") as log:
            ended = subprocess.run(
                [str(Path(sys.executable).parent / program), *arguments],
                cwd=_ROOT,
                env={**self.environment, **environment},
                stdout=log,
                stderr=log,
                timeout=_START_S * 4,
                check=False,
            )
        if ended.returncode:
            raise RuntimeError(f"{program} {arguments[0]} failed: {self.log.read_text(errors='replace')[-2000:]}")

    def serve(self, *options: str, **environment: str) -> None:
        """Put up the page with `deploy.ray_serve` and wait until it answers; a page that is up is replaced."""
        self.run("serve", "run", "--non-blocking", "deploy.ray_serve:build", *options, **environment)
        wait_for_page(self.page)

    def stop_serving(self) -> None:
        """Take the page down."""
        self.run("serve", "shutdown", "--yes", "--address", self.environment["RAY_DASHBOARD_ADDRESS"])

    def pids(self, name: str) -> list[int]:
        """Return the processes of this cluster whose title holds a name, such as ``Scorer``."""
        session = self.environment["GENRE_TEST_CLUSTER"]
        found = []
        for folder in Path("/proc").glob("[0-9]*"):
            with suppress(OSError):
                is_ours = f"GENRE_TEST_CLUSTER={session}".encode() in (folder / "environ").read_bytes().split(b"\0")
                if is_ours and name.encode() in (folder / "cmdline").read_bytes():
                    found.append(int(folder.name))
        return sorted(found)


def wait_for_page(address: str) -> None:
    """Wait until a page answers.

    Raises
    ------
    TimeoutError
        It did not come.
    """
    deadline = time.monotonic() + _START_S
    while time.monotonic() < deadline:
        with suppress(OSError), urllib.request.urlopen(address, timeout=10) as answer:  # noqa: S310 - our own address
            if answer.status == 200:
                return
        time.sleep(0.2)
    raise TimeoutError(f"nothing answers on {address}")


@contextmanager
def cluster(folder: Path, *, n_cpus: int = 2, **environment: str) -> Iterator[Cluster]:
    """Start a cluster of one node, without its dashboard's pages, and end all its processes afterwards.

    Parameters
    ----------
    folder : Path
        For its files; short, as the paths of its sockets may have 107 letters.
    n_cpus : int
        Cores that it hands out.
    **environment
        Variables of all its processes.
    """
    folder.mkdir(parents=True, exist_ok=True)
    port, dashboard, agent, client, http = _free_ports(5)
    variables = {
        **os.environ,
        "GENRE_CACHE_DIR": str(folder / "cache"),
        "GENRE_TEST_CLUSTER": str(folder),
        "PYTHONPATH": str(_ROOT),
        # A token of its own: Ray asks for the user's where there is one, and not all of its commands find that.
        "RAY_AUTH_MODE": "token",
        "RAY_AUTH_TOKEN": secrets.token_hex(32),
        "RAY_ADDRESS": f"127.0.0.1:{port}",
        "RAY_DASHBOARD_ADDRESS": f"http://127.0.0.1:{dashboard}",
        "RAY_USAGE_STATS_ENABLED": "0",
        "TMPDIR": str(folder),
        **environment,
    }
    result = Cluster(variables, f"http://127.0.0.1:{http}", folder / "log.txt")
    options: dict[str, Any] = {
        "port": port,
        "num-cpus": n_cpus,
        "object-store-memory": _OBJECT_STORE_BYTES,
        "dashboard-port": dashboard,
        "dashboard-agent-listen-port": agent,
        "ray-client-server-port": client,
        "temp-dir": folder / "ray",
    }
    try:
        result.run("ray", "start", "--head", "--disable-usage-stats", *(f"--{k}={v}" for k, v in options.items()))
        result.run("serve", "start", "--http-host=127.0.0.1", f"--http-port={http}")
        yield result
    finally:
        _end(result)


def _end(ended: Cluster) -> None:
    """End the processes: Ray's own command for that would end every cluster of the machine."""
    for number in (signal.SIGTERM, signal.SIGKILL):
        deadline = time.monotonic() + _END_S
        while (pids := [pid for pid in ended.pids("") if pid != os.getpid()]) and time.monotonic() < deadline:
            for pid in pids:
                with suppress(ProcessLookupError):
                    os.kill(pid, number)
            time.sleep(0.2)


def _free_ports(n: int) -> list[int]:
    """Find ports that are free: above those of Ray's workers, below those that outgoing connections are given."""
    first = 20_000 + os.getpid() % 100 * 100
    found: list[int] = []
    for port in range(first, first + 100):
        with suppress(OSError), socket.create_server(("127.0.0.1", port)):
            found.append(port)
        if len(found) == n:
            return found
    raise RuntimeError(f"no {n} ports from {first} on are free")

"""Soak the app: ``scripts/soak --seconds 600``; see docs/testing.md. Linux only."""

import argparse
import os
import random
import re
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import httpx
import numpy as np
import soundfile

from genre_app.examples import EXAMPLES
from tools.soak.visitor import Page, Visitor

_WARM_UP_S: Final = 60.0
_STEP_S: Final = 15.0
#: After the last visitor has left: the grace for those who may come back, and some sweeps.
_AFTER_S: Final = 300.0
_MOST_GROWTH: Final = 1.05


@dataclass(frozen=True, slots=True)
class Usage:
    """What the server takes, its worker processes included."""

    memory_mb: float
    open_files: int
    threads: int
    temporary_mb: float
    temporary_files: int

    @classmethod
    def of(cls, server: int, folder: Path) -> "Usage":
        """Measure a running server and the folder of its temporary files."""
        processes = [server, *_children_of(server)]
        status = [Path(f"/proc/{process}/status").read_text(encoding="utf-8") for process in processes]
        # Folders may go meanwhile: unlike `Path.rglob`, `os.walk` passes over them.
        files = [Path(parent, name) for parent, _, names in os.walk(folder) for name in names]
        return cls(
            memory_mb=sum(int(re.findall(r"VmRSS:\s+(\d+)", text)[0]) for text in status) / 1024,
            open_files=sum(sum(1 for _ in Path(f"/proc/{process}/fd").iterdir()) for process in processes),
            threads=sum(int(re.findall(r"Threads:\s+(\d+)", text)[0]) for text in status),
            temporary_mb=sum(_size(path) for path in files) / 1e6,
            temporary_files=len(files),
        )

    def __str__(self) -> str:
        return (
            f"{self.memory_mb:8.0f} MB {self.open_files:6} files open {self.threads:5} threads "
            f"{self.temporary_files:5} temporary files, {self.temporary_mb:7.1f} MB"
        )


def main() -> None:
    """Serve the app, send visitors, and exit with 1 where something grows."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=600.0, help="how long visitors come")
    parser.add_argument("--visitors", type=int, default=6, help="visitors at the same time")
    parser.add_argument("--seed", type=int, default=1, help="decides what they do")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        tracks = _tracks(folder / "tracks", random.Random(given.seed))
        temporary = folder / "temporary"
        temporary.mkdir()
        port = _free_port()
        settings = {"GRADIO_TEMP_DIR": str(temporary), "TMPDIR": str(temporary), "GRADIO_SERVER_PORT": port}
        environment = os.environ | settings | {"GENRE_CACHE_DIR": str(folder / "cache"), "GENRE_MODEL": "musicnn"}
        with subprocess.Popen([sys.executable, "app.py"], env=environment, stdout=subprocess.DEVNULL) as server:
            try:
                page = _wait_for(f"http://127.0.0.1:{port}")
                faults = _soak(page, server.pid, temporary, tracks, given)
            finally:
                server.terminate()
        faults += [f"after the end: {path}" for path in temporary.rglob("*")]
    _say("\n".join(faults) or "Nothing grew, and nothing was left.")
    sys.exit(bool(faults))


def _soak(page: Page, server: int, folder: Path, tracks: list[Path], given: argparse.Namespace) -> list[str]:
    ends_s = time.monotonic() + given.seconds
    counts: Counter[str] = Counter()
    threads = [
        threading.Thread(target=_come_and_go, args=(page, tracks, random.Random(given.seed + i), ends_s, counts))
        for i in range(given.visitors)
    ]
    for thread in threads:
        thread.start()
    began_s = time.monotonic()
    steps: list[tuple[float, Usage]] = []
    while any(thread.is_alive() for thread in threads):
        time.sleep(_STEP_S)
        steps.append((time.monotonic() - began_s, Usage.of(server, folder)))
        after_s, usage = steps[-1]
        _say(f"{after_s:6.0f} s {counts['visits']:6} visits {counts['events']:6} events {usage}")
    for sentence, n in counts.items():
        if sentence not in {"visits", "events"}:
            _say(f"{n:6} times: {sentence}")
    time.sleep(_AFTER_S)
    last = Usage.of(server, folder)
    _say(f"{_AFTER_S:.0f} s after the last visitor: {last}")
    warm = [usage for after_s, usage in steps if after_s >= _WARM_UP_S]
    return _growth(warm, last)


def _growth(warm: list[Usage], last: Usage) -> list[str]:
    """Compare the quarters of the soak at its start, after the warm-up, and at its end."""
    quarter = max(1, len(warm) // 4)

    def most(name: str, steps: list[Usage]) -> float:
        return max(float(getattr(usage, name)) for usage in steps)

    faults = [
        f"{name} grew from {most(name, warm[:quarter]):.0f} to {most(name, warm[-quarter:]):.0f}"
        for name, leeway in (("memory_mb", _MOST_GROWTH), ("open_files", 1.0), ("threads", 1.0))
        if most(name, warm[-quarter:]) > leeway * most(name, warm[:quarter])
    ]
    if last.temporary_mb > sum(example.path.stat().st_size for example in EXAMPLES) / 1e6 + 0.1:
        faults.append(f"{last.temporary_files} temporary files, {last.temporary_mb:.1f} MB, of visitors who have left")
    return faults


def _come_and_go(page: Page, tracks: list[Path], chance: random.Random, ends_s: float, counts: Counter[str]) -> None:
    while time.monotonic() < ends_s:
        visitor = Visitor(page, chance)
        try:
            visitor.visit(tracks)
        except Exception as error:  # noqa: BLE001 - counted, and the next visitor comes
            counts[f"{type(error).__name__}: {error}"[:150]] += 1
        counts["visits"] += 1
        counts["events"] += visitor.n_events
        counts.update(visitor.sentences)


def _tracks(folder: Path, chance: random.Random) -> list[Path]:
    """Make some short tracks: most are new to the app each time, some are known, and some are broken."""
    folder.mkdir()
    generator = np.random.default_rng(chance.randrange(2**32))
    tracks = [example.path for example in EXAMPLES]
    for number in range(60):
        samples = 0.3 * np.sin(np.cumsum(generator.uniform(0.01, 0.3, 8)).repeat(16_000) * np.arange(128_000))
        path = folder / f"{number}.{chance.choice(['wav', 'flac', 'ogg', 'mp3'])}"
        soundfile.write(path, samples, 16_000)
        if number % 6 == 0:
            path.write_bytes(path.read_bytes()[: chance.randrange(1, 3000)])
        tracks.append(path)
    return tracks


def _children_of(process: int) -> list[int]:
    children = Path(f"/proc/{process}/task/{process}/children").read_text(encoding="ascii")
    return [int(child) for child in children.split()]


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0


def _free_port() -> str:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return str(probe.getsockname()[1])


def _wait_for(address: str) -> Page:
    for _ in range(600):
        try:
            httpx.get(address, timeout=5)
        except httpx.TransportError:
            time.sleep(0.2)
        else:
            return Page(address)
    sys.exit("The app did not start.")


if __name__ == "__main__":
    main()

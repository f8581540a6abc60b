"""Many clients at once through the whole path: decoding, framing and the engine, with the cache off."""

import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from genre_app.audio.worker_pool import WorkerPool
from genre_app.inference.classifier import GenreClassifier
from genre_app.models.base import Backend, BatchPolicy, PatchGrid
from genre_app.models.musicnn.network import GRID
from genre_app.results.model_info import ModelInfo
from genre_app.settings import Settings

_RATE_HZ: Final = 16_000


class CostlessBackend:
    """A model without cost: it shows how fast everything else is, as beside the fastest GPU."""

    def __init__(self) -> None:
        self.info = ModelInfo(name="costless", revision="1", labels=("nothing",), device="none")
        self.grid: PatchGrid = GRID
        self.batching = BatchPolicy(64)

    def score(self, patches: NDArray[np.float32]) -> NDArray[np.float32]:
        """Answer 0 for each patch."""
        return np.zeros((len(patches), 1), np.float32)


def measure_clients(
    track: Path, settings: Settings, n_clients: int, *, track_s: float, backend: Backend | None = None
) -> dict[str, float]:
    """Have so many clients send a track each, all at once, and compare with one after another.

    Each client's file is the track with bytes of its own at its end: the app would score equal files once.

    Returns
    -------
    dict of str to float
        Throughput in times real time; median and longest wait in seconds; the time of one after another divided by
        that of all at once; the share of the machine's cores in use, by anybody.
    """
    settings = settings.model_copy(update={"cache_mb": 0})
    with (
        tempfile.TemporaryDirectory() as folder,
        GenreClassifier(settings, backend=backend) as classifier,
    ):
        tracks = [_copy_of(track, Path(folder), number) for number in range(n_clients)]
        classifier.score_file(track)
        one_after_another_s = sum(_seconds(classifier.score_file, path) for path in tracks)
        started = time.perf_counter()
        busy = _BusyCores()
        with ThreadPoolExecutor(n_clients) as clients:
            waits_s = list(clients.map(lambda path: _seconds(classifier.score_file, path), tracks))
        together_s = time.perf_counter() - started
        cores_in_use = busy.share()
    return {
        "x_realtime": n_clients * track_s / together_s,
        "median_wait_s": statistics.median(waits_s),
        "longest_wait_s": max(waits_s),
        "throughput_ratio": one_after_another_s / together_s,
        "cores_in_use": cores_in_use,
    }


def measure_decoding(track: Path, n_workers: int, *, track_s: float, repeats: int = 3) -> float:
    """Measure worker processes that decode a track each, at the same time.

    Returns
    -------
    float
        Throughput of all of them in times real time.
    """
    pool = WorkerPool(n_workers, max_minutes=float("inf"))

    def decode(_: int) -> None:
        with pool.open(track, _RATE_HZ, cancel=threading.Event()) as stream:
            for _block in stream:
                pass

    try:
        with ThreadPoolExecutor(n_workers) as clients:
            list(clients.map(decode, range(n_workers)))
            seconds = _seconds(lambda: list(clients.map(decode, range(repeats * n_workers))))
    finally:
        pool.close()
    return repeats * n_workers * track_s / seconds


def _seconds(work: Callable[..., object], *arguments: object) -> float:
    started = time.perf_counter()
    work(*arguments)
    return time.perf_counter() - started


def _copy_of(track: Path, folder: Path, number: int) -> Path:
    copy = folder / f"{number}{track.suffix}"
    copy.write_bytes(track.read_bytes() + bytes(number + 1))
    return copy


class _BusyCores:
    """How many of the machine's cores are in use from now on; Linux only."""

    def __init__(self) -> None:
        self._before = self._ticks()

    def share(self) -> float:
        """Return the share of all cores in [0, 1]; NaN where the system does not count."""
        idle, total = (now - before for now, before in zip(self._ticks(), self._before, strict=True))
        return 1 - idle / total if total else float("nan")

    @staticmethod
    def _ticks() -> tuple[int, int]:
        if sys.platform != "linux":
            return 0, 0
        numbers = [
            int(number) for number in Path("/proc/stat").read_text(encoding="ascii").split("\n", 1)[0].split()[1:9]
        ]
        return numbers[3] + numbers[4], sum(numbers)

"""Sixteen visitors at once: how fast the page answers them, and whether all get their answer."""

import time
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gradio_client import Client, handle_file


@dataclass(frozen=True, slots=True)
class Load:
    """What the visitors saw.

    Attributes
    ----------
    x_realtime : float
        Audio per time, of all of them.
    median_s, longest_s : float
        How long they waited.
    n_answered : int
        Who got an answer.
    """

    x_realtime: float
    median_s: float
    longest_s: float
    n_answered: int


def copies_of(track: Path, folder: Path, n: int) -> list[Path]:
    """Write recordings that sound alike, each of which the app has to score."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = [folder / f"{number}{track.suffix}" for number in range(n)]
    for number, path in enumerate(paths):
        path.write_bytes(track.read_bytes() + bytes(number + 1))
    return paths


class Visitors:
    """Programs that send a track each, at once.

    Parameters
    ----------
    page : str
        Its address.
    tracks : list of Path
        One for each visitor.
    """

    def __init__(self, page: str, tracks: list[Path]) -> None:
        clients = [Client(page, verbose=False) for _ in tracks]
        self._threads = ThreadPoolExecutor(len(tracks))
        self._started_s = time.perf_counter()
        self.asked: list[Future[tuple[dict[str, Any], float]]] = [
            self._threads.submit(self._ask, client, track) for client, track in zip(clients, tracks, strict=True)
        ]

    def _ask(self, client: Client, track: Path) -> tuple[dict[str, Any], float]:
        answer: dict[str, Any] = client.predict(handle_file(str(track)), facts=False, api_name="/classify")
        return answer, time.perf_counter() - self._started_s

    def wait(self) -> Load:
        """Wait for all answers and sum up."""
        answered = [future.result() for future in self.asked if future.exception() is None]
        waits_s = sorted(wait_s for _, wait_s in answered)
        audio_s = sum(answer["metadata"]["duration_seconds"] for answer, _ in answered)
        self._threads.shutdown()
        return Load(audio_s / waits_s[-1], waits_s[len(waits_s) // 2], waits_s[-1], len(answered))

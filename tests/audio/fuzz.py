"""Decode damaged files in worker processes, and keep those that show a fault of the app: ``scripts/fuzz --help``."""

import os
import re
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import count, islice
from pathlib import Path
from queue import SimpleQueue
from random import Random
from resource import RUSAGE_CHILDREN, getrusage
from typing import Final

import click

from genre_app.audio.resampling import Tap
from genre_app.audio.worker_pool import WorkerPool
from genre_app.audio.worker_process import TimeLimits
from genre_app.errors import AudioError, GenreAppError
from tests.audio.mutations import mutate, recordings

RATE_HZ: Final = 16_000
TAP_RATE_HZ: Final = 22_050
#: A worker that writes into a file what a library prints.
WORKER: Final = """
import os, sys
os.dup2(os.open(sys.argv[1], os.O_WRONLY | os.O_CREAT | os.O_APPEND), 2)
from genre_app.audio.worker import main
main()
"""
_LIMITS: Final = TimeLimits(open_s=30, block_s=10)
_MAX_MINUTES: Final = 12.0
#: What is wrong with the app, by the words of the sentence that covers it up.
_COVERED_UP: Final = {
    "made the decoder crash": "crash",
    "takes too long to decode": "hang",
    "could not be read to its end": "blames the disk",
}
_BATCH: Final = 100
_NEVER: Final = threading.Event()


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a damaged file.

    Attributes
    ----------
    number, kind : int, str
        Which file, and what it was before.
    result : str
        ``heard``, ``heard, with notes``, or the name of the error.
    sentences : tuple of str
        The notes, or the error.
    fault : str
        What is wrong with the app; empty if nothing is.
    """

    number: int
    kind: str
    result: str
    sentences: tuple[str, ...]
    fault: str = ""


class Lane:
    """A pool with one worker, so that what is printed belongs to a file."""

    def __init__(self, printed: Path) -> None:
        self._printed = printed
        self._n_printed = 0
        self._pool = WorkerPool(
            1,
            max_minutes=_MAX_MINUTES,
            program=(sys.executable, "-P", "-c", WORKER, str(printed)),
            limits=_LIMITS,
        )

    def decode(self, path: Path) -> tuple[str, tuple[str, ...], str]:
        """Decode a file as the app does; return result, sentences and fault."""
        fault = ""
        try:
            tap = Tap(TAP_RATE_HZ, lambda block: True)
            with self._pool.open(path, RATE_HZ, cancel=_NEVER, tap=tap) as stream:
                for _ in stream:
                    pass
            result, sentences = "heard, with notes" if stream.warnings else "heard", stream.warnings
        except GenreAppError as error:
            result, sentences = type(error).__name__, (str(error),)
            covered_up = (fault for words, fault in _COVERED_UP.items() if words in str(error))
            fault = "not foreseen" if type(error) is AudioError else next(covered_up, "")
        except Exception as error:  # noqa: BLE001 - that is what is searched for
            result, sentences, fault = type(error).__name__, (repr(error),), "untyped"
        printed = self._printed_since()
        return result, sentences, fault or printed

    def close(self) -> None:
        """End the worker."""
        self._pool.close()

    def _printed_since(self) -> str:
        before, self._n_printed = self._n_printed, self._printed.stat().st_size if self._printed.exists() else 0
        return "printed" if self._n_printed > before else ""


class Fuzzer:
    """Damages recordings and decodes them.

    Parameters
    ----------
    folder : Path
        Where the files that show faults are kept.
    seed : int
        File n is the same for the same seed.
    n_workers : int
        Worker processes.
    """

    def __init__(self, folder: Path, *, seed: int, n_workers: int) -> None:
        self._folder = folder
        self._seed = seed
        self._temporary = tempfile.TemporaryDirectory(prefix="fuzz-")
        self._scratch = Path(self._temporary.name)
        self._recordings = recordings(self._scratch)
        self._lanes = [Lane(self._scratch / f"printed-{number}") for number in range(n_workers)]
        self._free: SimpleQueue[Lane] = SimpleQueue()
        for lane in self._lanes:
            self._free.put(lane)

    def run(self, numbers: Iterable[int], *, seconds: float = float("inf")) -> Iterator[Outcome]:
        """Decode files by their numbers, for so long."""
        started_s = time.monotonic()
        waiting = iter(numbers)
        with ThreadPoolExecutor(len(self._lanes)) as threads:
            while time.monotonic() - started_s < seconds:
                batch = list(islice(waiting, _BATCH))
                if not batch:
                    return
                yield from threads.map(self._decode, batch)

    def close(self) -> None:
        """End the workers and remove what is not kept."""
        for lane in self._lanes:
            lane.close()
        self._temporary.cleanup()

    def _decode(self, number: int) -> Outcome:
        """Make a file, decode it, and keep it if it shows a fault."""
        chance = Random(f"{self._seed}:{number}")
        kind = chance.choice(list(self._recordings))
        path = self._scratch / f"{number}"
        path.write_bytes(mutate(self._recordings[kind], chance))
        lane = self._free.get()
        try:
            result, sentences, fault = lane.decode(path)
        finally:
            self._free.put(lane)
        if fault:
            self._folder.mkdir(parents=True, exist_ok=True)
            described = re.sub(r"\W+", "-", f"{fault} {kind}").strip("-")
            path.replace(self._folder / f"{self._seed}-{number}-{described}")
        else:
            path.unlink()
        return Outcome(number, kind, result, sentences, fault)


def table(outcomes: Counter[tuple[str, str]]) -> str:
    """Return a table of how many files of each kind (rows) had each result (columns)."""
    kinds, results = sorted({kind for kind, _ in outcomes}), sorted({result for _, result in outcomes})
    widths = [max(map(len, [*kinds, "all"])), *(max(len(result), 5) for result in results)]
    rows = [["", *results]]
    rows += [[kind, *(str(outcomes[kind, result] or "") for result in results)] for kind in kinds]
    rows.append(["all", *(str(sum(outcomes[kind, result] for kind in kinds)) for result in results)])
    return "\n".join("  ".join(cell.rjust(width) for cell, width in zip(row, widths, strict=True)) for row in rows)


@click.command()
@click.option("--files", "n_files", type=click.IntRange(1), help="How many files; by default as many as fit the time.")
@click.option("--seconds", type=click.FloatRange(0), default=60.0, show_default=True, help="How long, at most.")
@click.option("--seed", type=int, default=0, show_default=True, help="The same seed makes the same files.")
@click.option("--first", type=click.IntRange(0), default=0, show_default=True, help="Number of the first file.")
@click.option("--workers", "n_workers", type=click.IntRange(1), default=os.cpu_count(), help="Worker processes.")
@click.option(
    "--keep",
    "folder",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("out/fuzz"),
    show_default=True,
    help="Folder for the files that show a fault.",
)
@click.option("--sentences", is_flag=True, help="Print every note and error, with the file's number and kind.")
def main(
    n_files: int | None,
    seconds: float,
    seed: int,
    first: int,
    n_workers: int,
    folder: Path,
    sentences: bool,  # noqa: FBT001 - click's call
) -> None:
    """Decode damaged recordings of all formats; exit with 1 if one of them shows a fault of the app."""
    numbers = count(first) if n_files is None else range(first, first + n_files)
    outcomes: Counter[tuple[str, str]] = Counter()
    faults: list[Outcome] = []
    fuzzer = Fuzzer(folder, seed=seed, n_workers=n_workers)
    try:
        for outcome in fuzzer.run(numbers, seconds=seconds):
            outcomes[outcome.kind, outcome.result] += 1
            if outcome.fault:
                faults.append(outcome)
                click.echo(f"{outcome.number} ({outcome.kind}): {outcome.fault}: {' '.join(outcome.sentences)}")
            elif sentences:
                for sentence in outcome.sentences:
                    click.echo(f"{outcome.number} ({outcome.kind}): {sentence}")
    finally:
        fuzzer.close()
    click.echo(table(outcomes))
    click.echo(f"The largest worker took {getrusage(RUSAGE_CHILDREN).ru_maxrss // 1024} MB.")
    kept = f"; the files are in {folder}" if faults else ""
    click.echo(f"{outcomes.total()} files, {len(faults)} of which show a fault of the app{kept}.")
    sys.exit(bool(faults))


if __name__ == "__main__":
    main()

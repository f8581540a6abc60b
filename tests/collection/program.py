"""The program in a process of its own, and what it left in its output folder."""

import csv
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Final, Self

from genre_app.report.csv_text import text_of_cell
from tests.paths import ROOT

PATIENCE_S: Final = 60.0


class Program:
    """The program in a process of its own, with a model that stops after some patches until it may go on.

    Of twelve tracks with three patches each, two at a time, so many patches finish ``(n_patches - 4) / 3`` tracks at
    least and ``n_patches / 3`` at most.
    """

    def __init__(self, folder: Path, n_patches: int, *arguments: object) -> None:
        self._gate = folder / f"gate of {n_patches}"
        command = [sys.executable, "-m", "tests.cli.fake_cli", str(n_patches), str(self._gate), *map(str, arguments)]
        environment = {**os.environ, "GENRE_CACHE_MB": "0"}
        self.process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=-1, stderr=-1, text=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.go_on()  # a model that is left waiting would keep the process from its end
        with self.process:
            pass

    def go_on(self) -> None:
        """Let the model answer again."""
        self._gate.touch()

    @property
    def n_scored(self) -> int:
        """How many patches the model was given."""
        scored = Path(f"{self._gate}.scored")
        return scored.stat().st_size if scored.exists() else 0


def wait_for_files(folder: Path, pattern: str, count: int) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while len(list(folder.rglob(pattern))) < count:
        assert time.monotonic() < deadline, "the program does not get on"
        time.sleep(0.02)


def files_in(folder: Path) -> dict[str, int]:
    """Return every file of an output folder with the time of its last change."""
    return {str(file.relative_to(folder)): file.stat().st_mtime_ns for file in folder.rglob("*") if file.is_file()}


def statuses(folder: Path) -> dict[str, str]:
    with (folder / "summary.csv").open(newline="", encoding="utf-8-sig") as table:
        return {text_of_cell(row["track"]): row["status"] for row in csv.DictReader(table)}

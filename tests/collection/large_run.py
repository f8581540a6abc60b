"""A run over thousands of short tracks that is killed, resumed and watched; ``scripts/large-run``.

Summary, overview, map, reports and playlists must agree after each part, no track may be done twice, and the memory
that the program takes must hardly grow with the tracks; `docs/testing.md`. Reads ``/proc``: it needs Linux.
"""

import csv
import json
import re
import signal
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
import numpy as np

from genre_app.collection.journal import JOURNAL_NAME
from genre_app.collection.library import most_similar, read_run
from genre_app.collection.playlists import PLAYLISTS_FOLDER
from genre_app.report.csv_text import text_of_cell
from tests.collection.program import Program, statuses
from tests.fakes import RATE_HZ
from tests.sounds import tone, write_wav

_PATIENCE_S = 300.0
_N_SECONDS = 3
#: One in so many tracks is there twice.
_COPIES = 10
#: A run over so many tracks is the measure of memory. More tracks may take this: an index, and what is drawn of them.
_FEW, _MOST_MB, _MOST_KB_A_TRACK = 200, 5.0, 8.0
#: Patches of the tracks that were under way, or done and not yet in the journal, when the program was killed.
_MOST_AGAIN = 10 * _N_SECONDS


class InconsistentRunError(Exception):
    """The outputs of a run disagree, or it took more than it may."""


class LargeRun:
    """Makes the tracks and runs the program over them.

    Parameters
    ----------
    folder : Path
        An empty folder.
    n_tracks : int
        How many.
    """

    def __init__(self, folder: Path, n_tracks: int) -> None:
        self._folder, self._music, self._results = folder, folder / "music", folder / "results"
        self._names = {self._make(number) for number in range(n_tracks)}

    def run(self) -> None:
        """Do all parts, and print what each took.

        Raises
        ------
        InconsistentRunError
            Outputs disagree, or the run took more than it may.
        """
        few_mb = self._memory_of_few_mb()
        n_free = _N_SECONDS * len(self._names) // 2
        with self._program(n_free, self._music) as program:
            self._wait(lambda: program.n_scored > n_free)
            program.process.kill()
        click.echo(f"killed with {self._n_lines()} tracks done")
        n_wanted = _N_SECONDS * len(self._names) - n_free
        with self._program(10**9, self._music, "--watch", "--resume") as program:
            try:
                n_wanted += _N_SECONDS * self._follow()
                most_mb = _memory_mb(program)
                program.process.send_signal(signal.SIGINT)
                _, log = program.process.communicate(timeout=60)
            finally:
                program.process.kill()
            _demand(program.process.returncode == 0, f"the watch ended with {program.process.returncode}: {log}")
            n_again = program.n_scored - n_wanted
        click.echo(f"{n_again} patches scored again")
        click.echo(f"{most_mb:.0f} MB at most, {few_mb:.0f} MB with {_FEW} tracks")
        _demand(0 <= n_again <= _MOST_AGAIN, "what was done is done again")
        limit_mb = few_mb + _MOST_MB + _MOST_KB_A_TRACK * len(self._names) / 1024
        _demand(most_mb <= limit_mb, f"it takes more memory than {limit_mb:.0f} MB")

    def _memory_of_few_mb(self) -> float:
        """Run over the first folders alone, to the end."""
        folders = [self._music / f"{number:03}" for number in range(_FEW // 100)]
        results = self._folder / "few"
        with self._program(10**9 - 1, *folders, "--watch", results=results) as program:
            try:
                self._wait(lambda: _has_ended(results / JOURNAL_NAME))
                return _memory_mb(program)
            finally:
                program.process.kill()

    def _follow(self) -> int:
        """Wait for the resumed run, then change the folder that it watches; return how many tracks came."""
        begun_s = time.monotonic()
        self._wait(self._is_complete)
        click.echo(f"resumed and completed in {time.monotonic() - begun_s:.0f} s")
        self.check()
        begun_s = time.monotonic()
        n_new = self._change()
        self._wait(self._is_complete)
        click.echo(f"watched: added, moved and removed in {time.monotonic() - begun_s:.0f} s")
        self.check()
        return n_new

    def check(self) -> None:
        """Compare summary, overview, map, reports, playlists and the list of similar tracks.

        Raises
        ------
        InconsistentRunError
            They disagree.
        """
        with (self._results / "summary.csv").open(newline="", encoding="utf-8-sig") as table:
            summary = {text_of_cell(row["track"]): row for row in csv.DictReader(table)}
        _demand(summary.keys() == self._names, "the summary lists other tracks")
        _demand(all(row["status"] != "failed" for row in summary.values()), "a track failed")
        overview = (self._results / "overview.html").read_text(encoding="utf-8")
        _demand({row[0][0] for row in _data(overview, "data")["rows"]} == self._names, "the table lists other tracks")
        _demand(set(_data(overview, "map-data")["names"]) == self._names, "the map shows other tracks")
        missing = [name for name in self._names if not (self._results / f"{name}.json").is_file()]
        _demand(not missing, f"reports are missing: {missing[:3]}")
        sure = {name for name, row in summary.items() if row["status"] == "confident"}
        _demand(self._in_playlists() == sure, "the playlists hold other tracks than those with a sure genre")
        run = read_run(self._results)
        assert run is not None
        _demand(set(run[0].table.tracks) == self._names, "other tracks have an embedding")
        for name, row in summary.items():
            _demand(row["same_recording_as"] == self._copy_of(name), f"{name} is no copy of {row['same_recording_as']}")
        first = min(self._names)
        query = run[0].table.row(run[0].table.tracks.index(first))
        similar = [one.record.track for one in most_similar(run[0], query, 10, leave_out=first).tracks]
        _demand(len({*similar} & self._names) == 10 and first not in similar, f"what sounds like {first}")

    def _in_playlists(self) -> set[str]:
        folder = self._results / PLAYLISTS_FOLDER
        lines = [line for path in folder.glob("*.m3u8") for line in path.read_text(encoding="utf-8-sig").splitlines()]
        paths = [(folder / line).resolve() for line in lines if line and not line.startswith("#")]
        return {path.relative_to(self._music.resolve()).as_posix() for path in paths}

    def _copy_of(self, name: str) -> str:
        other = name.replace(" again", "") if " again" in name else f"{name.removesuffix('.wav')} again.wav"
        return other if other in self._names else ""

    def _program(self, n_patches: int, *arguments: object, results: Path | None = None) -> Program:
        options = ("--output-dir", results or self._results, "--no-facts", "--playlists", "--quiet", "--jobs", "4")
        return Program(self._folder, n_patches, *arguments, *options)

    def _make(self, number: int) -> str:
        """Write a track whose pitch rises with its number; each has a course of its own, but copies."""
        is_copy = number % _COPIES == 1
        chance = np.random.default_rng(number - is_copy)
        sound = tone(_N_SECONDS, RATE_HZ, amplitude=0.4 if is_copy else 0.8, frequency_hz=chance.uniform(100, 1900))
        course = np.interp(np.linspace(0, 15, len(sound)), range(16), chance.uniform(0.1, 1, 16))
        name = f"{number // 100:03}/{number - is_copy:05}{' again' if is_copy else ''}.wav"
        (self._music / name).parent.mkdir(parents=True, exist_ok=True)
        write_wav(self._music / name, (sound * course).astype(np.float32), RATE_HZ)
        return name

    def _change(self) -> int:
        """Add twenty tracks, move some, and remove ten; return how many have a new name."""
        names = sorted(self._names)
        for name in names[-10:]:
            (self._music / name).unlink()
        moved = {name: f"moved {name.replace('/', ' ')}" for name in names[:20] if not self._copy_of(name)}
        for name, to in moved.items():
            (self._music / name).rename(self._music / to)
        self._names = (self._names - set(names[-10:]) - moved.keys()) | set(moved.values())
        first = 100 * (len(names) // 100 + 1)
        self._names |= {self._make(number) for number in range(first, first + 20)}
        return 20 + len(moved)

    def _is_complete(self) -> bool:
        journal, summary = self._results / JOURNAL_NAME, self._results / "summary.csv"
        return summary.exists() and statuses(self._results).keys() == self._names and _has_ended(journal)

    def _n_lines(self) -> int:
        journal = self._results / JOURNAL_NAME
        return journal.read_bytes().count(b"\n") if journal.exists() else 0

    def _wait(self, is_done: Callable[[], bool]) -> None:
        deadline_s = time.monotonic() + _PATIENCE_S
        while not is_done():
            _demand(time.monotonic() < deadline_s, "the program does not get on")
            time.sleep(0.2)


def _demand(is_right: bool, what: str) -> None:  # noqa: FBT001 - like assert
    if not is_right:
        raise InconsistentRunError(what)


def _has_ended(journal: Path) -> bool:
    return journal.exists() and journal.read_bytes().endswith(b'{"end":true}\n')


def _data(page: str, name: str) -> Any:
    return json.loads(page.split(f'<script type="application/json" id="{name}">')[1].split("</script>", maxsplit=1)[0])


def _memory_mb(program: Program) -> float:
    """Return what a program has taken so far, at most."""
    status = Path(f"/proc/{program.process.pid}/status").read_text(encoding="utf-8")
    return int(re.findall(r"VmHWM:\s+(\d+)", status)[0]) / 1024


@click.command()
@click.option("--tracks", "n_tracks", type=click.IntRange(500), default=2000, show_default=True, help="How many.")
def main(n_tracks: int) -> None:
    """Kill, resume and watch a run over many short tracks; exit with 1 if its outputs disagree or its memory grows."""
    with tempfile.TemporaryDirectory() as folder:
        run = LargeRun(Path(folder), n_tracks)
        try:
            run.run()
        except InconsistentRunError as error:
            raise click.ClickException(str(error)) from error
    click.echo("All agree.")


if __name__ == "__main__":
    main()

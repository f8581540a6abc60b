"""The command ``genre tags``: undo what a run wrote into the tracks themselves."""

import contextlib
import sys
import threading
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import click

from genre_app.collection.folder_lock import FolderLock
from genre_app.collection.signals import set_by_signals
from genre_app.errors import FolderBusyError, OutputError
from genre_app.formatting import printable

COMMAND: Final = "tags"
_INTERRUPTED: Final = 130


@click.group(COMMAND, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
def tags() -> None:
    """Undo the tags that were written with --in-place.

    A file or folder called "tags" is classified by the path ./tags.
    """


@contextlib.contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """Keep runs out of an output folder; into one that is not writable, as on a backup, no run can write anyway."""
    try:
        lock = FolderLock(folder)
    except FolderBusyError as error:
        raise click.UsageError(str(error)) from error
    except OutputError:
        yield
        return
    with contextlib.closing(lock):
        yield


@tags.command("undo")
@click.argument("run", metavar="RUN", type=click.Path(exists=True, path_type=Path))
@click.option("--quiet", is_flag=True, help="Name only the files that could not be restored.")
def undo(run: Path, *, quiet: bool) -> None:
    """Bring the files back, byte for byte, as they were before --write-tags --in-place.

    RUN is the output folder of the run, or the journal tags-undo.jsonl in it; the changes of all runs with this folder
    are undone. A file that has been changed since is left as it is; one that was renamed or moved has to get its name
    back first. The command may be stopped, and given again. It does not begin while a run writes into the folder.

    Exit status: 0 if every file is as it was, 1 if some are not, 2 for wrong usage, 130 after Ctrl-C.
    """
    from genre_app.collection.tagging.undo import UNDO_NAME, UndoJournal, undo_all  # noqa: PLC0415

    journal = run / UNDO_NAME if run.is_dir() else run
    if not journal.is_file():
        raise click.UsageError(f"There is nothing to undo in {run}: it holds no {UNDO_NAME}.")
    outcomes: dict[Path, str] = {}
    stop = threading.Event()
    with _locked(journal.parent), set_by_signals(stop):
        for undone in undo_all(UndoJournal(journal)):
            outcomes[undone.path] = undone.outcome
            name = printable(str(undone.path))
            if undone.outcome == "left":
                click.echo(f"error: {name} was not restored. {undone.reason}", err=True)
            elif undone.outcome == "gone":
                now = f" It is called {printable(undone.renamed.name)} now." if undone.renamed else ""
                click.echo(f"error: {name} is no longer there under the name that was tagged.{now}", err=True)
            elif undone.outcome == "restored" and not quiet:
                click.echo(f"restored: {name}")
            if stop.is_set():
                click.echo("Stopped: the same command goes on from here.", err=True)
                sys.exit(_INTERRUPTED)
    counts = Counter(outcomes.values())
    said = {
        "restored": "restored",
        "untouched": "as it was already" if counts["untouched"] == 1 else "as they were already",
        "left": "not restored",
        "gone": "no longer there",
    }
    if not quiet:
        parts = [f"{counts[outcome]} {words}" for outcome, words in said.items() if counts[outcome]]
        click.echo(f"{', '.join(parts) or 'There was nothing to undo'}.", err=True)
    if counts["gone"]:
        click.echo("If a file was renamed or moved, give it the name above again, and repeat this command.", err=True)
    sys.exit(1 if counts["left"] or counts["gone"] else 0)

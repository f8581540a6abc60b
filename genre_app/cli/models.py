"""The command ``genre models``: list and download models."""

import json
import shutil
import sys
import textwrap
import threading
from collections.abc import Callable
from dataclasses import asdict
from typing import Any, Final

import click

from genre_app.cli.common import program_of, settings_in_force
from genre_app.collection.signals import set_by_signals
from genre_app.errors import CancelledError, ModelUnavailableError
from genre_app.formatting import output_takes_unicode
from genre_app.models.catalogue import CatalogueEntry, availability, catalogue, entry_of
from genre_app.models.hub import DownloadProgress, download, find_all_local, is_model_id
from genre_app.settings import Settings

COMMAND: Final = "models"
_WIDEST: Final = 100
_INTERRUPTED: Final = 130


@click.group(
    COMMAND,
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": _WIDEST},
)
@click.option("--json", "is_json", is_flag=True, help="Print the list as JSON, for programs.")
@click.pass_context
def models(context: click.Context, /, *, is_json: bool) -> None:
    """List the models: those inside the app, those downloaded, and those to be had.

    A file or folder called "models" is classified by the path ./models.
    """
    settings = settings_in_force()
    if context.invoked_subcommand is None:
        click.echo(as_json(settings) if is_json else as_text(program_of(context), settings))
    elif is_json:
        raise click.UsageError("--json goes with the list only.")


@models.command("download")
@click.argument("name", metavar="ID")
def download_model(name: str) -> None:
    """Download a model from the Hugging Face hub, or the rest of it.

    ID is a name from the list, or owner/name of any audio classification model. A private model needs a token in the
    environment variable HF_TOKEN.

    Exit status: 0 if the model is here, 1 if that failed, 2 for wrong usage, 130 after Ctrl-C.
    """
    entry = entry_of(name)
    if entry and entry.is_embedded:
        click.echo(f"{entry.name} is part of the app: there is nothing to download.")
        return
    model_id, revision = (entry.hub_id or name, entry.revision) if entry else (name, None)
    if not is_model_id(model_id):
        raise click.UsageError(f"{name!r} is no model: give a name from the list, or owner/name.")
    settings = settings_in_force()
    if not settings.allow_downloads:
        raise click.UsageError("Nothing is downloaded where GENRE_ALLOW_DOWNLOADS is false.")
    if entry:
        click.echo(f"Licence: {entry.licence}", err=True)
    try:
        _download_with_bar(model_id, revision, settings.maest_revision)
    except CancelledError:
        click.echo("Stopped: the same command goes on from here.", err=True)
        sys.exit(_INTERRUPTED)
    except ModelUnavailableError as error:
        click.echo(f"error: {error}", err=True)
        sys.exit(1)
    click.echo(f"{name} is here: use it with --model {name}")


def _download_with_bar(model_id: str, revision: str | None, maest_revision: str) -> None:
    """Download with a progress bar on standard error, if that is a terminal."""
    from tqdm import tqdm  # noqa: PLC0415

    stop = threading.Event()
    with set_by_signals(stop), _bar(tqdm) as bar:

        def move(progress: DownloadProgress) -> None:
            bar.total = progress.total_bytes
            bar.update(progress.done_bytes - bar.n)

        download(model_id, revision=revision, maest_revision=maest_revision, on_progress=move, cancel=stop)


def _bar(kind: Callable[..., Any]) -> Any:
    return kind(unit="B", unit_scale=True, file=sys.stderr, leave=False, disable=None)


def as_text(program: str, settings: Settings) -> str:
    """Write the list as text, with the command to call the program by."""
    width = min(shutil.get_terminal_size().columns, _WIDEST)
    parts = [
        "auto: the default; the first that runs here",
        *(_described(entry, width, settings) for entry in catalogue()),
    ]
    if others := _others(settings):
        parts.append("Also downloaded: " + ", ".join(others))
    parts.append(
        "Pick one with --model NAME.\n"
        "Any audio classification model of the Hugging Face hub can be had as well:\n"
        f"  {program} models download owner/name"
    )
    return "\n\n".join(parts)


def as_json(settings: Settings) -> str:
    """Write the list as JSON."""
    known = [{**asdict(entry), "availability": availability(entry, settings)} for entry in catalogue()]
    listed = {"models": known, "also_downloaded": list(_others(settings))}
    return json.dumps(listed, indent=2, ensure_ascii=not output_takes_unicode())


def _others(settings: Settings) -> tuple[str, ...]:
    """Return the models on this machine that are not in the catalogue."""
    return tuple(name for name in find_all_local(maest_revision=settings.maest_revision) if entry_of(name) is None)


def _described(entry: CatalogueEntry, width: int, settings: Settings) -> str:
    facts = {
        "": entry.summary,
        "Labels": entry.labels,
        "Accuracy": entry.accuracy,
        "Limits": entry.limits,
        "Source": entry.source,
        "Licence": entry.licence,
        "Similar": "finds tracks that sound alike" if entry.has_embedding else "cannot say what sounds alike",
    }
    lines = [f"{entry.name}: {availability(entry, settings)}, {_size(entry.size_mb)}"]
    for heading, fact in facts.items():
        start = f"  {heading + ':':<10}" if heading else "  "
        rest = " " * 12 if heading else "  "
        lines += textwrap.wrap(fact, width, initial_indent=start, subsequent_indent=rest, break_on_hyphens=False)
    return "\n".join(lines)


def _size(size_mb: float | None) -> str:
    if size_mb is None:
        return "size unknown"
    return f"{size_mb:.1f} MB" if size_mb >= 0.1 else "under 0.1 MB"

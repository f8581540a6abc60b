"""From the options that were typed to those of a run."""

import os
import shlex
from pathlib import Path
from typing import Any, Final

import click

from genre_app.cli.common import ARGUMENTS_KEY, settings_in_force
from genre_app.cli.tag_options import to_tag_options, to_tagging
from genre_app.collection.options import Destination, RunOptions
from genre_app.collection.tagging.fields import TagOptions
from genre_app.errors import InvalidOptionError
from genre_app.formatting import printable
from genre_app.results.schema import SliceOptions

#: More tracks at a time than this keep no further core busy: the model is shared.
_MOST_WORKERS: Final = 4
#: Bytes that stand for themselves between ``$'`` and ``'``.
_PLAIN: Final = frozenset(range(0x20, 0x7F)) - frozenset(b"'\\")


def to_options(context: click.Context, chosen: dict[str, Any]) -> RunOptions:
    """Check what click cannot, and make the output folder."""
    slicing = {name: chosen[name] for name in ("window_seconds", "overlap", "top_k", "max_chunks")}
    picked = {name: chosen[name] for name in ("device", "model", "vocabulary") if chosen[name] is not None}
    try:
        settings = settings_in_force(**picked)
        return RunOptions(
            paths=chosen["paths"],
            slicing=SliceOptions.checked(**slicing, smoothing_seconds=chosen["smoothing"]),
            settings=settings,
            destination=_destination(chosen, to_tag_options(chosen, settings.vocabulary)),
            with_facts=chosen["facts"],
            with_moods=chosen["moods"],
            n_workers=chosen["jobs"] or min(settings.threads, _MOST_WORKERS),
            is_quiet=chosen["quiet"],
            is_watching=chosen["watch"],
            resume_command=_command_with(context, "--resume"),
            restart_command=_command_with(context, "--restart"),
        )
    except InvalidOptionError as error:
        raise click.UsageError(str(error)) from error


def _destination(chosen: dict[str, Any], tags: TagOptions) -> Destination:
    folder: Path | None = chosen["output_dir"]
    tagging, is_preview = to_tagging(chosen), chosen["dry_run"]
    needs_folder = {
        "--write-tags": chosen["write_tags"] and not is_preview,
        "--resume": chosen["resume"],
        "--restart": chosen["restart"],
        "--watch": chosen["watch"],
        "--formats": chosen["formats"] != ("json",),
        "--playlists": chosen["playlists"],
        "--vocabulary": chosen["vocabulary"] and not is_preview,
    }
    for option, is_given in needs_folder.items():
        if is_given and not folder:
            raise click.UsageError(f"{option} needs a folder to write to: give --output-dir as well.")
    _check_watch(chosen)
    if folder and not is_preview:
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise click.UsageError(f"The folder {printable(str(folder))} cannot be made: {error.strerror}.") from error
    if chosen["as_json"] and folder:
        raise click.UsageError("--json prints the results: with --output-dir, they are written as --formats json.")
    return Destination(
        folder,
        chosen["formats"],
        tagging,
        is_preview,
        tags,
        # A watch is begun again and again.
        is_resumed=chosen["resume"] or (chosen["watch"] and not chosen["restart"]),
        is_restarted=chosen["restart"],
        is_json_wanted=chosen["as_json"],
        with_playlists=chosen["playlists"],
    )


def _check_watch(chosen: dict[str, Any]) -> None:
    if chosen["resume"] and chosen["restart"]:
        raise click.UsageError("--resume keeps what is done, --restart does it again: give one of them.")
    if chosen["watch"] and chosen["dry_run"]:
        raise click.UsageError("--watch goes on for ever, --dry-run only shows: give one of them.")
    if chosen["watch"] and not any(path.is_dir() for path in chosen["paths"]):
        raise click.UsageError("--watch looks for new files in folders: give one as a PATH.")


def _command_with(context: click.Context, option: str) -> str:
    """Return the command as it was typed, with this option in place of those that deal with an earlier run."""
    arguments = [argument for argument in context.meta[ARGUMENTS_KEY] if argument not in {"--resume", "--restart"}]
    # Before the paths: one of them may be "--", after which nothing is an option.
    return f"{context.command_path} {option} {' '.join(map(_quoted, arguments))}"


def _quoted(argument: str) -> str:
    """Quote an argument for a shell; one that a terminal cannot show, byte by byte as Bash and Zsh read it."""
    if printable(argument) == argument:
        return shlex.quote(argument)
    letters = (chr(byte) if byte in _PLAIN else f"\\x{byte:02x}" for byte in os.fsencode(argument))
    return f"$'{''.join(letters)}'"

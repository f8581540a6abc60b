"""From the options that were typed to those of a run."""

import shlex
from pathlib import Path
from typing import Any, Final

import click

from genre_app.cli.common import ARGUMENTS_KEY, settings_in_force
from genre_app.cli.tag_options import to_tag_options, to_tagging
from genre_app.collection.options import Destination, RunOptions
from genre_app.errors import InvalidOptionError
from genre_app.results.schema import SliceOptions

#: More tracks at a time than this keep no further core busy: the model is shared.
_MOST_WORKERS: Final = 4


def to_options(context: click.Context, chosen: dict[str, Any]) -> RunOptions:
    """Check what click cannot, and make the output folder."""
    slicing = {name: chosen[name] for name in ("window_seconds", "overlap", "top_k", "max_chunks")}
    picked = {name: chosen[name] for name in ("device", "model") if chosen[name] is not None}
    try:
        settings = settings_in_force(**picked)
        return RunOptions(
            paths=chosen["paths"],
            slicing=SliceOptions.checked(**slicing, smoothing_seconds=chosen["smoothing"]),
            settings=settings,
            destination=_destination(chosen),
            with_facts=chosen["facts"],
            with_moods=chosen["moods"],
            n_workers=chosen["jobs"] or min(settings.threads, _MOST_WORKERS),
            is_quiet=chosen["quiet"],
            resume_command=_resume_command(context),
        )
    except InvalidOptionError as error:
        raise click.UsageError(str(error)) from error


def _destination(chosen: dict[str, Any]) -> Destination:
    folder: Path | None = chosen["output_dir"]
    tagging = to_tagging(chosen)
    is_preview = tagging == "preview"
    needs_folder = {
        "--write-tags": chosen["write_tags"] and not is_preview,
        "--resume": chosen["resume"],
        "--formats": chosen["formats"] != ("json",),
    }
    for option, is_given in needs_folder.items():
        if is_given and not folder:
            raise click.UsageError(f"{option} needs a folder to write to: give --output-dir as well.")
    if folder and not is_preview:
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise click.UsageError(f"The folder {folder} cannot be made: {error.strerror}.") from error
    if chosen["as_json"] and folder:
        raise click.UsageError("--json prints the results: with --output-dir, they are written as --formats json.")
    return Destination(
        folder,
        chosen["formats"],
        tagging,
        to_tag_options(chosen),
        is_resumed=chosen["resume"],
        is_json_wanted=chosen["as_json"],
    )


def _resume_command(context: click.Context) -> str:
    arguments = [argument for argument in context.meta[ARGUMENTS_KEY] if argument != "--resume"]
    # Before the paths: one of them may be "--", after which nothing is an option.
    return f"{context.command_path} --resume {shlex.join(arguments)}"

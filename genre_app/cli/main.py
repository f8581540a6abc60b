"""The command line: ``genre PATH [PATH ...]``, which is ``python -m genre_app`` too."""

import shlex
import sys
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from genre_app.cli.common import GroupedCommand, PlainOption, program_of, settings_in_force
from genre_app.cli.models import as_text
from genre_app.cli.run_options import to_options
from genre_app.cli.tag_options import NAMES as TAG_OPTIONS
from genre_app.cli.tag_options import with_tag_options
from genre_app.collection.options import RunOptions
from genre_app.errors import (
    DeviceUnavailableError,
    ModelNotHereError,
    ModelUnavailableError,
    OutputError,
)
from genre_app.report.formats import FORMATS
from genre_app.version import __version__

if TYPE_CHECKING:
    from genre_app.inference.classifier import GenreClassifier
    from genre_app.results.model_info import ModelInfo

_GROUPS: Final = {
    "What you get": ("as_json", "output_dir", "formats", "playlists", "facts", "moods", "vocabulary"),
    "Tags in the files": TAG_OPTIONS,
    "Long runs": ("resume", "restart", "watch", "jobs", "quiet"),
    "How a track is cut": ("window_seconds", "overlap", "top_k", "max_chunks", "smoothing"),
    "Who answers": ("model", "device", "list_models"),
}
_EXAMPLES: Final = """\
{program} song.mp3
    the genre, its course through the track, tempo and key; as JSON where the output goes to a file or a program
{program} Music --output-dir results --formats json,html
    a report for every track in the folder Music, and results/overview.html for all of them
{program} Music --output-dir results --formats json,html --resume
    go on where the last run was stopped
{program} Music --output-dir results --watch
    go on with what is new or changed in the folder, until Ctrl-C
{program} Music --output-dir results --write-tags
    copies with genre, styles, moods, tempo and key as tags, in results/tagged
{program} Music --write-tags --dry-run
    which files carry another genre than is heard, and what would be written
{program} Music --output-dir results --playlists
    playlists by genre, style, mood and tempo, in results/playlists
{program} set.mp3 --window-seconds 10 --overlap 0.5 --top-k 3
    a finer look at one track
{program} models
    which models there are, how often they are right, and how to get more
{program} similar song.mp3 Music
    which tracks in the folder Music sound most like this one
{program} serve
    the page, for a browser on this machine
"""


def _to_formats(context: click.Context, parameter: click.Parameter, value: str) -> tuple[str, ...]:  # noqa: ARG001
    """Split ``json,html``."""
    names = tuple(dict.fromkeys(name.strip().lower() for name in value.split(",")))
    wrong = [name for name in names if name not in FORMATS]
    if wrong:
        raise click.BadParameter(f"{wrong[0]!r} is none of {', '.join(FORMATS)}.")
    return names


def _list_models(context: click.Context, parameter: click.Parameter, is_wanted: bool) -> None:  # noqa: ARG001, FBT001
    if not is_wanted or context.resilient_parsing:
        return
    click.echo(as_text(program_of(context), settings_in_force()))
    context.exit()


@click.command(
    cls=GroupedCommand,
    groups=_GROUPS,
    examples=_EXAMPLES,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.argument("paths", nargs=-1, required=True, metavar="PATH...", type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Print the results as JSON in a terminal too.")
@click.option("--output-dir", type=click.Path(file_okay=False, path_type=Path), metavar="FOLDER",
              help="Write reports into this folder instead of printing. It mirrors the folders of the tracks, and gets "
                   "summary.csv and overview.html for all of them.")  # fmt: skip
@click.option("--formats", default="json", show_default=True, metavar="LIST", callback=_to_formats,
              help="Reports for each track: any of json, csv, png, html, with commas between.")  # fmt: skip
@click.option("--playlists", is_flag=True,
              help="Write playlists by genre, style, mood and tempo too, into FOLDER/playlists.")  # fmt: skip
@click.option("--vocabulary", type=click.Path(path_type=Path), metavar="FILE",
              help="A TOML file that says what genres, styles and moods are called in tags and playlists, and which "
                   "are left out.")  # fmt: skip
@with_tag_options
@click.option(
    "--facts/--no-facts",
    default=True,
    help="Find tempo, key and chords as well, which takes about half as long again.  [default: facts]",
)
@click.option("--moods", is_flag=True,
              help="Say what else is heard, moods and instruments for example; takes about twice as long.")  # fmt: skip
@click.option("--resume", is_flag=True,
              help="Keep what an earlier run with the same options finished in the output folder.")  # fmt: skip
@click.option("--restart", is_flag=True,
              help="Do every track again, whatever an earlier run in the output folder finished.")  # fmt: skip
@click.option("--watch", is_flag=True,
              help="Go on with files that come into the folders or change there, until Ctrl-C; what an earlier run "
                   "finished is kept.")  # fmt: skip
@click.option("--jobs", cls=PlainOption, type=click.IntRange(1, 64), metavar="N",
              help="Tracks to work on at a time.  [default: the number of cores, at most 4]")  # fmt: skip
@click.option("--quiet", is_flag=True, help="Say nothing but errors.")
@click.option("--window-seconds", cls=PlainOption, type=click.FloatRange(1, 600), default=30.0, show_default=True,
              metavar="SECONDS", help="Length of the windows that a track is cut into, 1 to 600.")  # fmt: skip
@click.option("--overlap", cls=PlainOption, type=click.FloatRange(0, 0.9), default=0.25, show_default=True,
              metavar="SHARE", help="Share of a window that the next one repeats, 0 to 0.9.")  # fmt: skip
@click.option("--top-k", cls=PlainOption, type=click.IntRange(1), default=5, show_default=True, metavar="N",
              help="How many genres each list of scores holds.")  # fmt: skip
@click.option("--max-chunks", cls=PlainOption, type=click.IntRange(1), metavar="N",
              help="Keep at most this many windows, spread evenly over the track.")  # fmt: skip
@click.option("--smoothing", cls=PlainOption, type=click.FloatRange(0, 60), default=0.0, show_default=True,
              metavar="SECONDS", help="Smooth the scores over so many seconds before the track is cut.")  # fmt: skip
@click.option("--model", metavar="NAME", help="The model that answers.  [default: auto]")
@click.option("--device", type=click.Choice(["auto", "cpu", "cuda"]),
              help="Where the model runs.  [default: auto, which takes a GPU where there is one]")  # fmt: skip
@click.option("--list-models", is_flag=True, is_eager=True, expose_value=False, callback=_list_models,
              help="List the models and exit.")  # fmt: skip
@click.version_option(__version__, prog_name="genre_app", help="Say the version and exit.")
@click.pass_context
def main(context: click.Context, /, **chosen: Any) -> None:
    """Name the genre of recordings.

    Each PATH is an audio file, or a folder whose audio files are all meant, at any depth.

    In place of the first PATH, the word "models" lists the models and downloads more of them, "similar" finds tracks
    that sound alike, "tags" undoes tags, and "serve" serves the page; a file or folder of such a name is ./models.

    Without --output-dir the results are printed: in a terminal for people, else, or with --json, one JSON object a line
    (indented in a terminal). Everything else that is said goes to standard error.

    Exit status: 0 if every track was classified, 1 if some failed, 2 for wrong usage, 130 after Ctrl-C.
    """
    options = to_options(context, chosen)
    # torch takes seconds to import: --help and wrong usage need not wait for it.
    from genre_app.collection.run import Run  # noqa: PLC0415
    from genre_app.inference.classifier import GenreClassifier  # noqa: PLC0415
    from genre_app.inference.extra_tags import Models  # noqa: PLC0415

    try:
        classifier = GenreClassifier(options.settings)
    except ModelNotHereError as error:
        how = f"Get it with: {program_of(context)} models download {shlex.quote(options.settings.model)}"
        raise click.UsageError(f"{error} {how}") from error
    except (DeviceUnavailableError, ModelUnavailableError) as error:
        raise click.UsageError(str(error)) from error
    with classifier, _tagger(options, classifier.model) as tagger:
        try:
            status = Run(options, Models(classifier, tagger)).execute()
        except OutputError as error:
            raise click.UsageError(str(error)) from error
    sys.exit(status)


def _tagger(options: RunOptions, model: "ModelInfo") -> "AbstractContextManager[GenreClassifier | None]":
    """Load the model that names moods and instruments, where they are wanted and the track's own model gives none."""
    from genre_app.inference.classifier import GenreClassifier  # noqa: PLC0415
    from genre_app.inference.extra_tags import TAGGER  # noqa: PLC0415

    if not options.with_moods or model.tags or model.name == TAGGER:
        return nullcontext()
    try:
        return GenreClassifier(options.settings.model_copy(update={"model": TAGGER}))
    except (DeviceUnavailableError, ModelUnavailableError) as error:
        raise click.UsageError(str(error)) from error

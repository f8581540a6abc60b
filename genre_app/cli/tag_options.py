"""The options for tags in files, and what they become."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, Final, TypeVar, get_args

import click

from genre_app.cli.common import PlainOption
from genre_app.collection.options import Tagging
from genre_app.collection.tagging.fields import FIELDS, SEPARATOR, Existing, Field, TagOptions
from genre_app.collection.tagging.vocabulary_file import read_vocabulary
from genre_app.errors import VocabularyError

Command = TypeVar("Command", bound=Callable[..., Any])

#: The parameters, for a heading of the help.
NAMES: Final = ("write_tags", "dry_run", "in_place", "tag_fields", "existing", "tag_separator")


def with_tag_options(command: Command) -> Command:
    """Add the options to a command."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


def to_tagging(chosen: dict[str, Any]) -> Tagging:
    """Return where tags go, or would go.

    Raises
    ------
    click.UsageError
        An option is given without the one that it goes with.
    """
    for name, what in {"dry_run": "--dry-run shows", "in_place": "--in-place says where"}.items():
        if chosen[name] and not chosen["write_tags"]:
            raise click.UsageError(f"{what} what --write-tags would do: give both.")
    if chosen["in_place"]:
        return "in_place"
    return "copies" if chosen["write_tags"] else "none"


def to_tag_options(chosen: dict[str, Any], vocabulary: Path | None) -> TagOptions:
    """Return what is written.

    Raises
    ------
    click.UsageError
        The vocabulary holds mistakes; all of them are listed.
    """
    options = TagOptions(chosen["tag_fields"], chosen["existing"], chosen["tag_separator"])
    try:
        return replace(options, vocabulary=read_vocabulary(vocabulary)) if vocabulary else options
    except VocabularyError as error:
        raise click.UsageError(error.about(str(vocabulary))) from error


def _to_fields(context: click.Context, parameter: click.Parameter, value: str) -> tuple[Field, ...]:  # noqa: ARG001
    """Split ``genre,styles``; the order does not matter."""
    names = {name.strip().lower() for name in value.split(",")}
    wrong = sorted(names.difference(FIELDS))
    if wrong:
        raise click.BadParameter(f"{wrong[0]!r} is none of {', '.join(FIELDS)}.")
    return tuple(field for field in FIELDS if field in names)


def _to_separator(context: click.Context, parameter: click.Parameter, value: str) -> str:  # noqa: ARG001
    if not value.strip() or not value.isprintable():
        raise click.BadParameter("it has to hold a character that is seen, such as a semicolon or a slash.")
    return value


_OPTIONS: Final = (
    click.option(
        "--write-tags",
        is_flag=True,
        help="Copy each track whose genre is sure into the output folder and tag the copy. The originals are never "
        "touched, unless --in-place is given.",
    ),
    click.option(
        "--dry-run",
        is_flag=True,
        help="With --write-tags: compare the genre in each file with what is heard, show what would be written, and "
        "write nothing.",
    ),
    click.option(
        "--in-place",
        is_flag=True,
        help='With --write-tags: tag the tracks themselves instead of copies. "genre tags undo FOLDER" brings them '
        "back as they were.",
    ),
    click.option(
        "--tag-fields",
        default=",".join(FIELDS),
        show_default=True,
        metavar="LIST",
        callback=_to_fields,
        help="What is written: any of these, with commas between.",
    ),
    click.option(
        "--existing",
        type=click.Choice(get_args(Existing)),
        default="keep",
        show_default=True,
        help="What becomes of a genre (or style, mood, tempo, key) that a file has already: it stays, is replaced, or "
        "gets the new ones behind it.",
    ),
    click.option(
        "--tag-separator",
        cls=PlainOption,
        default=SEPARATOR,
        metavar="TEXT",
        callback=_to_separator,
        help="What stands between several genres where a file has room for one only: ID3v2.3, and the list of facts "
        "in WAV.  [default: a semicolon and a space]",
    ),
)

"""The command's help: options in groups, examples at the end."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import click
from pydantic import ValidationError

from genre_app.settings import Settings, wrong_setting

ARGUMENTS_KEY: Final = "genre_app.arguments"


def settings_in_force(**chosen: Any) -> Settings:
    """Read the settings, with what was chosen on the command line in place of the environment.

    Raises
    ------
    click.UsageError
        An environment variable holds what cannot be; the sentence names it.
    """
    try:
        return Settings(**chosen)
    except ValidationError as error:
        raise click.UsageError(wrong_setting(error)) from error


def program_of(context: click.Context) -> str:
    """Return how the user calls the program: ``genre`` or ``python -m genre_app``."""
    root = context.find_root()
    return (root.info_name or "genre").removesuffix(f" {root.command.name}")


class PlainOption(click.Option):
    """An option whose help says its range in words, if at all."""

    def get_help_extra(self, ctx: click.Context) -> click.types.OptionHelpExtra:
        """Leave out ``[1<=x<=600]``."""
        extra = super().get_help_extra(ctx)
        extra.pop("range", None)
        return extra


class GroupedCommand(click.Command):
    """A command whose help shows options by what they are for.

    Parameters
    ----------
    groups : mapping of str to sequence of str
        Headings, and the parameters below each; what is in none comes last.
    examples : str
        Shown at the end; ``{program}`` stands for how the user calls the program.
    """

    def __init__(self, *args: Any, groups: Mapping[str, Sequence[str]], examples: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._groups = groups
        self._examples = examples

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Keep the arguments as typed, for the command that resumes a run."""
        ctx.meta[ARGUMENTS_KEY] = tuple(args)
        return super().parse_args(ctx, args)

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write each group under its heading."""
        options = [param for param in self.get_params(ctx) if isinstance(param, click.Option)]
        records = {option.name: record for option in options if (record := option.get_help_record(ctx))}
        for heading, names in self._groups.items():
            with formatter.section(heading):
                formatter.write_dl([records.pop(name) for name in names], col_max=26)
        with formatter.section("Other"):
            formatter.write_dl(list(records.values()), col_max=26)

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the examples."""
        examples = self._examples.replace("{program}", program_of(ctx))
        with formatter.section("Examples"):
            formatter.write("".join(f"  {line}".rstrip() + "\n" for line in examples.splitlines()))

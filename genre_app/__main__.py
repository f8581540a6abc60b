"""The command ``genre``, which is ``python -m genre_app`` too: what the first word asks for."""

import sys
from collections.abc import Mapping
from typing import Final

import click

from genre_app.cli.main import main as classify
from genre_app.cli.models import COMMAND as MODELS
from genre_app.cli.models import models
from genre_app.cli.similar import COMMAND as SIMILAR
from genre_app.cli.similar import similar
from genre_app.cli.tags import COMMAND as TAGS
from genre_app.cli.tags import tags
from genre_app.formatting import escape_what_cannot_be_encoded


@click.command("serve", context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--port", type=click.IntRange(1, 65535), metavar="N",
              help="Port of the page.  [default: GRADIO_SERVER_PORT, or 7860]")  # fmt: skip
def serve(port: int | None) -> None:
    """Serve the page for a browser on this machine, until Ctrl-C.

    The environment variables GENRE_MODEL, GENRE_DEVICE and so on choose the rest. With GRADIO_SERVER_NAME=0.0.0.0 other
    machines reach the page as well; GENRE_LOGIN=name:password asks them for a password.
    """
    from genre_app.ui.launch import serve as serve_page  # noqa: PLC0415 - Gradio takes seconds to import

    serve_page(port=port)


_COMMANDS: Final[Mapping[str, click.Command]] = {MODELS: models, SIMILAR: similar, TAGS: tags, "serve": serve}


def main(*, program: str = "genre") -> None:
    """Run the command line.

    Parameters
    ----------
    program : str
        How it was called, for usage and examples.
    """
    escape_what_cannot_be_encoded()
    word = next(iter(sys.argv[1:]), "")
    if command := _COMMANDS.get(word):
        command(sys.argv[2:], prog_name=f"{program} {word}")
    else:
        classify(prog_name=program)


if __name__ == "__main__":
    main(program="python -m genre_app")

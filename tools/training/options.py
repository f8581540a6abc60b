"""Command-line options that the training commands share."""

from pathlib import Path
from typing import Final

import click

from tools.training.gtzan import DEFAULT_FOLDER

gtzan_option: Final = click.option(
    "--gtzan",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    default=DEFAULT_FOLDER,
    show_default=True,
    help="Folder with the training data.",
)
output_option: Final = click.option(
    "--output",
    type=click.Path(file_okay=False, path_type=Path),
    required=True,
    help="Folder for weights, metrics and model card.",
)
repeats_option: Final = click.option(
    "--repeats", type=click.IntRange(1), default=8, show_default=True, help="Splits into folds."
)

"""Weights, tables and model cards of the embedded models."""

from pathlib import Path
from typing import Final

#: The folder that holds them.
WEIGHTS_FOLDER: Final = Path(__file__).parent

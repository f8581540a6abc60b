"""Weights, tables and model cards of the embedded models."""

from pathlib import Path
from typing import Final

#: The folder of these files.
WEIGHTS_FOLDER: Final = Path(__file__).parent

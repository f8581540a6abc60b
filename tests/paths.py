"""Where things lie."""

from pathlib import Path
from typing import Final

#: The repository.
ROOT: Final = Path(__file__).parents[1]
#: Training data, golden outputs and real recordings; absent on a stranger's machine.
SHARED: Final = ROOT.parent / "shared"
WEIGHTS: Final = ROOT / "genre_app" / "weights"

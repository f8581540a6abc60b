"""Style sheets and scripts of the page."""

from pathlib import Path
from typing import Final

_FOLDER: Final = Path(__file__).parent


def style_sheets() -> list[Path]:
    """Return the page's style sheets, in alphabetical order."""
    return sorted(_FOLDER.glob("*.css"))


def script(name: str) -> str:
    """Read one of the page's scripts, such as ``"player.js"``."""
    return (_FOLDER / name).read_text(encoding="utf-8")

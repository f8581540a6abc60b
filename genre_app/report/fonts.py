"""Fonts of the pictures: what is installed, and what it can draw."""

import threading
from functools import lru_cache
from typing import Final

from matplotlib import font_manager
from matplotlib.ft2font import FT2Font

#: Font families that track names may need, in order of preference.
_FAMILIES: Final = (
    *("DejaVu Sans", "Noto Sans", "Noto Sans CJK JP", "Noto Sans CJK SC", "Noto Sans Arabic", "Noto Sans Hebrew"),
    *("Noto Sans Devanagari", "Noto Sans Thai", "Arial Unicode MS", "Hiragino Sans", "Yu Gothic", "Malgun Gothic"),
)
#: Held while a picture is drawn: matplotlib keeps fonts and glyphs in shared state.
drawing: Final = threading.Lock()


def font_families() -> list[str]:
    """Return the installed families for names of any script."""
    return list(_installed()[0])


def drawable(text: str) -> str:
    """Replace the characters that no installed font has with a square."""
    known = _installed()[1]
    return "".join(letter if ord(letter) in known else "\N{WHITE SQUARE}" for letter in text)


@lru_cache(maxsize=1)
def _installed() -> tuple[tuple[str, ...], frozenset[int]]:
    """Return the installed families and the code points that they cover."""
    places = {font.name: font.fname for font in font_manager.fontManager.ttflist}
    families = tuple(family for family in _FAMILIES if family in places)
    known = {code for family in families for code in FT2Font(places[family]).get_charmap()}
    return families, frozenset(known)

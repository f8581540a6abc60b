"""How the genre moves through a track, as a strip of a terminal's characters with times below."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Final, Self

from rich.console import Console, Group, RenderableType
from rich.text import Text

from genre_app.formatting import clock
from genre_app.genres import NEUTRAL_COLOUR, display_name
from genre_app.results.course import course_of
from genre_app.results.leaders import Stretch
from genre_app.results.schema import ClassificationResult

_BLOCKS: Final = "█▏▎▍▌▋▊▉"
_SHADES: Final = "█▒░▓"
_ASCII_FILLS: Final = "#=+:ox%*"
#: So many colours tell the ten genres apart.
_COLOUR_SYSTEMS: Final = frozenset({"256", "truecolor"})


@dataclass(frozen=True, slots=True)
class Glyphs:
    """The characters that charts are drawn with.

    Attributes
    ----------
    is_unicode : bool
        Whether the terminal shows more than ASCII.
    fills : str
        What stretches of different genres are filled with, in the order in which they come up.
    nothing : str
        What stretches without a genre are filled with.
    """

    is_unicode: bool
    fills: str
    nothing: str

    @classmethod
    def of(cls, console: Console) -> Self:
        """Choose the characters for a terminal: colours tell genres apart, or else what they are filled with."""
        has_colours = console.color_system in _COLOUR_SYSTEMS and not console.no_color
        try:
            (_BLOCKS + _SHADES).encode(console.encoding)
        except UnicodeEncodeError:
            return cls(is_unicode=False, fills=_ASCII_FILLS, nothing=".")
        return cls(is_unicode=True, fills=_SHADES[0] if has_colours else _SHADES + _ASCII_FILLS, nothing="·")

    def bar(self, share: float, width: int) -> str:
        """Draw a bar that fills a share of a width, to an eighth of a character where there are such characters."""
        eighths = max(round(share * width * 8), 1)
        if not self.is_unicode:
            return self.fills[0] * max(round(eighths / 8), 1)
        return _BLOCKS[0] * (eighths // 8) + _BLOCKS[eighths % 8] * (eighths % 8 > 0)


def strip_of(result: ClassificationResult, glyphs: Glyphs, width: int) -> RenderableType:
    """Draw which genre leads when: a strip, the times at which it changes, and a legend."""
    columns = _columns(result, width)
    named = {piece.label: piece.colour for piece in columns if piece.label}
    fills = {label: glyphs.fills[index % len(glyphs.fills)] for index, label in enumerate(named)}
    strip = Text()
    for label, same in groupby(piece.label for piece in columns):
        strip.append(fills.get(label, glyphs.nothing) * len(list(same)), named.get(label, NEUTRAL_COLOUR))
    legend = Text("  ").join(
        Text.assemble((fills[label] * 2, colour), f" {display_name(label)}") for label, colour in named.items()
    )
    return Group(strip, Text(_times(columns, result.metadata.duration_seconds), "dim"), legend)


def _columns(result: ClassificationResult, width: int) -> list[Stretch]:
    """Return for each column of a strip the stretch in its middle; one without a label where there is none."""
    stretches = course_of(result)
    columns = []
    for column in range(width):
        time_s = (column + 0.5) / width * result.metadata.duration_seconds
        within = (piece for piece in stretches if piece.start_s <= time_s < piece.end_s)
        before_s = max((piece.end_s for piece in stretches if piece.end_s <= time_s), default=0.0)
        columns.append(next(within, Stretch("", before_s, time_s, NEUTRAL_COLOUR)))
    return columns


def _times(columns: Sequence[Stretch], duration_s: float) -> str:
    """Write the times of the changes below a strip, where there is room, and that of its end."""
    width, end = len(columns), clock(duration_s)
    line = clock(0)
    for column in range(1, width):
        time = clock(columns[column].start_s)
        is_change = columns[column].label != columns[column - 1].label
        if is_change and column > len(line) and column + len(time) < width - len(end):
            line = line.ljust(column) + time
    return line + end.rjust(width - len(line))

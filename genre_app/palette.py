"""One colour for each genre."""

from typing import Final

#: Hex colours of the ten genres, readable on light and on dark ground.
GENRE_COLOURS: Final[dict[str, str]] = {
    "blues": "#2f6fdb",
    "classical": "#c9a227",
    "country": "#a8642a",
    "disco": "#e052b5",
    "hiphop": "#7a4fd0",
    "jazz": "#13a5a8",
    "metal": "#59636f",
    "pop": "#ff8fa3",
    "reggae": "#3fae49",
    "rock": "#d8402f",
}
#: Labels that are none of the ten.
NEUTRAL_COLOUR: Final = "#8a8f98"


def colour_of(label: str) -> str:
    """Return the hex colour of a label; a neutral one where it is none of the ten genres."""
    return GENRE_COLOURS.get(label, NEUTRAL_COLOUR)

"""The app's ten genres: their names and their colours.

The ten colours were found by a search that started from colours that people expect (blues blue, metal grey) and moved
them until every two are at least 10 units apart in CAM02-UCS, for full colour vision and for protanopia, deuteranopia
and tritanopia as simulated by Machado et al. (2009). 1 unit is about the smallest difference that is seen.
"""

import colorsys
from collections.abc import Sequence
from typing import Final

#: The ten genres of GTZAN in alphabetical order; a model's output order is stated by the model.
GENRES: Final[tuple[str, ...]] = (
    "blues",
    "classical",
    "country",
    "disco",
    "hiphop",
    "jazz",
    "metal",
    "pop",
    "reggae",
    "rock",
)

#: Hex colours of the ten genres; each has a contrast of at least 2 to white and to a dark page.
GENRE_COLOURS: Final[dict[str, str]] = {
    "blues": "#326bef",
    "classical": "#c7a125",
    "country": "#a65e1b",
    "disco": "#e150b5",
    "hiphop": "#6b45b3",
    "jazz": "#1d9487",
    "metal": "#596370",
    "pop": "#fa91a7",
    "reggae": "#56b662",
    "rock": "#d74157",
}
#: For labels that are none of the ten, and for several genres together.
NEUTRAL_COLOUR: Final = "#a9adb3"

_DISPLAY_NAMES: Final[dict[str, str]] = {"hiphop": "Hip-hop", "silence": "No sound"}


def display_name(label: str) -> str:
    """Return a label as a person would write it at the start of a sentence.

    Parameters
    ----------
    label : str
        A model's label, such as ``"hiphop"``.

    Returns
    -------
    str
        Such as ``"Hip-hop"``; a label that is not one of the ten keeps its spelling but for the first letter.
    """
    return _DISPLAY_NAMES.get(label, label[:1].upper() + label[1:])


def canonical(label: str) -> str:
    """Return a label without case, spaces and punctuation: "Hip-Hop", "hip hop" and "hiphop" are one."""
    return "".join(character for character in label.casefold() if character.isalnum())


def colour_of(label: str) -> str:
    """Return the hex colour of a label; a neutral one where it is none of the ten genres."""
    return GENRE_COLOURS.get(label, NEUTRAL_COLOUR)


def stripes_of(labels: Sequence[str], *, direction: str = "to bottom") -> str:
    """Write equal stripes of the labels' colours as a CSS gradient; one neutral stripe where there are no labels."""
    colours = [colour_of(label) for label in labels] or [NEUTRAL_COLOUR]
    share = 100 / len(colours)
    stops = (f"{colour} {share * i:.0f}% {share * (i + 1):.0f}%" for i, colour in enumerate(colours))
    return f"linear-gradient({direction}, {', '.join(stops)})"


def hsv_of(hex_colour: str) -> tuple[float, float, float]:
    """Return hue in degrees (0 to 360), saturation and value (0 to 1) of a colour such as ``"#326bef"``."""
    red, green, blue = (int(hex_colour[i : i + 2], 16) / 255 for i in (1, 3, 5))
    hue, saturation, value = colorsys.rgb_to_hsv(red, green, blue)
    return round(360 * hue, 1), round(saturation, 3), round(value, 3)

"""The app's ten genres: names and colours.

The colours were found by a search that started from expected ones (blues blue, metal the blue of tempered steel) and
moved them until any two are at least 10 units apart in CAM02-UCS, as is each from the slate of other labels and the
grey of what is no label, for full colour vision and for protanopia, deuteranopia and tritanopia as simulated by Machado
et al. (2009). One unit is about the smallest visible difference.
"""

import colorsys
from collections.abc import Sequence
from typing import Final

#: The ten genres of GTZAN in alphabetical order; each model states the order of its outputs.
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

#: Hex colours of the ten genres; each has a contrast of at least 3 to the page and its cards, light and dark.
GENRE_COLOURS: Final[dict[str, str]] = {
    "blues": "#1065ff",
    "classical": "#a78c1e",
    "country": "#9c591d",
    "disco": "#ee4ec1",
    "hiphop": "#8352b4",
    "jazz": "#228774",
    "metal": "#2a97c6",
    "pop": "#c3748e",
    "reggae": "#6c9b63",
    "rock": "#c22f53",
}
#: Of every other label: as many more that differ from each other and from the ten there are not.
OTHER_COLOUR: Final = "#6c6c90"
#: Of what is no label, such as silence, and of several labels together.
NEUTRAL_COLOUR: Final = "#a9adb3"

_DISPLAY_NAMES: Final[dict[str, str]] = {"hiphop": "Hip-hop", "silence": "No sound"}


def display_name(label: str) -> str:
    """Return a label as it is written at the start of a sentence.

    Parameters
    ----------
    label : str
        A model's label, such as ``"hiphop"``.

    Returns
    -------
    str
        Such as ``"Hip-hop"``; labels outside the ten only get a capital first letter.
    """
    return _DISPLAY_NAMES.get(label, label[:1].upper() + label[1:])


def canonical(label: str) -> str:
    """Return a label without case, spaces and punctuation: "Hip-Hop" and "hip hop" become "hiphop"."""
    return "".join(character for character in label.casefold() if character.isalnum())


def colour_of(label: str) -> str:
    """Return the hex colour of a model's label; `OTHER_COLOUR` if it is none of the ten genres."""
    return GENRE_COLOURS.get(label, OTHER_COLOUR)


def stripes_of(colours: Sequence[str], *, direction: str = "to bottom") -> str:
    """Return a CSS gradient of equal stripes in these colours; one neutral stripe if there are none."""
    drawn = colours or [NEUTRAL_COLOUR]
    share = 100 / len(drawn)
    stops = (f"{colour} {share * i:.0f}% {share * (i + 1):.0f}%" for i, colour in enumerate(drawn))
    return f"linear-gradient({direction}, {', '.join(stops)})"


def hsv_of(hex_colour: str) -> tuple[float, float, float]:
    """Return hue in degrees (0 to 360), saturation and value (0 to 1) of a colour such as ``"#326bef"``."""
    red, green, blue = (int(hex_colour[i : i + 2], 16) / 255 for i in (1, 3, 5))
    hue, saturation, value = colorsys.rgb_to_hsv(red, green, blue)
    return round(360 * hue, 1), round(saturation, 3), round(value, 3)

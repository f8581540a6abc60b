"""The app's ten genres and how they are written."""

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

_DISPLAY_NAMES: Final[dict[str, str]] = {"hiphop": "Hip-hop"}


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

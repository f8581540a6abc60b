"""A result's address: what it says, and how it is read from strangers.

Nobody can list results, or guess their addresses: a result is found by the SHA-256 of its recording's bytes alone. Who
knows that either has the recording or was given the link, and what comes back is what the model says of that recording,
nothing about who brought it. The name is not looked up either: it is what the link says.
"""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlencode

from genre_app.errors import InvalidOptionError
from genre_app.results.schema import SliceOptions
from genre_app.ui.shared.sliders import options_of, values_of

#: The parameter without which an address is no link to a result.
CONTENT: Final = "track"
_NUMBERS: Final = ("window", "overlap", "top", "smoothing")
_HASH: Final = re.compile(r"[0-9a-f]{64}", re.ASCII)
_NUMBER: Final = re.compile(r"[0-9]{1,4}(\.[0-9]{1,6})?", re.ASCII)
_LONGEST_NAME: Final = 120
_LONGEST_MODEL: Final = 120
_NAMELESS: Final = "A recording"
_DAMAGED: Final = "This link is incomplete or damaged; please copy it again, or drop the recording into the box."


@dataclass(frozen=True, slots=True)
class ResultLink:
    """What the address of a result says.

    Attributes
    ----------
    content : str
        Hash of the recording's content, 64 hexadecimal digits.
    name : str
        What the result calls the recording; text of a stranger, to be escaped wherever it is shown.
    model : str
        Name of the model that answered; not known to be one that is offered.
    options : SliceOptions
        Within the ranges of the sliders.
    """

    content: str
    name: str
    model: str
    options: SliceOptions

    def query(self) -> str:
        """Write the part of the address that follows the question mark."""
        numbers = (f"{value:g}" for value in values_of(self.options))
        return urlencode(
            {CONTENT: self.content, "name": _clean(self.name), "model": self.model}
            | dict(zip(_NUMBERS, numbers, strict=True))
        )


def read_link(parameters: Mapping[str, str]) -> ResultLink | None:
    """Read a page's query parameters.

    Parameters
    ----------
    parameters : mapping of str to str
        From a stranger; those that are not ours are ignored.

    Returns
    -------
    ResultLink or None
        None where the address is that of the page alone.

    Raises
    ------
    InvalidOptionError
        It means to be a link, and is none.
    """
    if CONTENT not in parameters:
        return None
    content, model = parameters[CONTENT], parameters.get("model", "")
    numbers = [parameters.get(name, "") for name in _NUMBERS]
    is_whole = _HASH.fullmatch(content) and 0 < len(model) <= _LONGEST_MODEL
    if not is_whole or not all(_NUMBER.fullmatch(number) for number in numbers):
        raise InvalidOptionError(_DAMAGED)
    window_seconds, overlap, top_k, smoothing_seconds = map(float, numbers)
    if not top_k.is_integer():
        raise InvalidOptionError(_DAMAGED)
    options = options_of(window_seconds, overlap, top_k, smoothing_seconds)
    values_of(options)  # the sliders have to be able to show them
    return ResultLink(content, _clean(parameters.get("name", "")), model, options)


def _clean(name: str) -> str:
    """Leave out of a name what is no text (controls, line ends, marks that turn its direction) and what is too much."""
    visible = "".join(letter for letter in name if unicodedata.category(letter)[0] != "C" or letter == "\u200d")
    return " ".join(visible.split())[:_LONGEST_NAME].strip() or _NAMELESS

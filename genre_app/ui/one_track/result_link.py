"""The address of a result: writing it, and parsing untrusted ones.

Results cannot be listed, and their addresses cannot be guessed: a result is found only by the SHA-256 of its
recording's bytes, which takes the recording or the link. A result says nothing about the visitor who sent the
recording. The name comes from the link, not from storage.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlencode

from genre_app.errors import InvalidOptionError
from genre_app.formatting import printable
from genre_app.results.schema import SliceOptions
from genre_app.ui.shared.sliders import options_of, values_of

#: Query parameter with the recording's hash; an address without it is no link to a result.
_TRACK: Final = "track"
_NUMBERS: Final = ("window", "overlap", "top", "smoothing")
#: All query parameters of a result.
PARAMETERS: Final = (_TRACK, "name", "model", *_NUMBERS)
_SHA256: Final = re.compile(r"[0-9a-f]{64}", re.ASCII)
_NUMBER: Final = re.compile(r"[0-9]{1,4}(\.[0-9]{1,6})?", re.ASCII)
_MAX_NAME_CHARS: Final = 120
_MAX_MODEL_CHARS: Final = 120
_NAMELESS: Final = "A recording"
_DAMAGED: Final = "This link is incomplete or damaged; please copy it again, or drop the recording into the box."


@dataclass(frozen=True, slots=True)
class ResultLink:
    """The parameters of a result's address.

    Attributes
    ----------
    audio_sha256 : str
        SHA-256 of the recording's file, 64 hexadecimal digits.
    name : str
        Name of the recording; untrusted text, to be escaped wherever it is shown.
    model : str
        Name of the model; it may not be on offer.
    options : SliceOptions
        Within the ranges of the sliders.
    """

    audio_sha256: str
    name: str
    model: str
    options: SliceOptions

    def query(self) -> str:
        """Return the query string of the address."""
        numbers = (f"{value:g}" for value in values_of(self.options))
        return urlencode(
            {_TRACK: self.audio_sha256, "name": _clean(self.name), "model": self.model}
            | dict(zip(_NUMBERS, numbers, strict=True))
        )


def read_link(parameters: Mapping[str, str]) -> ResultLink | None:
    """Read a page's query parameters.

    Parameters
    ----------
    parameters : mapping of str to str
        Untrusted; unknown ones are ignored.

    Returns
    -------
    ResultLink or None
        None where the address is the page's own.

    Raises
    ------
    InvalidOptionError
        The address has the parameter ``track`` but is no valid link.
    """
    if _TRACK not in parameters:
        return None
    audio_sha256, model = parameters[_TRACK], parameters.get("model", "")
    numbers = [parameters.get(name, "") for name in _NUMBERS]
    is_whole = _SHA256.fullmatch(audio_sha256) and 0 < len(model) <= _MAX_MODEL_CHARS
    if not is_whole or not all(_NUMBER.fullmatch(number) for number in numbers):
        raise InvalidOptionError(_DAMAGED)
    window_seconds, overlap, top_k, smoothing_seconds = map(float, numbers)
    if not top_k.is_integer():
        raise InvalidOptionError(_DAMAGED)
    options = options_of(window_seconds, overlap, top_k, smoothing_seconds)
    values_of(options)  # raises where the sliders cannot show them
    return ResultLink(audio_sha256, _clean(parameters.get("name", "")), model, options)


def _clean(name: str) -> str:
    """Drop control and direction characters and line ends from a name, and cut it to 120 characters."""
    return " ".join(printable(name, replacement="").split())[:_MAX_NAME_CHARS].strip() or _NAMELESS

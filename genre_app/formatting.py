"""Numbers and names as text for people."""

import os
import sys
import unicodedata
from collections.abc import Sequence
from io import TextIOWrapper
from typing import Final

_ZERO_WIDTH_JOINER: Final = "\u200d"  # joins emoji, and letters of Indic scripts
_END_KEPT: Final = 9  # characters at the end of a shortened name: its extension


def percent(score: float) -> str:
    """Format a probability without claiming certainty: ``87 %``, ``< 1 %``, ``> 99 %``."""
    if 0.0 < score < 0.005:
        return "< 1 %"
    if 0.995 < score < 1.0:
        return "> 99 %"
    return f"{score:.0%}".replace("%", " %")


def percents(scores: Sequence[float]) -> list[str]:
    """Format the probabilities of all alternatives: the numbers that are shown sum to 100, as the scores do to 1.

    What rounding down leaves over goes to the largest remainders (Hare and Niemeyer's method). Nothing unlikely becomes
    impossible, nor the likeliest certain: ``< 1 %``, ``> 99 %``.
    """
    hundredths = [100.0 * score for score in scores]
    whole = [int(value + 1e-9) for value in hundredths]
    by_remainder = sorted(range(len(scores)), key=lambda i: whole[i] - hundredths[i])
    for i in by_remainder[: max(0, round(sum(hundredths)) - sum(whole))]:
        whole[i] += 1
    return [_whole_percent(n, score) for n, score in zip(whole, scores, strict=True)]


def _whole_percent(n: int, score: float) -> str:
    if n == 0 and score > 0.0:
        return "< 1 %"
    return "> 99 %" if n == 100 and score < 1.0 else f"{n} %"


def clock(time_s: float) -> str:
    """Format a time as ``m:ss``, or ``h:mm:ss`` from an hour on."""
    minutes, seconds = divmod(int(time_s), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"


def roughly(duration_s: float) -> str:
    """Format an estimated duration: ``a few seconds``, ``about 40 seconds``, ``about 3 minutes``."""
    if duration_s < 10:
        return "a few seconds"
    if duration_s < 95:
        return f"about {10 * round(duration_s / 10)} seconds"
    minutes = round(duration_s / 60)
    return f"about {minutes} minutes" if minutes < 90 else f"about {round(minutes / 60)} hours"


def printable(text: str, *, replacement: str = "\N{REPLACEMENT CHARACTER}") -> str:
    """Replace the characters that cannot be shown in a line of text or encoded as UTF-8.

    Those are control characters, line ends, marks that change the direction of writing, and surrogates, as which Python
    holds the undecodable bytes of a file name. Spaces of any width stay.
    """
    return "".join(character if _is_shown(character) else replacement for character in text)


def output_takes_unicode() -> bool:
    """Return whether standard output can encode every character; if not, JSON is written with escapes."""
    return "utf" in (sys.stdout.encoding or "").lower()


def escape_what_cannot_be_encoded() -> None:
    """Let this process write characters that its terminal or log has no code for as escapes, instead of failing."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def short_name(path: str | os.PathLike[str], *, n_characters: int = 40) -> str:
    """Return a path's base name for a sentence: printable, and shortened in its middle where it is longer."""
    name = os.path.basename(os.path.normpath(os.fspath(path)))  # noqa: PTH119  Path() cannot hold every string
    name = printable(name, replacement="?")
    if len(name) > n_characters:
        name = f"{name[: n_characters - _END_KEPT - 1]}…{name[-_END_KEPT:]}"
    return name


def _is_shown(character: str) -> bool:
    return character.isprintable() or character == _ZERO_WIDTH_JOINER or unicodedata.category(character) == "Zs"

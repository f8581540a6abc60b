"""Finding a track by the name that somebody typed, and the names that may have been meant."""

import difflib
import re
import sys
from collections.abc import Sequence
from pathlib import PurePosixPath

from genre_app.formatting import printable


def tracks_called(name: str, tracks: Sequence[str]) -> list[str]:
    """Return the tracks that a name stands for: one, none, or several whose names look the same.

    Parameters
    ----------
    name : str
        The path in the collection, the file's own name with its control characters, or what this terminal shows
        of either.
    tracks : sequence of str
        Paths in the collection, without control characters.
    """
    if name in tracks:
        return [name]
    shown = printable(name)
    found = [track for track in tracks if shown in {track, _as_shown(track)}]
    # Names that differ only in what is not shown are numbered: `name_outputs` does that.
    numbered = re.compile(rf"{re.escape(shown)}-\d+")
    return found and [*found, *filter(numbered.fullmatch, tracks)]


def tracks_alike(name: str, tracks: Sequence[str], *, n: int = 3) -> list[str]:
    """Return the tracks whose path, or whose name alone, is spelt most like a name; the likest first."""
    shown = printable(name)
    spelt: dict[str, list[str]] = {}
    for track in tracks:
        for spelling in dict.fromkeys((track, PurePosixPath(track).name)):
            spelt.setdefault(spelling.casefold(), []).append(track)
    wanted = dict.fromkeys((shown.casefold(), PurePosixPath(shown).name.casefold()))
    close = [spelling for one in wanted for spelling in difflib.get_close_matches(one, spelt, n=n, cutoff=0.7)]
    return list(dict.fromkeys(track for spelling in close for track in spelt[spelling]))[:n]


def _as_shown(track: str) -> str:
    """Return a name as a terminal shows it that has no code for some of its characters."""
    encoding = sys.stdout.encoding or "utf-8"
    return track.encode(encoding, "backslashreplace").decode(encoding)

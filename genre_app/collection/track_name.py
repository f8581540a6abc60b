"""Finding a track by the name that somebody typed, and the names that may have been meant."""

import difflib
import re
import sys
from collections.abc import Sequence

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
    path = printable(name).casefold()
    last = path.rpartition("/")[2]
    by_path, by_last = dict[str, list[str]](), dict[str, list[str]]()
    for track in tracks:
        by_path.setdefault(track.casefold(), []).append(track)
        by_last.setdefault(track.casefold().rpartition("/")[2], []).append(track)
    if last in by_last:
        return by_last[last][:n]
    close = [by_path[one] for one in difflib.get_close_matches(path, by_path, n=n, cutoff=0.7)] if last != path else []
    close = close or [by_last[one] for one in difflib.get_close_matches(last, by_last, n=n, cutoff=0.7)]
    return [track for alike in close for track in alike][:n]


def _as_shown(track: str) -> str:
    """Return a name as a terminal shows it that has no code for some of its characters."""
    encoding = sys.stdout.encoding or "utf-8"
    return track.encode(encoding, "backslashreplace").decode(encoding)

"""What of a dropped folder does not come onto the list: no recordings, and what the browser cannot read."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Self

from genre_app.ui.many_tracks.row import base_name

#: More names are only counted; many_box.js sends no more than these.
MOST_NAMED: Final = 3


@dataclass(frozen=True, slots=True)
class Named:
    """Files or folders.

    Attributes
    ----------
    count : int
        All of them.
    names : tuple of str
        The first few.
    """

    count: int = 0
    names: tuple[str, ...] = ()

    @classmethod
    def of(cls, paths: Sequence[str], count: int) -> Self:
        """Name the first few of so many."""
        return cls(count, tuple(map(base_name, paths[:MOST_NAMED])))

    def __add__(self, others: Self) -> Self:
        """Return these and others."""
        return type(self)(self.count + others.count, (*self.names, *others.names)[:MOST_NAMED])

    def listed(self) -> str:
        """Name them as in a sentence, and count what is not named."""
        n_more = self.count - len(self.names)
        *heads, last = [*self.names, *([f"{n_more} more"] if n_more > 0 else [])]
        return f"{', '.join(heads)} and {last}" if heads else last


@dataclass(frozen=True, slots=True)
class Skipped:
    """What was skipped, by the reason.

    Attributes
    ----------
    no_recordings : Named
        Files of unknown kinds.
    unreadable : Named
        Folders, and files in them, that the browser cannot read, as it lacks the permission.
    """

    no_recordings: Named = Named()
    unreadable: Named = Named()

    def __add__(self, others: Self) -> Self:
        """Return these and others."""
        return type(self)(self.no_recordings + others.no_recordings, self.unreadable + others.unreadable)

    def in_words(self) -> str:
        """Say how many there are, which and why, in sentences that are not escaped; nothing if there are none."""
        return " ".join(filter(None, [_no_recordings(self.no_recordings), _unreadable(self.unreadable)]))


def _no_recordings(files: Named) -> str:
    if not files.count:
        return ""
    if files.count == 1:
        return f"1 file was skipped, as it is no recording: {files.listed()}."
    return f"{files.count} files were skipped, as they are no recordings: {files.listed()}."


def _unreadable(entries: Named) -> str:
    if not entries.count:
        return ""
    what = "it" if entries.count == 1 else "them"
    return f"Skipped, as the browser could not read {what}: {entries.listed()}."


NOTHING_SKIPPED: Final = Skipped()

"""What of a dropped folder does not come onto the list, because it is no recording."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import islice
from typing import Final, Self

#: More names are only counted; many_box.js sends no more than these.
MOST_NAMED: Final = 3


@dataclass(frozen=True, slots=True)
class Skipped:
    """Files of unknown kinds.

    Attributes
    ----------
    n_files : int
        All of them.
    names : tuple of str
        The first few.
    """

    n_files: int = 0
    names: tuple[str, ...] = ()

    def more(self, names: Iterable[str], n_files: int) -> Self:
        """Return these and the files of another folder."""
        together = tuple(islice((*self.names, *names), MOST_NAMED))
        return type(self)(self.n_files + n_files, together)

    def in_words(self) -> str:
        """Say how many there are, and which, in a sentence that is not escaped."""
        n_more = self.n_files - len(self.names)
        names = [*self.names, *([f"{n_more} more"] if n_more > 0 else [])]
        *heads, last = names
        listed = f"{', '.join(heads)} and {last}" if heads else last
        if self.n_files == 1:
            return f"1 file was skipped, as it is no recording: {listed}."
        return f"{self.n_files} files were skipped, as they are no recordings: {listed}."


NOTHING_SKIPPED: Final = Skipped()

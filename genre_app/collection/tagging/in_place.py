"""Tagging the tracks themselves."""

import os
import threading
from pathlib import Path
from typing import Final

from genre_app.collection.tagging.fields import TagOptions
from genre_app.collection.tagging.files import TagPlan, plan_tags
from genre_app.collection.tagging.undo import Change, UndoJournal
from genre_app.collection.tagging.wanted import Tags
from genre_app.errors import TaggingError
from genre_app.report import sweep_partial, temporary_beside

#: What is left of a run that was killed, beside the tracks, is older than this.
_LONGEST_WRITE_S: Final = 3600.0


class InPlaceTagger:
    """Tags tracks in place, one at a time, and notes how to undo it; thread-safe.

    At each moment the file is the old or the new version, whole; how to get from the new one to the old one is on the
    disk before the new one is in its place.

    Parameters
    ----------
    journal : UndoJournal
        Receives the changes.
    options : TagOptions
        What is written.
    """

    def __init__(self, journal: UndoJournal, options: TagOptions) -> None:
        self._journal = journal
        self._options = options
        self._done: set[Path] = set()
        self._swept: set[Path] = set()
        self._lock = threading.Lock()

    def tag(self, track: Path, tags: Tags, *, is_unchanged: bool) -> TagPlan | None:
        """Tag a track. Where it is a link, the file that it leads to is tagged, and the link stays.

        Parameters
        ----------
        track : Path
            The track.
        tags : Tags
            What is wanted.
        is_unchanged : bool
            Whether the file is the one that was analysed.

        Returns
        -------
        TagPlan or None
            What was written; None where the file says all of it already.

        Raises
        ------
        TaggingError
            The file does not take tags, or must not be changed.
        OSError
            It cannot be written.
        """
        path = track.resolve()
        with self._lock:
            if path in self._done:  # the collection has it under two names
                return None
            if not is_unchanged:
                raise TaggingError("it changed while it was analysed")
            check_changeable(path)
            plan = self._replace(path, tags)
            self._done.add(path)
            return plan

    def _replace(self, path: Path, tags: Tags) -> TagPlan | None:
        plan = plan_tags(path, tags, self._options)
        if not plan.changes:
            return None
        if path.parent not in self._swept:
            sweep_partial(path.parent, min_age_s=_LONGEST_WRITE_S, is_deep=False)
            self._swept.add(path.parent)
        with temporary_beside(path, like=path) as tagged:
            plan.write(tagged)
            self._journal.add(Change.between(path, tagged))
        return plan


def check_changeable(path: Path) -> None:
    """Refuse a file that must not, or cannot, be replaced by a tagged one.

    Raises
    ------
    TaggingError
        It has hard links, or it or its folder is protected.
    """
    if path.stat().st_nlink > 1:
        raise TaggingError("it has a second name (a hard link), from which it would part")
    if not os.access(path, os.W_OK):
        raise TaggingError("it is protected from changes")
    if not os.access(path.parent, os.W_OK):
        raise TaggingError("its folder is protected from changes")

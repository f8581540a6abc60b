"""Tagging for a dry run: everything that a run does, with a file that is thrown away in the place of its own."""

import tempfile
import threading
from pathlib import Path

from genre_app.collection.tagging.fields import TagOptions
from genre_app.collection.tagging.files import TagPlan, check_copy, plan_tags
from genre_app.collection.tagging.in_place import check_changeable
from genre_app.collection.tagging.wanted import Tags
from genre_app.errors import TaggingError


class Rehearsal:
    """Tries what a run would write; thread-safe.

    That a file's tags can be read does not say that it takes others: some damage shows only when they are written.

    Parameters
    ----------
    options : TagOptions
        What would be written.
    is_in_place : bool
        Whether the tracks themselves would be tagged, and not copies.
    """

    def __init__(self, options: TagOptions, *, is_in_place: bool) -> None:
        self._options = options
        self._is_in_place = is_in_place
        self._done: set[Path] = set()
        self._lock = threading.Lock()

    def tag(self, track: Path, tags: Tags, *, copy: Path | None) -> TagPlan | None:
        """Try to tag a track.

        Parameters
        ----------
        track : Path
            The track; it is only read.
        tags : Tags
            What is wanted.
        copy : Path or None
            Where its copy would be, if that is known.

        Returns
        -------
        TagPlan or None
            What would be written; None where the track says all of it already.

        Raises
        ------
        TaggingError
            The track does not take the tags, or that cannot be found out.
        """
        path = track.resolve()
        try:
            if self._is_in_place:
                if self._is_done(path):
                    return None
                check_changeable(path)
            elif copy:
                check_copy(copy, track)
            plan = plan_tags(track, tags, self._options)
        except OSError as error:
            raise TaggingError(f"it cannot be read ({error.strerror})") from error
        if not plan.changes:
            return None
        try:
            with tempfile.TemporaryDirectory() as folder:
                target = Path(folder) / f"tagged{track.suffix}"
                target.touch()
                plan.write(target)
        except OSError as error:
            raise TaggingError(f"whether it takes tags cannot be tried ({error.strerror})") from error
        return plan

    def _is_done(self, path: Path) -> bool:
        """Return whether the collection had the file under another name before."""
        with self._lock:
            is_done = path in self._done
            self._done.add(path)
        return is_done

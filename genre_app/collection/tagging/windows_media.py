"""Windows Media files: WMA."""

import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from mutagen.asf import ASF

from genre_app.collection.tagging.base import TaggedFile
from genre_app.collection.tagging.fields import Field, Values

_NAMES: Final[Mapping[Field, str]] = {
    "genre": "WM/Genre",
    "styles": "WM/Style",
    "moods": "WM/Mood",
    "tempo": "WM/BeatsPerMinute",
    "key": "WM/InitialKey",
}


class WindowsMediaFile(TaggedFile):
    """A Windows Media file.

    Parameters
    ----------
    path : Path
        The file.
    opened : mutagen.asf.ASF
        The same, as mutagen read it.
    """

    def __init__(self, path: Path, opened: ASF) -> None:
        super().__init__()
        self._path = path
        self.values = {field: tuple(str(value) for value in opened.get(name, [])) for field, name in _NAMES.items()}

    def write(self, target: Path, values: Values) -> None:
        """Write the attributes, one for each value."""
        shutil.copyfile(self._path, target)
        file = ASF(target)
        for field, strings in values.items():
            file[_NAMES[field]] = list(strings)
        file.save()

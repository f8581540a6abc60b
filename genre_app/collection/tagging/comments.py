"""Files with Vorbis comments: FLAC, and FLAC, Opus, Speex and Vorbis in Ogg."""

import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from mutagen import FileType

from genre_app.collection.tagging.base import TaggedFile
from genre_app.collection.tagging.fields import Field, Values
from genre_app.errors import TaggingError

#: The comments of a field, that which is written first; names count without case.
_NAMES: Final[Mapping[Field, tuple[str, ...]]] = {
    "genre": ("GENRE",),
    "styles": ("STYLE",),
    "moods": ("MOOD",),
    "tempo": ("BPM", "TEMPO"),
    "key": ("INITIALKEY", "KEY"),
}


class CommentedFile(TaggedFile):
    """A file with Vorbis comments.

    Parameters
    ----------
    path : Path
        The file.
    opened : mutagen.FileType
        The same, as mutagen read it.

    Raises
    ------
    TaggingError
        A comment is no Unicode: it would be lost.
    """

    def __init__(self, path: Path, opened: FileType) -> None:
        super().__init__()
        self._path = path
        self._kind = type(opened)
        comments: Any = opened.tags or {}
        if any("\N{REPLACEMENT CHARACTER}" in value for name in comments.keys() for value in comments[name]):  # noqa: SIM118
            raise TaggingError("one of its comments is not in UTF-8 and would be damaged")
        self.values = {field: _values(comments, names) for field, names in _NAMES.items()}
        with path.open("rb") as file:
            self._has_id3 = file.read(3) == b"ID3"

    def write(self, target: Path, values: Values) -> None:
        """Write the comments; an ID3 tag in front of a FLAC file is foreign to it and stays as it is."""
        shutil.copyfile(self._path, target)
        file = self._kind(target)
        if file.tags is None:
            file.add_tags()
        comments: Any = file.tags
        for field, strings in values.items():
            there = [name for name in _NAMES[field] if name in comments]
            for name in there or _NAMES[field][:1]:
                comments[name] = list(strings)
        file.save()
        if self._has_id3:
            self.remarks.append("It has an ID3 tag too, which FLAC files should not have: that stays as it was.")


def _values(comments: Any, names: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(value for name in names if name in comments for value in comments[name]))

"""The tags of a file of any kind: opening them, planning what changes, and writing a tagged copy."""

import io
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import mutagen
from mutagen.aiff import AIFF
from mutagen.asf import ASF
from mutagen.flac import FLAC
from mutagen.mp3 import MP3
from mutagen.mp4 import MP4
from mutagen.oggflac import OggFLAC
from mutagen.oggopus import OggOpus
from mutagen.oggspeex import OggSpeex
from mutagen.oggvorbis import OggVorbis
from mutagen.wave import WAVE

from genre_app.collection.tagging.atoms import AtomFile
from genre_app.collection.tagging.base import BoundedReader, TaggedFile
from genre_app.collection.tagging.chunks import ChunkedFile
from genre_app.collection.tagging.comments import CommentedFile
from genre_app.collection.tagging.fields import SEPARATOR, TagOptions, Values, merged
from genre_app.collection.tagging.mp3 import Mp3File
from genre_app.collection.tagging.wanted import Tags
from genre_app.collection.tagging.windows_media import WindowsMediaFile
from genre_app.errors import TaggingError
from genre_app.report import temporary_beside

#: Formats that have tags which music players read, by the extensions that are usual for them.
TAGGED_EXTENSIONS: Final = (
    *(".mp3", ".m4a", ".m4b", ".m4r", ".mp4", ".flac", ".ogg", ".oga", ".opus", ".spx"),
    *(".wav", ".bwf", ".aif", ".aiff", ".aifc", ".wma", ".asf"),
)
#: More than any cover picture takes.
_MAX_MB: Final = 256
_KINDS: Final = (MP3, MP4, FLAC, OggFLAC, OggOpus, OggSpeex, OggVorbis, WAVE, AIFF, ASF)


def can_be_tagged(name: str) -> bool:
    """Return whether tags can be written to files with this extension."""
    return name.lower().endswith(TAGGED_EXTENSIONS)


def open_tags(path: Path, separator: str = SEPARATOR, *, max_mb: int = _MAX_MB) -> TaggedFile:
    """Read the tags of a file; what kind it is says its content.

    Parameters
    ----------
    path : Path
        The file.
    separator : str
        As in `TagOptions`.
    max_mb : int
        Larger tags are not read.

    Raises
    ------
    TaggingError
        It is of no kind that takes tags, or its tags are damaged.
    OSError
        It cannot be read.
    """
    try:
        with io.BufferedReader(BoundedReader(path, max_mb * 1_000_000)) as bounded:
            opened: Any = mutagen.File(bounded, options=_KINDS)
        if isinstance(opened, MP3):
            return Mp3File(path, separator)
        if isinstance(opened, WAVE | AIFF):
            return ChunkedFile(path, separator)
        if isinstance(opened, MP4):
            return AtomFile(path, opened)
        if isinstance(opened, ASF):
            return WindowsMediaFile(path, opened)
        if opened is not None:
            return CommentedFile(path, opened)
    except mutagen.MutagenError as error:
        raise TaggingError("its tags cannot be read") from error
    raise TaggingError("it is of no kind that takes tags here")


def file_genres(path: Path, *, max_mb: int = _MAX_MB) -> tuple[str, ...] | None:
    """Return the genres that a file carries; None where its tags cannot be read, or are larger than so much."""
    try:
        return open_tags(path, max_mb=max_mb).values["genre"]
    except (TaggingError, OSError):
        return None
    except Exception:  # noqa: BLE001 - a foreign file finds every gap in a parser, and the answer needs no tags
        return None


@dataclass(frozen=True, slots=True)
class TagPlan:
    """What is to be written into a file.

    Attributes
    ----------
    file : TaggedFile
        The file as it is.
    changes : mapping of str to tuple of str
        New values of the fields that change; empty where the file says all of it already.
    """

    file: TaggedFile
    changes: Values

    @property
    def remarks(self) -> list[str]:
        """Sentences on what the file's tags cannot say, known after `write`."""
        return self.file.remarks

    def write(self, target: Path) -> None:
        """Write the tagged file to an existing `target`.

        Raises
        ------
        TaggingError
            The file does not take the tags.
        OSError
            The target cannot be written.
        """
        try:
            self.file.write(target, self.changes)
        except mutagen.MutagenError as error:
            raise TaggingError("its tags cannot be written") from error


def plan_tags(path: Path, tags: Tags, options: TagOptions) -> TagPlan:
    """Compare what a file says with what is wanted; nothing is written.

    Raises
    ------
    TaggingError
        The file does not take tags.
    OSError
        It cannot be read.
    """
    file = open_tags(path, options.separator)
    after = {
        field: merged(field, file.values[field], wanted, options.existing)
        for field, wanted in tags.values(options.fields).items()
    }
    return TagPlan(file, {field: strings for field, strings in after.items() if strings != file.values[field]})


def check_copy(target: Path, source: Path) -> None:
    """Refuse a copy in the original's place.

    Raises
    ------
    TaggingError
        The target is the original.
    """
    if target.exists() and target.samefile(source):
        raise TaggingError("its copy would take the original's place")


def write_tagged_copy(target: Path, source: Path, tags: Tags, options: TagOptions) -> TagPlan | None:
    """Copy a track and tag the copy; the original is only read.

    Returns
    -------
    TagPlan or None
        What was written; None where the track says all of it already, and the copy is equal.

    Raises
    ------
    TaggingError
        The track does not take tags, or the target is the original.
    OSError
        The copy cannot be written.
    """
    check_copy(target, source)
    plan = plan_tags(source, tags, options)
    with temporary_beside(target) as copy:
        if plan.changes:
            plan.write(copy)
            return plan
        shutil.copyfile(source, copy)
    return None

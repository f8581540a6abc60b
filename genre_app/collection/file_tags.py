"""Genre, tempo and key as tags in copies of audio files."""

import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import mutagen
from mutagen.flac import FLAC
from mutagen.id3 import TBPM, TCON, TKEY
from mutagen.mp3 import MP3
from mutagen.mp4 import MP4, MP4FreeForm
from mutagen.oggflac import OggFLAC
from mutagen.oggopus import OggOpus
from mutagen.oggvorbis import OggVorbis

from genre_app.errors import TaggingError
from genre_app.genres import display_name
from genre_app.report import temporary_beside
from genre_app.results.schema import ClassificationResult

#: Formats whose tags are standard across music players.
TAGGED_EXTENSIONS: Final = (".mp3", ".m4a", ".m4b", ".flac", ".ogg", ".oga", ".opus")
_FORMATS: Final = (MP3, MP4, FLAC, OggFLAC, OggOpus, OggVorbis)
_MP4_KEY: Final = "----:com.apple.iTunes:initialkey"


@dataclass(frozen=True, slots=True)
class Tags:
    """The tags to write: genre, and tempo and key where known.

    Attributes
    ----------
    genre : str
        Display name.
    bpm : int or None
        Beats a minute.
    key : str or None
        In the notation of DJ software, such as ``"F#m"``.
    """

    genre: str
    bpm: int | None = None
    key: str | None = None

    def __str__(self) -> str:
        tempo = [f"{self.bpm} bpm"] if self.bpm else []
        return ", ".join([f"genre {self.genre}", *tempo, *([f"key {self.key}"] if self.key else [])])


def tags_for(result: ClassificationResult) -> Tags | None:
    """Return the tags for a result; None unless the verdict is confident."""
    if result.verdict.kind != "confident":
        return None
    facts = result.facts
    return Tags(
        genre=display_name(result.predicted_genre),
        bpm=round(facts.tempo_bpm) if facts and facts.tempo_bpm else None,
        key=_short_key(facts.key) if facts and facts.key else None,
    )


def can_be_tagged(name: str) -> bool:
    """Return whether tags can be written to files with this extension."""
    return name.lower().endswith(TAGGED_EXTENSIONS)


def write_tagged_copy(target: Path, source: Path, tags: Tags) -> None:
    """Copy a track and tag the copy; other tags and pictures are kept, and the original is only read.

    Raises
    ------
    TaggingError
        The file does not match its extension, its tags are damaged, or the target is the original.
    OSError
        The copy cannot be written.
    """
    if target.exists() and target.samefile(source):
        raise TaggingError("It was not tagged: its copy would take the original's place.")
    with temporary_beside(target) as copy:
        shutil.copyfile(source, copy)
        try:
            _tag(copy, tags)
        except mutagen.MutagenError as error:
            raise TaggingError("It was not tagged: its tags cannot be read.") from error


def _tag(path: Path, tags: Tags) -> None:
    file = mutagen.File(path, options=_FORMATS)
    if file is None:
        raise TaggingError("It was not tagged: it is no MP3, M4A, FLAC, Ogg Vorbis or Opus file.")
    if file.tags is None:
        file.add_tags()
    if isinstance(file, MP3):
        _tag_mp3(file, tags)
    elif isinstance(file, MP4):
        _tag_mp4(file, tags)
    else:
        named = {"genre": tags.genre, "bpm": tags.bpm and str(tags.bpm), "initialkey": tags.key}
        file.update({name: [value] for name, value in named.items() if value})
        file.save()


def _tag_mp3(file: MP3, tags: Tags) -> None:
    """Write ID3 frames; version 2.3 is kept where the file has it, because older players read no other."""
    id3: Any = file.tags
    id3.setall("TCON", [TCON(encoding=3, text=[tags.genre])])
    if tags.bpm:
        id3.setall("TBPM", [TBPM(encoding=3, text=[str(tags.bpm)])])
    if tags.key:
        id3.setall("TKEY", [TKEY(encoding=3, text=[tags.key])])
    file.save(v2_version=3 if id3.version[:2] == (2, 3) else 4)


def _tag_mp4(file: MP4, tags: Tags) -> None:
    atoms: Any = file.tags
    atoms.pop("gnre", None)  # numeric genre, which some players prefer to the text
    atoms["\xa9gen"] = [tags.genre]
    if tags.bpm:
        atoms["tmpo"] = [tags.bpm]
    if tags.key:
        atoms[_MP4_KEY] = [MP4FreeForm(tags.key.encode())]
    file.save()


def _short_key(key: str) -> str:
    tonic, _, mode = key.partition(" ")
    return f"{tonic}m" if mode == "minor" else tonic

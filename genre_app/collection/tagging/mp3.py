"""MP3 files, whose tags may be three at once: ID3v2 in front, APEv2 and ID3v1 behind, which say the same afterwards."""

from pathlib import Path
from typing import BinaryIO, Final

from mutagen.id3 import TCON

from genre_app.collection.tagging.ape_tag import FOOTER_BYTES, ApeTag, ape_length, read_ape
from genre_app.collection.tagging.base import TaggedFile, write_pieces
from genre_app.collection.tagging.fields import FIELDS, Values, said
from genre_app.collection.tagging.id3_fields import id3_values, with_id3_values
from genre_app.collection.tagging.id3_tag import HEADER_BYTES, read_id3, tag_length
from genre_app.genres import canonical

_V1_BYTES: Final = 128
_V1_GENRES: Final[tuple[str, ...]] = tuple(TCON.GENRES)
_V1_NUMBERS: Final = {canonical(genre): number for number, genre in enumerate(_V1_GENRES)}
#: A tag that is said to be longer is not one.
_MAX_APE_BYTES: Final = 16_000_000
#: Lyrics3v2 stands between APEv2 and ID3v1: six digits of its length, and this.
_LYRICS_END: Final = b"LYRICS200"
_LYRICS_LENGTH_BYTES: Final = 6


class Mp3File(TaggedFile):
    """An MP3 file.

    Parameters
    ----------
    path : Path
        The file.
    separator : str
        Between the values of a field in ID3v2.2 and 2.3.

    Raises
    ------
    TaggingError
        A tag is damaged.
    """

    def __init__(self, path: Path, separator: str) -> None:
        super().__init__()
        self._path = path
        self._separator = separator
        with path.open("rb") as file:
            self._id3 = read_id3(_start_of(file))
            self._n_bytes = file.seek(0, 2)
            self._v1 = _read_before(file, self._n_bytes, _V1_BYTES)
            if not self._v1.startswith(b"TAG"):
                self._v1 = b""
            self._ape_stop, self._ape = _find_ape(file, self._n_bytes - len(self._v1))
        self.values = self._values()

    def write(self, target: Path, values: Values) -> None:
        """Write the same into each tag that the file has, and into an ID3v2 tag where it has none."""
        id3 = bytes(with_id3_values(self._id3, values, self._separator))
        ape = bytes(self._ape.with_values(values)) if self._ape else b""
        ape_start = self._ape_stop - (self._ape.n_bytes if self._ape else 0)
        sound, rest = (self._id3.n_bytes, ape_start), (self._ape_stop, self._n_bytes - len(self._v1))
        write_pieces(self._path, target, [id3, sound, ape, rest, self._v1_with(values)])

    def _values(self) -> Values:
        """Return what the first tag says that says something: ID3v2, then APEv2, then ID3v1."""
        tags = [id3_values(self._id3, self._separator), *([self._ape.values] if self._ape else [])]
        if self._v1 and self._v1[-1] < len(_V1_GENRES):
            tags.append({"genre": (_V1_GENRES[self._v1[-1]],)})
        return {
            field: next((tag[field] for tag in tags if said(field, tag.get(field, ()))), tags[0][field])
            for field in FIELDS
        }

    def _v1_with(self, values: Values) -> bytes:
        """Return the ID3v1 tag with the first genre that has a number there."""
        if not self._v1 or "genre" not in values:
            return self._v1
        numbers = [_V1_NUMBERS[name] for genre in values["genre"] if (name := canonical(genre)) in _V1_NUMBERS]
        if numbers:
            return self._v1[:-1] + bytes(numbers[:1])
        says = _V1_GENRES[self._v1[-1]] if self._v1[-1] < len(_V1_GENRES) else "no genre"
        self.remarks.append(f"Its ID3v1 tag still says {says}: it has no number for {', '.join(values['genre'])}.")
        return self._v1


def _start_of(file: BinaryIO) -> bytes:
    """Read the ID3v2 tag, or the header where there is none."""
    header = file.read(HEADER_BYTES)
    return header + file.read(max(0, tag_length(header) - HEADER_BYTES))


def _find_ape(file: BinaryIO, stop: int) -> tuple[int, ApeTag | None]:
    """Find the APEv2 tag before `stop`, or before the lyrics that end there; return where it ends, and the tag."""
    lyrics = _read_before(file, stop, _LYRICS_LENGTH_BYTES + len(_LYRICS_END))
    length = lyrics[:_LYRICS_LENGTH_BYTES]
    ends = [stop]
    if lyrics.endswith(_LYRICS_END) and length.isdigit():
        ends.append(stop - len(lyrics) - int(length))
    for end in ends:
        n_bytes = ape_length(_read_before(file, end, FOOTER_BYTES))
        if 0 < n_bytes <= _MAX_APE_BYTES:
            return end, read_ape(_read_before(file, end, n_bytes))
    return stop, None


def _read_before(file: BinaryIO, stop: int, n_bytes: int) -> bytes:
    start = max(0, stop - n_bytes)
    file.seek(start)
    return file.read(max(0, stop - start))

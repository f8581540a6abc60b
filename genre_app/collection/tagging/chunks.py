"""WAV and AIFF files: chunks, one of which holds an ID3v2 tag, and in WAV another one a list of facts (RIFF INFO)."""

from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final, Literal

from genre_app.collection.tagging.base import Piece, TaggedFile, write_pieces
from genre_app.collection.tagging.fields import Values, said
from genre_app.collection.tagging.id3_fields import id3_values, with_id3_values
from genre_app.collection.tagging.id3_tag import Id3Tag, read_id3
from genre_app.collection.tagging.riff_info import LIST_TYPE, RiffInfo, read_info
from genre_app.errors import TaggingError

_FORM_BYTES, _HEADER_BYTES = 12, 8
#: A longer list is none of facts, but of samples or regions.
_MAX_INFO_BYTES: Final = 1_000_000
_MAX_BYTES: Final = (1 << 32) - 1


@dataclass(frozen=True, slots=True)
class _Chunk:
    """A chunk: its name, and where its header starts and its content stops, without the byte that pads it."""

    name: bytes
    start: int
    stop: int

    @property
    def n_bytes(self) -> int:
        """Length with the header."""
        return self.stop - self.start

    def content(self, file: BinaryIO) -> bytes:
        """Read the content."""
        file.seek(self.start + _HEADER_BYTES)
        return file.read(self.stop - self.start - _HEADER_BYTES)


class ChunkedFile(TaggedFile):
    """A WAV or AIFF file.

    Parameters
    ----------
    path : Path
        The file.
    separator : str
        Between the values of a field in RIFF INFO, ID3v2.2 and 2.3.

    Raises
    ------
    TaggingError
        The file is cut off, or a tag is damaged.
    """

    def __init__(self, path: Path, separator: str) -> None:
        super().__init__()
        self._path = path
        self._separator = separator
        self._id3, self._info = Id3Tag(), RiffInfo()
        self._id3_chunk: _Chunk | None = None
        self._info_chunk: _Chunk | None = None
        with path.open("rb") as file:
            form = file.read(_FORM_BYTES)
            self._is_riff = form.startswith(b"RIFF")
            self._order: Literal["little", "big"] = "little" if self._is_riff else "big"
            self._n_bytes = file.seek(0, 2)
            self._stop = min(_HEADER_BYTES + int.from_bytes(form[4:8], self._order), self._n_bytes)
            self._chunks = self._read_chunks(file)
            self._read_tags(file)
        self.values = self._values()

    def write(self, target: Path, values: Values) -> None:
        """Write all fields into the ID3v2 tag, and the genre into RIFF INFO too."""
        new: dict[_Chunk | None, bytes] = {}
        if self._is_riff and "genre" in values:
            info = self._info.with_genre(self._separator.join(values["genre"]))
            new[self._info_chunk] = self._chunk(b"LIST", bytes(info))
        id3 = self._chunk(
            self._id3_chunk.name if self._id3_chunk else b"id3 " if self._is_riff else b"ID3 ",
            bytes(with_id3_values(self._id3, values, self._separator)),
        )
        new[self._id3_chunk] = new.get(self._id3_chunk, b"") + id3  # what has no chunk yet comes last
        pieces: list[Piece] = [new.get(chunk) or self._whole(chunk) for chunk in self._chunks]
        pieces.append(new.get(None, b""))
        size = 4 + sum(len(piece) if isinstance(piece, bytes) else piece[1] - piece[0] for piece in pieces)
        if size > _MAX_BYTES:
            raise TaggingError("it would be longer than 4 GB, which its format cannot be")
        form: list[Piece] = [(0, 4), size.to_bytes(4, self._order), (_HEADER_BYTES, _FORM_BYTES)]
        write_pieces(self._path, target, [*form, *pieces, (self._stop, self._n_bytes)])

    def _read_chunks(self, file: BinaryIO) -> list[_Chunk]:
        chunks, place = [], _FORM_BYTES
        while place + _HEADER_BYTES <= self._stop:
            file.seek(place)
            header = file.read(_HEADER_BYTES)
            stop = place + _HEADER_BYTES + int.from_bytes(header[4:], self._order)
            if stop > self._stop:
                raise TaggingError("it is cut off, or its header was never finished")
            chunks.append(_Chunk(header[:4], place, stop))
            place = self._padded(stop, place)
        if place < self._stop:
            raise TaggingError("its chunks are damaged")
        return chunks

    def _read_tags(self, file: BinaryIO) -> None:
        for chunk in self._chunks:
            if chunk.name.lower() == b"id3 " and self._id3_chunk is None:
                self._id3_chunk, self._id3 = chunk, read_id3(chunk.content(file))
            elif chunk.name == b"LIST" and self._is_riff and chunk.n_bytes <= _MAX_INFO_BYTES and not self._info_chunk:
                content = chunk.content(file)
                if content.startswith(LIST_TYPE):
                    self._info_chunk, self._info = chunk, read_info(content)

    def _values(self) -> Values:
        values = id3_values(self._id3, self._separator)
        if said("genre", values["genre"]) or not self._info.genre:
            return values
        return {**values, "genre": tuple(self._info.genre.split(self._separator))}

    def _whole(self, chunk: _Chunk) -> tuple[int, int]:
        """Return start and stop with header and padding."""
        return chunk.start, min(self._padded(chunk.stop, chunk.start), self._stop)

    def _chunk(self, name: bytes, content: bytes) -> bytes:
        return name + len(content).to_bytes(4, self._order) + content + bytes(len(content) % 2)

    @staticmethod
    def _padded(stop: int, start: int) -> int:
        return stop + (stop - start) % 2

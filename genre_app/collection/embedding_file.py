"""The file in an output folder that says what its tracks sound like; it only ever grows by whole rows.

``.genre-app-embeddings.bin`` begins with `_HEADER_BYTES` of JSON, padded with spaces, that name the model. Then come
rows of equal size, little-endian, one for each finished track: BLAKE2 of its path in the collection (16 bytes), its
length in seconds (float32), the course of its loudness (64 bytes), its embedding (float16), and CRC-32 of all that; for
a track without sound, zeros. Of a track that was done twice the last row counts. A row that a killed process left
unfinished is cut off.
"""

import errno
import hashlib
import json
import os
import threading
import zlib
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ValidationError

from genre_app.collection.embedding_table import NO_EMBEDDINGS, EmbeddingTable
from genre_app.errors import OutputError
from genre_app.formatting import printable
from genre_app.results.embedding import COURSE_POINTS, TrackEmbedding
from genre_app.results.model_info import ModelInfo

EMBEDDINGS_NAME: Final = ".genre-app-embeddings.bin"
_HEADER_BYTES: Final = 512
_FORMAT: Final = "genre_app embeddings 1"
_KEY_BYTES: Final = 16
_CHECK_BYTES: Final = 4


class EmbeddingModel(BaseModel, frozen=True):
    """The model whose embeddings a file holds: those of others cannot be compared with them."""

    format: str = _FORMAT
    model: str
    revision: str
    n_dimensions: int

    @classmethod
    def of(cls, info: ModelInfo) -> "EmbeddingModel":
        """Describe a loaded model."""
        return cls(model=info.name, revision=info.revision, n_dimensions=info.n_dimensions)

    @property
    def row_type(self) -> np.dtype[np.void]:
        """What a row holds."""
        return np.dtype(
            [
                ("key", f"V{_KEY_BYTES}"),
                ("duration_s", "<f4"),
                ("course", "u1", (COURSE_POINTS,)),
                ("vector", "<f2", (self.n_dimensions,)),
                ("check", "<u4"),
            ]
        )

    def header(self) -> bytes:
        """Return the file's first bytes."""
        return self.model_dump_json().encode().ljust(_HEADER_BYTES - 1) + b"\n"


class EmbeddingFile:
    """Appends the embeddings of finished tracks; thread-safe.

    Parameters
    ----------
    folder : Path
        The output folder.
    model : EmbeddingModel
        The model of the run; rows of another one are dropped.

    Raises
    ------
    OutputError
        The folder is not writable.
    """

    def __init__(self, folder: Path, model: EmbeddingModel) -> None:
        self._path = folder / EMBEDDINGS_NAME
        self._model = model
        self._lock = threading.Lock()
        try:
            if model_of(folder) == model:
                self._cut_off_unfinished()
            else:
                self._path.write_bytes(model.header())
            self._keys = frozenset(key.tobytes() for key in _read_rows(self._path, model)["key"])
        except OSError as error:
            raise self._not_writable(error) from error

    def had(self, track: str) -> bool:
        """Return whether there was a row of a track when the file was opened."""
        return _key_of(track) in self._keys

    def append(self, track: str, embedding: TrackEmbedding | None) -> None:
        """Add a track's row, all of it or nothing.

        Parameters
        ----------
        track : str
            Its path in the collection.
        embedding : TrackEmbedding or None
            None for a track without sound.

        Raises
        ------
        OutputError
            The disk is full, or the file cannot be written to.
        """
        row = _packed(self._model, track, embedding)
        try:
            with self._lock, self._path.open("ab", buffering=0) as file:
                n_bytes = file.tell()
                if file.write(row) != len(row):  # the disk is full: later rows must begin where one ends
                    file.truncate(n_bytes)
                    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        except OSError as error:
            raise self._not_writable(error) from error

    def _not_writable(self, error: OSError) -> OutputError:
        return OutputError(f"{printable(str(self._path))} cannot be written: {error.strerror}.")

    def _cut_off_unfinished(self) -> None:
        n_bytes = self._path.stat().st_size
        os.truncate(self._path, n_bytes - (n_bytes - _HEADER_BYTES) % self._model.row_type.itemsize)


def model_of(folder: Path) -> EmbeddingModel | None:
    """Return whose embeddings an output folder holds; None where there are none that can be read."""
    try:
        with (folder / EMBEDDINGS_NAME).open("rb") as file:
            header = file.read(_HEADER_BYTES)
        model = EmbeddingModel.model_validate(json.loads(header))
    except (OSError, ValueError, ValidationError):
        return None
    return model if len(header) == _HEADER_BYTES and model.format == _FORMAT and model.n_dimensions > 0 else None


def read_embeddings(folder: Path, tracks: Iterable[str]) -> EmbeddingTable:
    """Read the embeddings of an output folder's tracks.

    Parameters
    ----------
    folder : Path
        The output folder.
    tracks : iterable of str
        Their paths in the collection, in the order that is wanted; those without an embedding are left out.
    """
    model = model_of(folder)
    if model is None:
        return NO_EMBEDDINGS
    rows = _read_rows(folder / EMBEDDINGS_NAME, model)
    # Of a track that was done twice the last row counts, and only then whether it has sound.
    last = {key.tobytes(): place for place, key in enumerate(rows["key"])}
    place_of = {key: place for key, place in last.items() if rows["vector"][place].any()}
    places = {track: place for track in tracks if (place := place_of.get(_key_of(track))) is not None}
    if not places:
        return NO_EMBEDDINGS
    found = rows[list(places.values())]
    vectors = found["vector"].astype(np.float32)
    return EmbeddingTable(
        tracks=tuple(places),
        vectors=vectors / np.linalg.norm(vectors, axis=1, keepdims=True),  # half precision shortens or lengthens them
        durations_s=found["duration_s"].astype(np.float32),
        courses=np.ascontiguousarray(found["course"]),
    )


def _read_rows(path: Path, model: EmbeddingModel) -> NDArray[Any]:
    """Read the rows that are whole."""
    data = path.read_bytes()[_HEADER_BYTES:]
    size = model.row_type.itemsize
    rows = np.frombuffer(data, model.row_type, count=len(data) // size)
    body = size - _CHECK_BYTES
    checks = [zlib.crc32(data[first : first + body]) for first in range(0, len(rows) * size, size)]
    whole: NDArray[Any] = rows[rows["check"] == np.array(checks, np.uint32)]
    return whole


def _packed(model: EmbeddingModel, track: str, embedding: TrackEmbedding | None) -> bytes:
    row = np.zeros(1, model.row_type)
    row["key"] = np.void(_key_of(track))
    if embedding:
        row["duration_s"] = embedding.duration_s
        row["course"] = embedding.course
        row["vector"] = embedding.vector
    row["check"] = zlib.crc32(row.tobytes()[:-_CHECK_BYTES])
    return row.tobytes()


def _key_of(track: str) -> bytes:
    return hashlib.blake2b(track.encode(), digest_size=_KEY_BYTES).digest()

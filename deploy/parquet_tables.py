"""The two tables that a run over a library writes: a row for each track, and a row for each window."""

import json
from dataclasses import dataclass
from typing import Any, Final

import fsspec
import pyarrow as pa
import pyarrow.parquet as pq

from genre_app.collection.record import TrackRecord
from genre_app.report.formats import to_json
from genre_app.results.schema import ClassificationResult

#: ``result`` is the whole result, as the app saves it; null where the track failed and ``sentence`` says why.
TRACKS: Final = pa.schema(
    {
        "track": pa.string(),
        "audio_sha256": pa.string(),
        "status": pa.string(),
        "sentence": pa.string(),
        "genre": pa.string(),
        "confidence": pa.float64(),
        "duration_seconds": pa.float64(),
        "tempo_bpm": pa.float64(),
        "key": pa.string(),
        "styles": pa.list_(pa.string()),
        "warnings": pa.list_(pa.string()),
        "result": pa.string(),
    }
)
WINDOWS: Final = pa.schema(
    {
        "track": pa.string(),
        "chunk_index": pa.int32(),
        "start": pa.float64(),
        "end": pa.float64(),
        "duration": pa.float64(),
        "top_genre": pa.string(),
        "confidence": pa.float64(),
        "scores": pa.list_(pa.struct({"genre": pa.string(), "score": pa.float64()})),
        "is_silent": pa.bool_(),
        "sound": pa.string(),
        "styles": pa.list_(pa.struct({"style": pa.string(), "score": pa.float64()})),
    }
)


def row_of(track: str, audio_sha256: str, result: ClassificationResult) -> dict[str, Any]:
    """Return a track's row of the first table."""
    summary = TrackRecord.of(track, result).model_dump()
    return {**_known(summary), "audio_sha256": audio_sha256, "result": to_json(result, indent=None)}


def row_of_failure(track: str, reason: str) -> dict[str, Any]:
    """Return the row of a track that failed."""
    return _known(TrackRecord.failure(track, reason).model_dump())


def _known(summary: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in summary.items() if name in TRACKS.names}


@dataclass(frozen=True, slots=True)
class Tables:
    """The folders ``tracks`` and ``windows`` of an output address; a file of the second belongs to one of the first.

    Attributes
    ----------
    address : str
        A folder, or anything that fsspec knows: ``s3://bucket/genres``.
    """

    address: str

    @property
    def tracks(self) -> str:
        """Address of the first table."""
        return f"{self.address.rstrip('/')}/tracks"

    @property
    def windows(self) -> str:
        """Address of the second table."""
        return f"{self.address.rstrip('/')}/windows"

    def tracks_done(self) -> dict[str, bool]:
        """Return which tracks are in the first table, and whether each succeeded.

        A file that is cut off, as a killed run leaves it, is removed: its tracks count as not done.
        """
        files = _filesystem(self.tracks)
        done: dict[str, bool] = {}
        for name in _names(self.tracks):
            try:
                with files.open(f"{self.tracks}/{name}", "rb") as file:
                    table = pq.read_table(file, columns=["track", "status"])
            except (pa.ArrowInvalid, OSError):
                files.rm(f"{self.tracks}/{name}")
                continue
            statuses = table["status"].to_pylist()
            done |= {
                track: status != "failed" for track, status in zip(table["track"].to_pylist(), statuses, strict=True)
            }
        return done

    def without_windows(self) -> list[str]:
        """Name the files of the first table that have no counterpart in the second."""
        return sorted(_names(self.tracks) - _names(self.windows))

    def write_windows(self, name: str) -> None:
        """Write the windows of the tracks in one file of the first table."""
        files = _filesystem(self.windows)
        with files.open(f"{self.tracks}/{name}", "rb") as file:
            table = pq.read_table(file, columns=["track", "result"])
        rows = [
            {"track": track, **chunk}
            for track, result in zip(table["track"].to_pylist(), table["result"].to_pylist(), strict=True)
            for chunk in (json.loads(result)["chunk_predictions"] if result else [])
        ]
        files.makedirs(self.windows, exist_ok=True)
        # Under another name until it is whole: a killed run must not leave half a file that looks finished.
        with files.open(f"{self.windows}/{name}.part", "wb") as file:
            pq.write_table(pa.Table.from_pylist(rows, WINDOWS), file)
        files.mv(f"{self.windows}/{name}.part", f"{self.windows}/{name}")


def _filesystem(address: str) -> fsspec.AbstractFileSystem:
    return fsspec.core.url_to_fs(address)[0]


def _names(folder: str) -> set[str]:
    files, path = fsspec.core.url_to_fs(folder)
    found = files.ls(path, detail=False) if files.exists(path) else []
    return {name for name in (file.rpartition("/")[2] for file in found) if name.endswith(".parquet")}

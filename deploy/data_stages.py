"""The stages of a run over a library: decode on any core, score where the models are."""

import tempfile
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path, PurePosixPath
from typing import Any, Final

import fsspec
import numpy as np
import pyarrow as pa

from deploy.parquet_tables import TRACKS, row_of, row_of_failure
from genre_app.audio.resampling import Tap
from genre_app.audio.worker_pool import WorkerPool
from genre_app.errors import GenreAppError
from genre_app.formatting import printable
from genre_app.inference.hashed_file import HashedFile
from genre_app.inference.running_model import run_here
from genre_app.inference.track_scorer import TrackScorer
from genre_app.inference.waiting_line import WaitingLine
from genre_app.music.facts import SAMPLE_RATE_HZ, MiddleExcerpt, compute_facts
from genre_app.results.build import build_result
from genre_app.results.schema import SliceOptions, TrackFacts
from genre_app.settings import Settings

#: Between the stages. The samples travel as bytes: mono float32 at the model's rate.
DECODED: Final = pa.schema(
    {
        "track": pa.string(),
        "audio_sha256": pa.string(),
        "source_rate_hz": pa.int32(),
        "warnings": pa.list_(pa.string()),
        "facts": pa.string(),
        "samples": pa.large_binary(),
        "failure": pa.string(),
    }
)
#: Tracks that a scoring worker works on at once: while one waits for the model, others are cut into patches.
TRACKS_AT_ONCE: Final = 4


class Decode:
    """Fetches and decodes tracks; one file that cannot be used is a row with a reason.

    A process of its own decodes: a file that kills it costs one track, and not this worker.

    Parameters
    ----------
    source : str
        Address that the tracks' paths are relative to.
    sample_rate_hz : int
        Of the model.
    max_minutes : float
        Longest track to accept.
    with_facts : bool
        Whether tempo, key and chords are found.
    """

    def __init__(self, source: str, sample_rate_hz: int, *, max_minutes: float, with_facts: bool) -> None:
        self._source = source
        self._sample_rate_hz = sample_rate_hz
        self._with_facts = with_facts
        self._decoder = WorkerPool(1, max_minutes=max_minutes)

    def __call__(self, batch: pa.Table) -> pa.Table:
        """Decode tracks: ``track`` in, `DECODED` out."""
        return pa.Table.from_pylist([self._decoded(track) for track in batch["track"].to_pylist()], DECODED)

    def _decoded(self, track: str) -> dict[str, Any]:
        try:
            with _on_this_machine(self._source, track) as path:
                return {"track": track, **self._read(path)}
        except GenreAppError as error:
            return {"track": track, "failure": printable(error.about(PurePosixPath(track).name))}
        except Exception as error:  # noqa: BLE001 - one bad file must not end a run over millions
            what = printable(f"{type(error).__name__}: {error}")
            return {"track": track, "failure": f"Something unexpected went wrong ({what})."}

    def _read(self, path: Path) -> dict[str, Any]:
        cancel = threading.Event()
        excerpt = MiddleExcerpt()
        tap = Tap(SAMPLE_RATE_HZ, excerpt.take) if self._with_facts else None
        file = HashedFile.of(path)
        with self._decoder.open(path, self._sample_rate_hz, cancel=cancel, tap=tap) as stream:
            excerpt.duration_s = stream.info.duration_s
            samples = np.concatenate([np.zeros(0, np.float32), *stream])
            facts = compute_facts(excerpt.finish()).model_dump_json() if self._with_facts else None
            file.check()
            return {
                "audio_sha256": file.audio_sha256,
                "source_rate_hz": stream.info.sample_rate_hz,
                "warnings": stream.warnings,
                "facts": facts,
                "samples": samples.tobytes(),
            }


class Score:
    """Scores decoded tracks, several at once, and sums them up.

    Parameters
    ----------
    settings : Settings
        Name the model and its device.
    options : SliceOptions
        The windows.
    """

    def __init__(self, settings: Settings, options: SliceOptions) -> None:
        decoder = WorkerPool(1, max_minutes=settings.max_minutes)
        self._scorer = TrackScorer(run_here(settings), None, decoder, WaitingLine(TRACKS_AT_ONCE))
        self._rate_hz = self._scorer.engine.grid.sample_rate_hz
        self._options = options
        self._threads = ThreadPoolExecutor(TRACKS_AT_ONCE)

    def __call__(self, batch: pa.Table) -> pa.Table:
        """Score tracks: `DECODED` in, `TRACKS` out."""
        return pa.Table.from_pylist(list(self._threads.map(self._scored, batch.to_pylist())), TRACKS)

    def _scored(self, row: dict[str, Any]) -> dict[str, Any]:
        track, name = row["track"], PurePosixPath(row["track"]).name
        if row["failure"]:
            return row_of_failure(track, row["failure"])
        samples = np.frombuffer(row["samples"], np.float32)
        rate_hz = row["source_rate_hz"]
        try:
            scored = self._scorer.score_audio(
                samples, row["audio_sha256"], self._options, name=printable(name), source_rate_hz=rate_hz
            )
        except GenreAppError as error:
            return row_of_failure(track, printable(error.about(name)))
        facts = TrackFacts.model_validate_json(row["facts"]) if row["facts"] else None
        whole = replace(scored, track=replace(scored.track, warnings=tuple(row["warnings"])), facts=facts)
        return row_of(track, row["audio_sha256"], build_result(whole, self._options))


@contextmanager
def _on_this_machine(source: str, track: str) -> Iterator[Path]:
    """Fetch a track where it is not a local file."""
    files, root = fsspec.core.url_to_fs(source)
    place = f"{root.rstrip('/')}/{track}"
    if "file" in files.protocol:
        yield Path(place)
        return
    with tempfile.TemporaryDirectory(prefix="genre-") as folder:
        local = Path(folder) / PurePosixPath(track).name
        files.get_file(place, str(local))
        yield local

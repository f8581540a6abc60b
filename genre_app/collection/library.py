"""A library to look for similar tracks in: the output folder of a run, or a folder of music that is scored for it."""

import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from genre_app.collection.console import Console
from genre_app.collection.embedding_file import EmbeddingModel, model_of, read_embeddings
from genre_app.collection.embedding_table import EmbeddingTable
from genre_app.collection.journal import read_records
from genre_app.collection.neighbours import nearest
from genre_app.collection.output_folder import SUMMARY_NAME
from genre_app.collection.record import TrackRecord
from genre_app.collection.same_recording import has_same_sound, is_same
from genre_app.collection.signals import set_by_signals
from genre_app.collection.summary import tracks_in
from genre_app.collection.tracks import Track, find_tracks
from genre_app.collection.workers import Batch
from genre_app.errors import CancelledError, GenreAppError
from genre_app.formatting import printable
from genre_app.inference.classifier import GenreClassifier
from genre_app.results.embedding import TrackEmbedding, embedding_of
from genre_app.results.schema import SliceOptions

_PATIENCE_S: Final = 1.0


@dataclass(frozen=True, slots=True)
class Library:
    """Tracks that another one is compared with.

    Attributes
    ----------
    table : EmbeddingTable
    records : dict of str to TrackRecord
        By the track's path in the collection.
    """

    table: EmbeddingTable
    records: dict[str, TrackRecord]


@dataclass(frozen=True, slots=True)
class SimilarTrack:
    """A track and how much another one sounds like it.

    Attributes
    ----------
    record : TrackRecord
    cosine : float
        Of the angle between the embeddings, -1 to 1.
    is_same_recording : bool
    """

    record: TrackRecord
    cosine: float
    is_same_recording: bool

    @property
    def similarity(self) -> int:
        """The cosine for people: 100 is the same sound, 0 has nothing in common, or less than nothing."""
        return max(0, round(100 * self.cosine))


@dataclass(frozen=True, slots=True)
class Neighbours:
    """What sounds like a track.

    Attributes
    ----------
    tracks : list of SimilarTrack
        The most similar first, without the track itself and its copies.
    copies : list of str
        Tracks that are the very same sound.
    """

    tracks: list[SimilarTrack]
    copies: list[str]


def most_similar(library: Library, track: TrackEmbedding, n: int, *, leave_out: str | None = None) -> Neighbours:
    """Find the tracks that sound most like another one.

    Parameters
    ----------
    library : Library
    track : TrackEmbedding
        By the library's model.
    n : int
        How many are wanted.
    leave_out : str, optional
        The track itself, where the library is known to hold it; it is none of the copies.
    """
    table = library.table
    is_copy = has_same_sound(table, track)
    copies = [table.tracks[row] for row in np.flatnonzero(is_copy) if table.tracks[row] != leave_out]
    rows = nearest(table.vectors, track.vector, n + len(copies) + 1)
    rows = rows[[not is_copy[row] and table.tracks[row] != leave_out for row in rows]][:n]
    same = is_same(table, track, rows)
    tracks = [
        SimilarTrack(library.records[table.tracks[row]], float(table.vectors[row] @ track.vector), bool(one))
        for row, one in zip(rows, same, strict=True)
    ]
    return Neighbours(tracks, copies)


def read_run(folder: Path) -> tuple[Library, EmbeddingModel] | None:
    """Read what a run kept in its output folder, and by which model; None if the folder holds no embeddings."""
    model = model_of(folder)
    if model is None:
        return None
    records = read_records(folder, tracks_in(folder / SUMMARY_NAME))
    scored = (track for track, record in records.items() if record.status != "failed")
    return Library(read_embeddings(folder, scored), records), model


def score_folder(folder: Path, classifier: GenreClassifier, *, n_workers: int) -> Library:
    """Score the tracks below a folder, or find them in the cache; those that fail are named and left out.

    Raises
    ------
    CancelledError
        Ctrl-C was pressed.
    """
    found = find_tracks([folder])
    cancel = threading.Event()
    embeddings: dict[str, TrackEmbedding] = {}

    def score(track: Track) -> TrackRecord:
        try:
            scored = classifier.score_file(track.path, cancel=cancel)
        except GenreAppError as error:
            return TrackRecord.failure(str(track.place), printable(error.about(track.path.name)))
        if embedding := embedding_of(scored.track):
            embeddings[str(track.place)] = embedding
        return TrackRecord.of(str(track.place), classifier.slice(scored, SliceOptions()))

    records: dict[str, TrackRecord] = {}
    console = Console(is_quiet=False)
    with console.progress(len(found.tracks), 0), set_by_signals(cancel):
        for problem in (*found.problems, *found.nothing_found):
            console.error(problem)
        batch = Batch(score, n_workers, cancel)
        for _, track, record in batch.run(found.tracks):
            console.finish(track, record, is_shown=True)
            records[record.track] = record
        batch.settle(_PATIENCE_S)
    if cancel.is_set():
        raise CancelledError
    places = [place for track in found.tracks if (place := str(track.place)) in embeddings]
    return Library(EmbeddingTable.of((place, embeddings[place]) for place in places), records)

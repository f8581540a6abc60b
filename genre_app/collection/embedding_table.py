"""The embeddings of many tracks, side by side."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from genre_app.results.embedding import COURSE_POINTS, TrackEmbedding


@dataclass(frozen=True, slots=True)
class EmbeddingTable:
    """The tracks that have an embedding, all of one model.

    Attributes
    ----------
    tracks : tuple of str
        Their paths in the collection; n of them.
    vectors : ndarray of float32, shape (n, n_dimensions)
        Of unit length.
    durations_s : ndarray of float32, shape (n,)
    courses : ndarray of uint8, shape (n, COURSE_POINTS)
        As `genre_app.results.embedding.TrackEmbedding`.
    """

    tracks: tuple[str, ...]
    vectors: NDArray[np.float32]
    durations_s: NDArray[np.float32]
    courses: NDArray[np.uint8]

    @classmethod
    def of(cls, embeddings: Iterable[tuple[str, TrackEmbedding]]) -> "EmbeddingTable":
        """Put tracks and their embeddings together."""
        rows = list(embeddings)
        if not rows:
            return NO_EMBEDDINGS
        return cls(
            tracks=tuple(track for track, _ in rows),
            vectors=np.stack([one.vector for _, one in rows]),
            durations_s=np.array([one.duration_s for _, one in rows], np.float32),
            courses=np.stack([one.course for _, one in rows]),
        )

    def __len__(self) -> int:
        return len(self.tracks)

    def sorted(self, order: NDArray[np.int64]) -> "EmbeddingTable":
        """Return the table with its rows in another order."""
        return EmbeddingTable(
            tracks=tuple(self.tracks[row] for row in order.tolist()),
            vectors=self.vectors[order],
            durations_s=self.durations_s[order],
            courses=self.courses[order],
        )

    def row(self, index: int) -> TrackEmbedding:
        """Return one track's embedding."""
        return TrackEmbedding(self.vectors[index], float(self.durations_s[index]), self.courses[index])


NO_EMBEDDINGS: Final = EmbeddingTable(
    (), np.zeros((0, 0), np.float32), np.zeros(0, np.float32), np.zeros((0, COURSE_POINTS), np.uint8)
)

"""Tables of embeddings for tests."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from genre_app.collection.embedding_table import EmbeddingTable
from genre_app.results.embedding import COURSE_POINTS, TrackEmbedding


def song(vector: ArrayLike, *, duration_s: float = 200.0, course: ArrayLike | None = None) -> TrackEmbedding:
    """Make a track whose loudness rises, or goes as it is given."""
    direction = np.asarray(vector, np.float64)
    levels = np.linspace(60, 180, COURSE_POINTS) if course is None else np.asarray(course, np.float64)
    return TrackEmbedding(
        (direction / np.linalg.norm(direction)).astype(np.float32), duration_s, levels.round().astype(np.uint8)
    )


def table_of(**songs: TrackEmbedding) -> EmbeddingTable:
    """Name tracks after keywords: ``a=`` is ``a.mp3``."""
    return EmbeddingTable.of((f"{name}.mp3", one) for name, one in songs.items())


def clusters(n_clusters: int, n_each: int) -> NDArray[np.float32]:
    """Draw vectors around some centres, one cluster after the other."""
    random = np.random.default_rng(1)
    centres = np.repeat(random.normal(size=(n_clusters, 16)), n_each, axis=0)
    vectors = centres + 0.4 * random.normal(size=centres.shape)
    unit: NDArray[np.float32] = (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)
    return unit

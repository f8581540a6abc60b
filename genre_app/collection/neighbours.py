"""The nearest tracks of each track: those with the most similar embeddings."""

from collections.abc import Iterator
from typing import Final

import numpy as np
from numpy.typing import NDArray

#: Pairs that are compared at once: 3 MB, however many tracks there are.
_PAIRS: Final = 1 << 18


def nearest(vectors: NDArray[np.float32], vector: NDArray[np.float32], n: int) -> NDArray[np.int64]:
    """Return which of the vectors are nearest to another one.

    Parameters
    ----------
    vectors : ndarray, shape (n_tracks, n_dimensions)
        Of unit length.
    vector : ndarray, shape (n_dimensions,)
    n : int
        How many are wanted.

    Returns
    -------
    ndarray, shape (at most n,)
        Rows, the nearest first.
    """
    return np.argsort(-(vectors @ vector), kind="stable")[:n]


def all_neighbours(vectors: NDArray[np.float32], n: int) -> NDArray[np.int64]:
    """Return for each vector which n others are nearest, the nearest first; shape (n_tracks, n).

    Parameters
    ----------
    vectors : ndarray, shape (n_tracks, n_dimensions)
        Of unit length; more than n of them.
    n : int
    """
    return neighbours_of(vectors, np.arange(len(vectors)), n)


def neighbours_of(vectors: NDArray[np.float32], rows: NDArray[np.int64], n: int) -> NDArray[np.int64]:
    """Return for some of the vectors which n others are nearest, the nearest first; shape (n_rows, n)."""
    found = np.empty((len(rows), n), np.int64)
    if n == 0:
        return found
    for part in _parts(len(rows), len(vectors)):
        distances = -vectors[rows[part]] @ vectors.T
        distances[np.arange(len(distances)), rows[part]] = np.inf
        best = np.argpartition(distances, n - 1, axis=1)[:, :n]
        order = np.argsort(np.take_along_axis(distances, best, axis=1), axis=1, kind="stable")
        found[part] = np.take_along_axis(best, order, axis=1)
    return found


def nearest_among(
    vectors: NDArray[np.float32], others: NDArray[np.float32]
) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """Return for each vector which of the others is nearest, and its cosine; both of shape (n_vectors,)."""
    rows, cosines = np.empty(len(vectors), np.int64), np.empty(len(vectors), np.float32)
    for part in _parts(len(vectors), len(others)):
        found = vectors[part] @ others.T
        rows[part], cosines[part] = found.argmax(axis=1), found.max(axis=1)
    return rows, cosines


def _parts(n_rows: int, n_others: int) -> Iterator[slice]:
    """Divide rows into parts that are compared with all others at once."""
    n_at_once = max(1, _PAIRS // n_others)
    return (slice(first, first + n_at_once) for first in range(0, n_rows, n_at_once))

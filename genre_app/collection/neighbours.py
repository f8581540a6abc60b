"""The nearest tracks of each track: those with the most similar embeddings."""

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
    found = np.empty((len(vectors), n), np.int64)
    if n == 0:
        return found
    n_rows = max(1, _PAIRS // len(vectors))
    for first in range(0, len(vectors), n_rows):
        distances = -vectors[first : first + n_rows] @ vectors.T
        rows = np.arange(len(distances))
        distances[rows, first + rows] = np.inf
        best = np.argpartition(distances, n - 1, axis=1)[:, :n]
        order = np.argsort(np.take_along_axis(distances, best, axis=1), axis=1, kind="stable")
        found[first : first + n_rows] = np.take_along_axis(best, order, axis=1)
    return found

"""The layout of a collection that grows: what is on the map stays where it is, and new tracks come beside it.

A layout of 20,000 tracks takes seconds, most of them for their neighbours; a watch would need them for each new file.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from genre_app.collection.embedding_table import NO_EMBEDDINGS, EmbeddingTable
from genre_app.collection.map_layout import FEWEST_DRAWN, N_NEIGHBOURS, drawn, fitted, lay_out
from genre_app.collection.neighbours import all_neighbours, nearest_among, neighbours_of

#: Beyond so many tracks no neighbours are looked for: the time grows with the square of their number.
_MOST: Final = 30_000
#: All are laid out anew once more than this share of them has come, changed or gone.
_MOST_CHANGED: Final = 0.1


@dataclass(frozen=True, slots=True)
class Layout:
    """Where tracks lie.

    Attributes
    ----------
    places : ndarray, shape (n, 2)
        In the unit of the forces.
    neighbours : ndarray, shape (n, n_neighbours)
        The rows of the most similar tracks, the most similar first; none in very large collections.
    """

    places: NDArray[np.float64]
    neighbours: NDArray[np.int64]

    @classmethod
    def of(cls, vectors: NDArray[np.float32]) -> "Layout":
        """Lay tracks out; the same ones in the same order always lie the same."""
        neighbours = all_neighbours(vectors, min(N_NEIGHBOURS, len(vectors) - 1) if len(vectors) <= _MOST else 0)
        return cls(lay_out(vectors, neighbours), neighbours)

    @property
    def has_all_neighbours(self) -> bool:
        """Whether each track has its `N_NEIGHBOURS`."""
        return bool(self.neighbours.shape[1] == N_NEIGHBOURS)

    @property
    def fitted(self) -> NDArray[np.float32]:
        """The places, from 0 to 1."""
        return fitted(self.places)


class GrowingLayout:
    """Keeps the layout of a collection from one time to the next."""

    def __init__(self) -> None:
        self._table = NO_EMBEDDINGS
        self._layout: Layout | None = None
        self._n_laid_out = 0
        self._n_changed = 0

    def update(self, table: EmbeddingTable) -> Layout:
        """Return the layout of the collection as it is now.

        Parameters
        ----------
        table : EmbeddingTable
            All tracks; at least one.
        """
        before = self._rows_before(table)
        n_kept = int((before >= 0).sum())
        self._n_changed += len(table) + len(self._table) - 2 * n_kept
        last, may_grow = self._layout, n_kept >= FEWEST_DRAWN and len(table) <= _MOST
        few_changed = self._n_changed <= _MOST_CHANGED * self._n_laid_out
        if last and last.has_all_neighbours and may_grow and few_changed:
            layout = _grown(last, table.vectors, before)
        else:
            layout = Layout.of(table.vectors)
            self._n_laid_out, self._n_changed = len(table), 0
        self._table, self._layout = table, layout
        return layout

    def _rows_before(self, table: EmbeddingTable) -> NDArray[np.int64]:
        """Return where each track was in the last table, or -1 for one that is new or sounds different now."""
        rows = {track: row for row, track in enumerate(self._table.tracks)}
        before = np.array([rows.get(track, -1) for track in table.tracks])
        found = np.flatnonzero(before >= 0)
        if len(found):
            is_same = (self._table.vectors[before[found]] == table.vectors[found]).all(axis=1)
            before[found[~is_same]] = -1
        return before


def _grown(last: Layout, vectors: NDArray[np.float32], before: NDArray[np.int64]) -> Layout:
    """Find the neighbours of new tracks, those that they are neighbours of, and their places.

    Parameters
    ----------
    last : Layout
        The layout to add to.
    vectors : ndarray, shape (n, n_dimensions)
        All tracks.
    before : ndarray, shape (n,)
        Their rows in the last layout, or -1.
    """
    new, kept = np.flatnonzero(before < 0), np.flatnonzero(before >= 0)
    now = np.full(len(last.places), -1)
    now[before[kept]] = kept
    neighbours = np.empty((len(vectors), N_NEIGHBOURS), np.int64)
    neighbours[kept] = now[last.neighbours[before[kept]]]
    places = np.empty((len(vectors), 2))
    places[kept] = last.places[before[kept]]
    is_open = (neighbours[kept] < 0).any(axis=1)
    if len(new):
        farthest = np.einsum("nd,nd->n", vectors[kept], vectors[neighbours[kept, -1]])
        is_open |= nearest_among(vectors[kept], vectors[new])[1] > farthest
        places[new] = places[kept[nearest_among(vectors[new], vectors[kept])[0]]]
    rows = np.concatenate([new, kept[is_open]])
    neighbours[rows] = neighbours_of(vectors, rows, N_NEIGHBOURS)
    return Layout(drawn(places, new, neighbours[new]), neighbours)

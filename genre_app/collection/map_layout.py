"""Where the dots of a map lie: near what sounds alike.

The start is a principal component analysis, which is exact but shows only two of the many directions in which music
differs. From there each dot is drawn to its nearest neighbours and pushed away from dots picked at random, with the
forces of UMAP (McInnes et al. 2018; curve parameters a = b = 1). `docs/similar.md` says what that gains.
"""

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

#: Neighbours that a dot is drawn to, and the fewest tracks that have neighbourhoods to be told apart.
N_NEIGHBOURS: Final = 10
FEWEST_DRAWN: Final = 2 * N_NEIGHBOURS
_STEPS: Final = 200
_N_STRANGERS: Final = 5
_FIRST_STEP: Final = 0.5
#: Neighbours draw as much as strangers push in total.
_PULL, _PUSH = 2.0, 4.0
_STRONGEST: Final = 4.0
#: Neighbours that are closer than this push each other away: dots do not cover each other.
_DISTANCE: Final = 0.4
_SOFTENING: Final = 0.05


def lay_out(vectors: NDArray[np.float32], neighbours: NDArray[np.int64]) -> NDArray[np.float64]:
    """Lay tracks out in a plane; the same tracks in the same order always lie the same.

    Parameters
    ----------
    vectors : ndarray, shape (n, n_dimensions)
        Embeddings of unit length; at least one.
    neighbours : ndarray, shape (n, n_neighbours)
        The rows nearest to each; `N_NEIGHBOURS` of them, or fewer, which draw nothing.

    Returns
    -------
    ndarray, shape (n, 2)
        Where they lie, in the unit of the forces.
    """
    places = principal_plane(vectors)
    if len(vectors) >= FEWEST_DRAWN and neighbours.shape[1] >= N_NEIGHBOURS:
        # As many dots to a unit of area, whatever their number.
        places = places / (places.std() or 1.0) * max(1.0, np.sqrt(len(places)) / 8)
        # Turned so that it is wider than high, as the page is.
        places = principal_plane(drawn(places, np.arange(len(places)), neighbours[:, :N_NEIGHBOURS]))
    return places


def fitted(places: NDArray[np.float64]) -> NDArray[np.float32]:
    """Scale places so that they lie from 0 to 1.

    A unit is as long across as it is down, so the second axis may not be filled.
    """
    low, high = places.min(axis=0), places.max(axis=0)
    span = float((high - low).max()) or 1.0
    inside: NDArray[np.float32] = (0.5 + (places - (low + high) / 2) / span).astype(np.float32)
    return inside


def principal_plane(vectors: NDArray[np.floating[Any]]) -> NDArray[np.float64]:
    """Project vectors to the two directions in which they differ most; shape (n, 2)."""
    centred = vectors.astype(np.float64) - vectors.mean(axis=0, dtype=np.float64)
    _, directions = np.linalg.eigh(centred.T @ centred)
    plane = directions[:, [-1, -2]]
    # The sign of a direction is arbitrary: its largest part is made positive.
    plane = plane * np.sign(plane[np.abs(plane).argmax(axis=0), [0, 1]])
    places: NDArray[np.float64] = centred @ plane
    return places


def drawn(places: NDArray[np.float64], rows: NDArray[np.int64], neighbours: NDArray[np.int64]) -> NDArray[np.float64]:
    """Draw some of the dots to their neighbours and away from others, which stay where they are.

    Parameters
    ----------
    places : ndarray, shape (n, 2)
        Where all lie; those to be moved near a neighbour, for a start.
    rows : ndarray, shape (n_rows,)
        The dots to be moved.
    neighbours : ndarray, shape (n_rows, n_neighbours)
        The rows nearest to each of them.
    """
    random = np.random.default_rng(0)
    places = places.copy()
    for step in range(_STEPS):
        towards = places[neighbours] - places[rows, None]
        squares = _squares(towards)
        pull = towards * (2.0 / (1.0 + squares)) * (1.0 - _DISTANCE / np.sqrt(squares + _SOFTENING**2))
        away = places[rows, None] - places[random.integers(len(places), size=(len(rows), _N_STRANGERS))]
        squares = _squares(away)
        push = away * (2.0 / ((_SOFTENING + squares) * (1.0 + squares)))
        push = np.clip(push, -_STRONGEST, _STRONGEST).mean(axis=1)
        places[rows] += _FIRST_STEP * (1.0 - step / _STEPS) * (_PULL * pull.mean(axis=1) + _PUSH * push)
    return places


def _squares(differences: NDArray[np.float64]) -> NDArray[np.float64]:
    squares: NDArray[np.float64] = np.einsum("nkd,nkd->nk", differences, differences)[:, :, None]
    return squares

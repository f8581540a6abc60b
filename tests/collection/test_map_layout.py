"""Where the dots lie: near what sounds alike, always in the same place."""

import numpy as np
import pytest
from numpy.typing import NDArray

from genre_app.collection.growing_layout import Layout
from genre_app.collection.neighbours import all_neighbours, nearest
from tests.collection.embeddings import clusters


def places_of(vectors: NDArray[np.float32]) -> NDArray[np.float32]:
    return Layout.of(vectors).fitted


@pytest.mark.parametrize("n", [1, 2, 3, 19, 20, 21, 300])
def test_every_number_of_tracks_lies_on_the_map(n: int) -> None:
    places = places_of(clusters(1, n))
    assert places.shape == (n, 2)
    assert np.isfinite(places).all()
    assert places.min() >= 0
    assert places.max() <= 1
    np.testing.assert_array_equal(places, places_of(clusters(1, n)))


def test_tracks_that_are_all_the_same_lie_in_one_place() -> None:
    places = places_of(np.tile(clusters(1, 1), (5, 1)))
    np.testing.assert_allclose(places, 0.5, atol=1e-6)


def test_tracks_lie_among_those_that_sound_like_them() -> None:
    places = places_of(clusters(12, 15))
    distances = np.linalg.norm(places[:, None] - places[None], axis=2) + 9 * np.eye(len(places))
    cluster = np.arange(len(places)) // 15
    is_same = cluster[np.argsort(distances, axis=1)[:, :5]] == cluster[:, None]
    assert is_same.mean() > 0.9  # a plane through twelve clusters: 0.5


def test_neighbours_are_the_nearest_of_all_others() -> None:
    vectors = clusters(4, 300)  # more than one block
    found = all_neighbours(vectors, 3)
    for row in (0, 1023, 1024, 1199):
        expected = nearest(vectors, vectors[row], 4)
        assert expected[0] == row
        assert found[row].tolist() == expected[1:].tolist()

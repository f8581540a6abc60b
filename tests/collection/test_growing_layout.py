"""The map of a collection that is watched: it grows and shrinks, and what is on it stays where it is."""

import numpy as np
import pytest

from genre_app.collection import growing_layout
from genre_app.collection.embedding_table import EmbeddingTable
from genre_app.collection.growing_layout import GrowingLayout, Layout
from genre_app.collection.neighbours import all_neighbours
from tests.collection.embeddings import clusters, song

_N = 180
#: 12 clusters of 15 tracks.
ALL = EmbeddingTable.of((f"{row:03}.mp3", song(vector)) for row, vector in enumerate(clusters(12, 15)))
NEW = np.array([3, 40, 41, 90, 179])
KEPT = np.setdiff1d(np.arange(_N), NEW)


def test_new_tracks_come_beside_their_neighbours_and_the_others_stay() -> None:
    layout = GrowingLayout()
    before = layout.update(ALL.sorted(KEPT))
    after = layout.update(ALL)
    np.testing.assert_array_equal(after.places[KEPT], before.places)
    np.testing.assert_array_equal(after.neighbours, all_neighbours(ALL.vectors, 10))
    distances = np.linalg.norm(after.places[NEW, None] - after.places, axis=2)
    is_same_cluster = np.argsort(distances, axis=1)[:, 1:6] // 15 == NEW[:, None] // 15
    assert is_same_cluster.mean() > 0.9
    assert np.sort(distances, axis=1)[:, 1].min() > 0  # no dot on another one


def test_what_is_gone_or_has_changed_is_no_neighbour_any_more() -> None:
    layout = GrowingLayout()
    before = layout.update(ALL)
    vectors = ALL.vectors.copy()
    vectors[KEPT[0]] = song(vectors[150] + 0.1 * vectors[151]).vector
    changed = EmbeddingTable(ALL.tracks, vectors, ALL.durations_s, ALL.courses).sorted(KEPT)
    after = layout.update(changed)
    np.testing.assert_array_equal(after.places[1:], before.places[KEPT][1:])
    np.testing.assert_array_equal(after.neighbours, all_neighbours(changed.vectors, 10))
    assert np.linalg.norm(after.places[0] - before.places[150]) < np.linalg.norm(after.places[0] - before.places[0])


def test_once_a_tenth_has_come_all_are_laid_out_anew() -> None:
    layout = GrowingLayout()
    layout.update(ALL.sorted(np.arange(160)))
    for n in (168, 176, 180):
        grown = ALL.sorted(np.arange(n))
        is_anew = np.array_equal(layout.update(grown).places, Layout.of(grown.vectors).places)
        assert is_anew == (n == 180)  # 20 of 160, after 8 and 16


@pytest.mark.parametrize(("n_before", "n_after"), [(3, 4), (19, 20), (20, 21), (101, 100), (100, 12)])
def test_every_number_of_tracks_can_follow_another(
    n_before: int, n_after: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(growing_layout, "_MOST", 100)  # from 101 on no neighbours are looked for
    layout = GrowingLayout()
    for n in (n_before, n_after):
        laid_out = layout.update(ALL.sorted(np.arange(n)))
        assert np.isfinite(laid_out.places).all()
        assert laid_out.neighbours.shape == (n, 0 if n > 100 else min(10, n - 1))

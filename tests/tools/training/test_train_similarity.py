"""Directions in which music differs, and what neighbours have in common."""

import numpy as np
import pytest

from genre_app.models.standard.embedding import N_DIMENSIONS
from tools.training.train_similarity import fit_projection, neighbours_in_common


def test_the_directions_are_centred_and_independent_and_no_feature_s_unit_matters(random: np.random.Generator) -> None:
    features = random.normal(size=(300, 50 + 200)) @ random.normal(size=(250, 250)) + 5
    weight, bias = fit_projection(features)
    projected = features @ weight.T + bias
    assert projected.shape == (300, N_DIMENSIONS)
    np.testing.assert_allclose(projected.mean(axis=0), 0, atol=1e-9)
    covariance = projected.T @ projected
    assert np.abs(covariance - np.diag(np.diag(covariance))).max() < 1e-6 * covariance.max()
    rescaled, offset = fit_projection(features * 100 - 7)
    np.testing.assert_allclose(np.abs((features * 100 - 7) @ rescaled.T + offset), np.abs(projected), rtol=1e-3)


def test_neighbours_by_the_same_artist_do_not_count() -> None:
    angles = np.array([0.0, 0.01, 0.1, 1.5, 1.51, 1.6])
    vectors = np.column_stack([np.cos(angles), np.sin(angles)])
    genre, artist = np.array(["rock"] * 3 + ["jazz"] * 3), np.array([0, 0, 1, 2, 2, 3])
    report = neighbours_in_common(vectors, genre, artist, n_neighbours=1)
    assert report["same_genre"]["value"] == 1.0
    assert report["at_random"] == pytest.approx(4 * 0.25 / 6 + 2 * 0.4 / 6, abs=1e-4)
    assert report["n_artists"] == 4

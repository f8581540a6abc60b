import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from tools.training.gtzan import TagClips
from tools.training.recipes import CANDIDATES, Recipe, train, weigh_clips
from tools.training.regression import fit_regression
from tools.training.tag_prior import prior_weights


def test_without_a_prior_it_is_the_usual_regression(clips: TagClips) -> None:
    """On standardised features both solvers are at the same optimum after 15 steps, whatever kernels add them up.

    On the raw ones, all far below zero, the bias is hardly told from the weights (condition number 900): there
    L-BFGS needs about a thousand steps, a number that differs between processors. The reference takes Newton's steps.
    """
    features = (clips.tag_logits - clips.tag_logits.mean(axis=0)) / clips.tag_logits.std(axis=0)
    classes = clips.genre[clips.clip_of_patch]
    n_samples = len(classes)
    ours = fit_regression(features, classes, np.ones(n_samples), penalty=0.05, centre=np.zeros((features.shape[1], 10)))
    theirs = LogisticRegression(C=1 / (0.05 * n_samples), solver="newton-cholesky", tol=1e-8).fit(features, classes)
    # Ours ends at a gradient of 1e-5, which leaves 2e-4 of weights up to 0.8.
    np.testing.assert_allclose(ours.weights.T, theirs.coef_, atol=1e-3)
    np.testing.assert_allclose(ours.bias - ours.bias.mean(), theirs.intercept_ - theirs.intercept_.mean(), atol=1e-3)


def test_an_infinite_penalty_leaves_the_prior(clips: TagClips) -> None:
    centre = prior_weights()
    classes = clips.genre[clips.clip_of_patch]
    model = fit_regression(clips.tag_logits, classes, np.ones(len(classes)), penalty=1e6, centre=centre)
    assert model.weights == pytest.approx(centre, abs=1e-4)


def test_a_model_moves_to_raw_features_unchanged(clips: TagClips) -> None:
    mean, scale = clips.tag_logits.mean(axis=0), clips.tag_logits.std(axis=0)
    features = (clips.tag_logits - mean) / scale
    classes = clips.genre[clips.clip_of_patch]
    model = fit_regression(features, classes, np.ones(len(classes)), penalty=0.1, centre=prior_weights())
    assert model.on_raw_features(mean, scale).logits(clips.tag_logits) == pytest.approx(model.logits(features))


def test_only_the_given_clips_are_trained_on(clips: TagClips) -> None:
    taught = np.arange(0, len(clips.clips), 3)
    spoilt = np.where(np.isin(clips.clip_of_patch, taught)[:, None], clips.tag_logits, 99.0)
    other = TagClips(clips.clips, clips.genre, clips.group, spoilt, clips.clip_of_patch)
    recipe = CANDIDATES["prior 2"]
    assert np.array_equal(train(recipe, clips, taught).weights, train(recipe, other, taught).weights)


def test_balanced_genres_weigh_the_same(clips: TagClips) -> None:
    taught = np.arange(5, len(clips.clips))
    weight = weigh_clips(Recipe(penalty=1.0, artist_power=0.5), clips, taught)
    assert weight[:5].tolist() == [0.0] * 5
    assert np.bincount(clips.genre, weights=weight) == pytest.approx(np.ones(10))


def test_an_artist_s_weight_grows_with_the_root_of_its_clips(clips: TagClips) -> None:
    recipe = Recipe(penalty=1.0, artist_power=0.5, balanced=False)
    weight = weigh_clips(recipe, clips, np.arange(1, len(clips.clips)))  # one clip of artist 0, two of artist 1
    assert weight[2:4].sum() / weight[:2].sum() == pytest.approx(2**0.5)


def test_the_prior_names_tags_and_genres_that_exist() -> None:
    assert prior_weights().shape == (50, 10)
    assert np.count_nonzero(prior_weights()) == 19

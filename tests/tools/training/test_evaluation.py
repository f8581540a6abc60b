import numpy as np
import pytest

from tools.training.evaluation import compare, cross_validate, held_out_logits, hits, window_logits
from tools.training.gtzan import TagClips
from tools.training.recipes import BASELINE, CANDIDATES
from tools.training.selection import nested_hits


def test_every_patch_is_scored_by_a_model_not_trained_on_its_artist(clips: TagClips) -> None:
    folds = cross_validate(CANDIDATES[BASELINE], clips, seed=0)
    logits = held_out_logits(folds, clips)
    assert np.isfinite(logits).all()
    patch = int(np.flatnonzero(clips.clip_of_patch == folds[0].held_out[0])[0])
    assert logits[patch] == pytest.approx(folds[0].model.logits(clips.tag_logits[patch : patch + 1])[0])


def test_noise_reaches_the_logits(clips: TagClips) -> None:
    folds = cross_validate(CANDIDATES[BASELINE], clips, seed=0)
    noisy = held_out_logits(folds, clips, noise=np.ones_like(clips.tag_logits))
    assert not np.allclose(noisy, held_out_logits(folds, clips))


@pytest.mark.parametrize(
    ("window_s", "hop_s", "starts"),
    [
        (3.0, 1, [[0], [3]]),
        (4.0, 1, [[0, 1], [4, 5]]),
        (float("inf"), 3, [[0, 3, 6]]),
        (float("inf"), 1, [[0, 1, 2, 3, 4, 5, 6]]),
    ],
)
def test_a_window_is_the_mean_of_the_patches_inside(
    clips: TagClips, window_s: float, hop_s: int, starts: list[list[int]]
) -> None:
    logits = np.arange(len(clips.clip_of_patch), dtype=float)[:, None].repeat(10, axis=1)
    clip, mean = window_logits(logits, clips, window_s=window_s, hop_s=hop_s)
    of_second = mean[clip == 1, 0][: len(starts)] - 7
    assert of_second == pytest.approx([np.mean(row) for row in starts])


def test_a_difference_has_the_sign_of_the_better(clips: TagClips) -> None:
    theirs = np.zeros((3, len(clips.clips)))
    ours = theirs.copy()
    ours[:, ::4] = 1.0
    found = compare(ours, theirs, clips.group)
    assert found.mean == pytest.approx(0.25)
    assert found.error_over_repeats == pytest.approx(0.0)
    assert found.error_over_artists > 0


def test_dependent_clips_count_as_one_artist() -> None:
    ours, theirs = np.array([[1.0, 1.0, 0.0, 0.0]]), np.zeros((1, 4))
    of_two = compare(ours, theirs, np.array([0, 0, 1, 1])).error_over_artists
    of_four = compare(ours, theirs, np.arange(4)).error_over_artists
    assert of_two == pytest.approx(of_four * 2**0.5)


def test_the_choice_inside_the_folds_is_among_the_candidates(clips: TagClips) -> None:
    candidates = {name: CANDIDATES[name] for name in (BASELINE, "prior 1")}
    found, picked = nested_hits(candidates, clips, seed=0)
    assert len(picked) == 5
    assert set(picked) <= set(candidates)
    assert hits(np.zeros_like(clips.tag_logits[:, :10]), clips).shape == found.shape

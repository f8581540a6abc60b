from collections.abc import Iterator
from itertools import pairwise

import numpy as np
import pytest
from numpy.typing import NDArray

from genre_app.inference.framing import PatchCutter
from genre_app.models.base import PatchGrid

GRIDS = [
    PatchGrid(100, patch_samples=50, hop_samples=50),
    PatchGrid(100, patch_samples=50, hop_samples=50, lead_samples=8),
    PatchGrid(100, patch_samples=50, hop_samples=20, lead_samples=8),
    PatchGrid(100, patch_samples=50, hop_samples=1, lead_samples=60),
]
LENGTHS = (50, 51, 69, 70, 99, 100, 101, 149, 333)


def samples(n: int) -> NDArray[np.float32]:
    """Number the samples from 1, so that a patch shows where it was cut and where it was padded."""
    return np.arange(1, n + 1, dtype=np.float32)


def cut(grid: PatchGrid, track: NDArray[np.float32], block: int = 10**9) -> tuple[NDArray[np.float32], PatchCutter]:
    cutter = PatchCutter(grid)
    blocks = [track[start : start + block] for start in range(0, len(track), block)]
    patches = list(cutter.cut(blocks))
    return np.array(patches, np.float32).reshape(-1, grid.input_samples), cutter


@pytest.mark.parametrize("grid", GRIDS)
@pytest.mark.parametrize("length", LENGTHS)
def test_a_patch_holds_the_samples_at_its_start_after_those_that_lead_up_to_it(grid: PatchGrid, length: int) -> None:
    patches, cutter = cut(grid, samples(length))
    padded = np.concatenate([np.zeros(grid.lead_samples, np.float32), samples(length)])
    assert len(patches) == len(cutter.starts) > 0
    for patch, start in zip(patches, cutter.starts, strict=True):
        np.testing.assert_array_equal(patch, padded[start : start + grid.input_samples])


@pytest.mark.parametrize("grid", GRIDS)
@pytest.mark.parametrize("length", LENGTHS)
def test_every_sample_is_covered_and_the_last_patch_ends_with_the_track(grid: PatchGrid, length: int) -> None:
    _, cutter = cut(grid, samples(length))
    starts = cutter.starts
    assert starts[0] == 0
    assert starts[-1] + grid.patch_samples == length == cutter.n_samples
    steps = [after - before for before, after in pairwise(starts)]
    assert all(step == grid.hop_samples for step in steps[:-1])
    assert all(0 < step <= grid.hop_samples for step in steps[-1:])


@pytest.mark.parametrize("grid", GRIDS)
@pytest.mark.parametrize("block", [1, 7, 50, 64, 1000])
@pytest.mark.parametrize("length", [3, 50, 120, 333])
def test_the_blocks_sizes_do_not_matter(grid: PatchGrid, block: int, length: int) -> None:
    whole, cutter = cut(grid, samples(length))
    pieces, cutter_of_pieces = cut(grid, samples(length), block)
    np.testing.assert_array_equal(pieces, whole)
    assert cutter_of_pieces.starts == cutter.starts
    assert cutter_of_pieces.n_samples == length


def test_a_track_shorter_than_a_patch_is_repeated_after_silence() -> None:
    grid = PatchGrid(100, patch_samples=8, hop_samples=8, lead_samples=2)
    patches, cutter = cut(grid, samples(3))
    assert patches.tolist() == [[0, 0, 1, 2, 3, 1, 2, 3, 1, 2]]
    assert (cutter.starts, cutter.n_samples) == ([0], 3)


def test_a_track_without_samples_has_no_patches() -> None:
    for blocks in ([], [np.zeros(0, np.float32)]):
        cutter = PatchCutter(GRIDS[0])
        assert list(cutter.cut(blocks)) == []
        assert (cutter.starts, cutter.n_samples) == ([], 0)


def test_patches_come_out_as_soon_as_their_audio_is_in() -> None:
    consumed = 0

    def blocks() -> Iterator[NDArray[np.float32]]:
        nonlocal consumed
        for _ in range(10):
            consumed += 10
            yield samples(10)

    next(PatchCutter(GRIDS[1]).cut(blocks()))
    assert consumed == 50


def test_patches_do_not_share_memory() -> None:
    patches = list(PatchCutter(GRIDS[2]).cut([samples(333)]))
    before = patches[1].copy()
    patches[0][:] = -1
    np.testing.assert_array_equal(patches[1], before)


def test_patches_that_leave_gaps_are_refused() -> None:
    for hop in (0, 51):
        with pytest.raises(ValueError, match="overlap or touch"):
            PatchCutter(PatchGrid(100, patch_samples=50, hop_samples=hop))

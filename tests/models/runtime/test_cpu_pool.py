import os
import subprocess
import sys
import threading

import pytest
import torch

from genre_app.models.runtime.cpu_pool import PatchThreadPool, padded
from tests.paths import ROOT


def threads_of(pool: PatchThreadPool, *, n_patches: int) -> set[int]:
    """Numbers of cores that torch uses for a patch."""

    def count(patch: torch.Tensor) -> torch.Tensor:
        return torch.full_like(patch, torch.get_num_threads())

    return {int(value) for value in pool.run(count, torch.zeros(n_patches, 1))}


def threads_of_a_new_thread() -> int:
    found: list[int] = []
    thread = threading.Thread(target=lambda: found.append(torch.get_num_threads()))
    thread.start()
    thread.join()
    return found[0]


def test_results_keep_the_order_of_the_patches() -> None:
    batch = torch.arange(50.0).reshape(50, 1)
    pool = PatchThreadPool(torch.device("cpu"), threads=3, name="test")
    assert torch.equal(pool.run(lambda patch: 2 * patch, batch), 2 * batch)


def test_each_patch_is_computed_on_one_core_and_other_threads_keep_their_cores() -> None:
    before = torch.get_num_threads()
    try:
        torch.set_num_threads(3)
        pool = PatchThreadPool(torch.device("cpu"), threads=4, name="test")
        assert threads_of(pool, n_patches=40) == {1}
        assert torch.get_num_threads() == 3
        assert threads_of_a_new_thread() == 3
    finally:
        torch.set_num_threads(before)


@pytest.mark.slow
def test_scoring_leaves_the_host_program_s_threads_alone() -> None:
    """A host that first uses torch after scoring gets the cores that it would have had without the app."""
    probe = """
import torch
from genre_app import GenreClassifier
from genre_app.examples import EXAMPLES
with GenreClassifier() as classifier:
    classifier.classify_file(EXAMPLES[1].path)
print(torch.get_num_threads())
"""
    alone = "import torch; print(torch.get_num_threads())"
    # Without the limit that scripts/test sets: from one thread to one thread nothing could change.
    environment = {name: value for name, value in os.environ.items() if name != "OMP_NUM_THREADS"}
    counts = [
        subprocess.run(
            [sys.executable, "-c", code], cwd=ROOT, env=environment, capture_output=True, text=True, check=True
        ).stdout
        for code in (alone, probe)
    ]
    assert counts[0] == counts[1]


@pytest.mark.parametrize(("n_patches", "n_padded"), [(1, 1), (2, 2), (3, 4), (33, 64), (64, 64)])
def test_a_gpu_sees_few_sizes_of_batches(n_patches: int, n_padded: int) -> None:
    batch = torch.rand(n_patches, 3, 2)
    larger = padded(batch)
    assert larger.shape == (n_padded, 3, 2)
    assert torch.equal(larger[:n_patches], batch)
    assert not larger[n_patches:].any()

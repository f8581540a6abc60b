"""What only a GPU can show: growing batches, the front end on the device, many clients."""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from genre_app.inference.batching_engine import ScoringEngine
from genre_app.models.musicnn.backend import MusicnnBackend
from genre_app.models.musicnn.network import GRID

pytestmark = [
    pytest.mark.gpu,
    pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device on this machine"),
]


@pytest.fixture(scope="module")
def backend() -> MusicnnBackend:
    return MusicnnBackend(torch.device("cuda"))


@pytest.fixture
def engine(backend: MusicnnBackend) -> Iterator[ScoringEngine]:
    with ScoringEngine(backend) as engine:
        yield engine


def _noise(n_patches: int, backend: MusicnnBackend) -> NDArray[np.float32]:
    rng = np.random.default_rng(0)
    return rng.normal(0, 0.1, (n_patches, backend.grid.input_samples)).astype(np.float32)


def _patches_per_second(backend: MusicnnBackend, n_patches: int) -> float:
    patches = _noise(n_patches, backend)
    backend.score(patches)
    started = time.perf_counter()
    for _ in range(5):
        backend.score(patches)
    return 5 * n_patches / (time.perf_counter() - started)


def test_gpu_and_cpu_agree(backend: MusicnnBackend) -> None:
    patches = _noise(4, backend)
    on_cpu = MusicnnBackend(torch.device("cpu")).score(patches)
    np.testing.assert_allclose(backend.score(patches), on_cpu, atol=2e-2)


def test_throughput_grows_with_the_batch(backend: MusicnnBackend) -> None:
    assert _patches_per_second(backend, 64) > 2 * _patches_per_second(backend, 1)


def test_the_log_mel_is_made_on_the_device(backend: MusicnnBackend) -> None:
    torch.cuda.reset_peak_memory_stats()
    before = torch.cuda.max_memory_allocated()
    backend.log_mel(_noise(8, backend))
    assert torch.cuda.max_memory_allocated() > before


@pytest.mark.parametrize("n_clients", [1, 8, 32])
def test_clients_together_are_not_slower_than_one_after_another(engine: ScoringEngine, n_clients: int) -> None:
    patches = [np.random.default_rng(i).normal(0, 0.1, (60, GRID.input_samples)).astype(np.float32)
               for i in range(n_clients)]  # fmt: skip
    engine.submit(patches[0]).result()
    started = time.perf_counter()
    alone = [engine.submit(p).result() for p in patches]
    serial_s = time.perf_counter() - started
    started = time.perf_counter()
    with ThreadPoolExecutor(n_clients) as pool:
        together = list(pool.map(lambda p: engine.submit(p).result(), patches))
    together_s = time.perf_counter() - started
    assert together_s < 1.25 * serial_s
    for a, b in zip(alone, together, strict=True):
        np.testing.assert_allclose(a, b, atol=2e-2)

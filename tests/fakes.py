"""A model of plain arithmetic, whose every answer a test can know."""

import threading
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from genre_app.models.base import BatchPolicy, Grid, PatchGrid, WindowGrid
from genre_app.results.model_info import ModelInfo

Array = NDArray[np.float32]

LABELS = ("blues", "jazz", "metal")
RATE_HZ = 8000
#: Patches of one second with two milliseconds of context.
GRID = PatchGrid(RATE_HZ, patch_samples=RATE_HZ, hop_samples=RATE_HZ, lead_samples=16)
#: Patches of one sample, for tests of the traffic and not of the sound.
POINT_GRID = PatchGrid(sample_rate_hz=10, patch_samples=1, hop_samples=1)
#: Windows of a quarter of a second to half a minute.
WINDOW_GRID = WindowGrid(RATE_HZ, min_samples=RATE_HZ // 4, max_samples=30 * RATE_HZ)


def loudness_logits(patches: Array) -> Array:
    """Of patches of `GRID`: quiet is blues, loud is metal, a lifted wave (DC) is jazz."""
    sound = patches[:, GRID.lead_samples :]
    mean, peak = sound.mean(axis=1), np.abs(sound).max(axis=1)
    return np.stack([1.0 - 4 * peak, 8 * mean, 4 * peak - 1.0], axis=1).astype(np.float32)


def logits_and_pitch(patches: Array) -> Array:
    """Add an embedding to `loudness_logits`: it turns from one axis to the other as the pitch rises to 2 kHz."""
    sound = patches[:, GRID.lead_samples :]
    angle = np.pi * (np.diff(np.signbit(sound), axis=1) != 0).mean(axis=1)
    return np.column_stack([loudness_logits(patches), np.cos(angle), np.sin(angle)]).astype(np.float32)


class FakeBackend:
    """Answers with a function of the waveform, counts its calls, and waits while its gate is shut."""

    def __init__(
        self,
        *,
        grid: Grid = GRID,
        max_patches: int = 4,
        max_wait_s: float = 0.0,
        revision: str = "1",
        answer: Callable[[Array], Array] = loudness_logits,
        n_dimensions: int = 0,
    ) -> None:
        self.info = ModelInfo(name="fake", revision=revision, labels=LABELS, device="cpu", n_dimensions=n_dimensions)
        self.grid = grid
        self.batching = BatchPolicy(max_patches, max_wait_s)
        self.batches: list[int] = []
        self.threads: set[str] = set()
        self.busy = threading.Event()
        self.gate = threading.Event()
        self.gate.set()
        self._answer = answer

    @property
    def n_patches(self) -> int:
        return sum(self.batches)

    def score(self, patches: Array) -> Array:
        self.batches.append(len(patches))
        self.threads.add(threading.current_thread().name)
        self.busy.set()
        if not self.gate.wait(timeout=60):
            raise RuntimeError("a test forgot the gate")
        return self._answer(patches)


def points(n: int, start: int = 0) -> Array:
    """Make patches for `POINT_GRID` that each hold their own number."""
    return np.arange(start, start + n, dtype=np.float32)[:, None]

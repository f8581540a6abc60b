"""The rival of the app's engine inside a replica: Ray's own batching, for the comparison in docs/scaling.md."""

import asyncio

import numpy as np
from numpy.typing import NDArray
from ray import serve

from genre_app.inference.contracts import Logits
from genre_app.models.registry import load_model
from genre_app.settings import Settings


@serve.deployment(max_ongoing_requests=64)
class BatchedScorer:
    """Scores patches in batches that ``@serve.batch`` gathers.

    Parameters
    ----------
    settings : Settings
        Name the model.
    """

    def __init__(self, settings: Settings) -> None:
        self._backend = load_model(settings).backend

    @serve.batch(max_batch_size=8, batch_wait_timeout_s=0.005)
    async def _together(self, stacks: list[NDArray[np.float32]]) -> list[Logits]:
        logits = await asyncio.to_thread(self._backend.score, np.concatenate(stacks))
        return np.split(logits, np.cumsum([len(stack) for stack in stacks])[:-1])

    async def score(self, patches: NDArray[np.float32], *, revision: str) -> Logits:  # noqa: ARG002 - as `Scorer.score`
        """Score patches, shape (n, n_samples)."""
        scored: Logits = await self._together(patches)
        return scored

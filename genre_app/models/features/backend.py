"""The model ``features``: a linear classifier on librosa features, which explains its answers and needs no torch."""

import hashlib
import threading
from collections.abc import Iterable
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from genre_app.models.base import BatchPolicy, PatchGrid
from genre_app.models.features.explanation import explain
from genre_app.models.features.extraction import SAMPLE_RATE_HZ, extract_features
from genre_app.models.features.linear_model import FeatureModel
from genre_app.models.runtime.fingerprint import fingerprint_of
from genre_app.results.model_info import ModelInfo
from genre_app.weights import WEIGHTS_FOLDER

_MODEL_FILE: Final = "features.safetensors"
_PATCH_SECONDS: Final = 30  # the training clips' length
#: Patches whose features are kept for `FeaturesBackend.explain`: 12 hours of audio, 0.7 MB.
_N_CACHED: Final = 1440


class FeaturesBackend:
    """A linear model on 57 librosa features of 30-second patches, on the CPU.

    Patches do not overlap. The features are means and variances over 30 s, so halving the hop would add little and
    double the time, most of which is the separation into harmonic and percussive sound.

    Parameters
    ----------
    weights : Path
        Folder of ``features.safetensors``.
    """

    name: Final = "features"

    def __init__(self, *, weights: Path = WEIGHTS_FOLDER) -> None:
        path = weights / _MODEL_FILE
        self._model = FeatureModel.from_file(path)
        self._info = ModelInfo(
            name=self.name,
            revision=fingerprint_of(path),
            labels=self._model.labels,
            device="cpu",
            rule=self._model.rule,
        )
        self._cached: dict[bytes, NDArray[np.float64]] = {}
        self._lock = threading.Lock()

    @property
    def info(self) -> ModelInfo:
        """Facts about the model for results."""
        return self._info

    @property
    def grid(self) -> PatchGrid:
        """Patches of 30 s without overlap."""
        n_samples = _PATCH_SECONDS * SAMPLE_RATE_HZ
        return PatchGrid(SAMPLE_RATE_HZ, patch_samples=n_samples, hop_samples=n_samples)

    @property
    def batching(self) -> BatchPolicy:
        """One patch at a time: each takes about a second, and batches gain nothing."""
        return BatchPolicy(max_patches=1)

    def score(self, patches: NDArray[np.float32]) -> NDArray[np.float32]:
        """Score patches of shape (n, grid.input_samples); see `genre_app.models.base.Backend`."""
        return self._model.logits(self._features(patches)).astype(np.float32)

    def explain(self, patches: Iterable[NDArray[np.float32]], label: str) -> list[str]:
        """List the reasons for a label; see `genre_app.models.base.Explaining`.

        Features of recently scored patches are reused.
        """
        return explain(self._model, self._features(patches), label)

    def _features(self, patches: Iterable[NDArray[np.float32]]) -> NDArray[np.float64]:
        return np.stack([self._features_of(patch) for patch in patches])

    def _features_of(self, patch: NDArray[np.float32]) -> NDArray[np.float64]:
        key = hashlib.blake2b(patch.tobytes(), digest_size=16).digest()
        with self._lock:
            cached = self._cached.get(key)
        if cached is not None:
            return cached
        features = extract_features(patch)
        with self._lock:
            if len(self._cached) >= _N_CACHED:
                del self._cached[next(iter(self._cached))]
            self._cached[key] = features
        return features

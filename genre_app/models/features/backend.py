"""The model ``features``: a linear classifier on librosa features, which explains its answers and needs no torch."""

from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from genre_app.models.base import BatchPolicy, PatchGrid
from genre_app.models.features.explanation import explain
from genre_app.models.features.extraction import SAMPLE_RATE_HZ, extract_features
from genre_app.models.features.linear_model import USED_NAMES, FeatureModel
from genre_app.models.features.names import FEATURE_NAMES
from genre_app.models.runtime.fingerprint import fingerprint_of
from genre_app.results.model_info import ModelInfo
from genre_app.weights import WEIGHTS_FOLDER

_MODEL_FILE: Final = "features.safetensors"
_PATCH_SECONDS: Final = 30  # the training clips' length


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
            n_measures=len(FEATURE_NAMES),
            n_dimensions=len(USED_NAMES),
        )

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
        features = np.stack([extract_features(patch) for patch in patches])
        logits, deviations = self._model.logits(features), self._model.standardise(features)
        return np.hstack([logits, features, deviations]).astype(np.float32)

    def explain(self, measures: NDArray[np.float32], label: str) -> list[str]:
        """List the reasons for a label; see `genre_app.models.base.Explaining`."""
        return explain(self._model, measures.astype(np.float64), label)

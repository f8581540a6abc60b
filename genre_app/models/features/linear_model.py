"""The linear model on librosa features, in numpy."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Self

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import save

from genre_app.models.features.names import FEATURE_NAMES
from genre_app.models.runtime.weight_file import header, read_weights
from genre_app.results.model_info import DecisionRule

_HEADER_KEY: Final = "feature_model"

#: The mean of a waveform is an offset of the converter and says nothing about the music.
_UNUSED: Final = frozenset({"harmony_mean", "perceptr_mean"})
USED_NAMES: Final = tuple(name for name in FEATURE_NAMES if name not in _UNUSED)

#: Exponents with which features grow with the level.
_LEVEL_POWER: Final = {"rms_mean": 1, "rms_var": 2, "harmony_var": 2, "perceptr_var": 2}
#: The first cepstral coefficient is the sum of 128 mel bands in dB divided by the root of 128.
_MFCC1_PER_DB: Final = 128**0.5
_LOGARITHMIC: Final = frozenset(
    {
        "tempo",
        "rms_mean",
        "spectral_centroid_mean",
        "spectral_bandwidth_mean",
        "rolloff_mean",
        "zero_crossing_rate_mean",
    }
) | {name for name in FEATURE_NAMES if name.endswith("_var")}
_FLOOR: Final = 1e-12
_FARTHEST: Final = 4.0  # standard deviations; limits the weight of values never seen in training


def level_invariant(features: NDArray[np.float64]) -> NDArray[np.float64]:
    """Remove the recording level from features, and take the logarithm of skewed ones.

    The root mean square level follows from the columns themselves, so that a gain changes nothing.

    Parameters
    ----------
    features : ndarray, shape (n, 57)
        In the order of `FEATURE_NAMES`, from `genre_app.models.features.extraction.extract_features`.

    Returns
    -------
    ndarray, shape (n, 55)
        In the order of `USED_NAMES`.
    """
    column = {name: features[:, index] for index, name in enumerate(FEATURE_NAMES)}
    level = np.sqrt(np.maximum(column["rms_mean"] ** 2 + column["rms_var"], _FLOOR))
    found = []
    for name in USED_NAMES:
        values = column[name] / level ** _LEVEL_POWER.get(name, 0)
        if name == "mfcc1_mean":
            values = values - _MFCC1_PER_DB * 20.0 * np.log10(level)
        found.append(np.log(np.maximum(values, _FLOOR)) if name in _LOGARITHMIC else values)
    return np.column_stack(found)


@dataclass(frozen=True, slots=True)
class FeatureModel:
    """Logistic regression on standardised, level-invariant features.

    Attributes
    ----------
    weights : ndarray of float64, shape (55, n_labels)
        For standardised features; include the temperature.
    bias : ndarray of float64, shape (n_labels,)
    mean, scale : ndarray of float64, shape (55,)
        Of the training clips' `level_invariant` features.
    labels : tuple of str
        Classes in the order of the columns.
    rule : DecisionRule
        Thresholds of the verdict.
    """

    weights: NDArray[np.float64]
    bias: NDArray[np.float64]
    mean: NDArray[np.float64]
    scale: NDArray[np.float64]
    labels: tuple[str, ...]
    rule: DecisionRule

    def standardise(self, features: NDArray[np.float64]) -> NDArray[np.float64]:
        """Turn raw features of shape (n, 57) into standard deviations from the average clip; shape (n, 55)."""
        return np.clip((level_invariant(features) - self.mean) / self.scale, -_FARTHEST, _FARTHEST)

    def logits(self, features: NDArray[np.float64]) -> NDArray[np.float64]:
        """Turn raw features of shape (n, 57) into calibrated logits of shape (n, n_labels)."""
        logits: NDArray[np.float64] = self.standardise(features) @ self.weights + self.bias
        return logits

    def contributions(self, features: NDArray[np.float64], label: str) -> NDArray[np.float64]:
        """Split the evidence for a label into features.

        Parameters
        ----------
        features : ndarray, shape (n, 57)
            Raw features of the patches of one track.
        label : str
            One of `labels`.

        Returns
        -------
        ndarray, shape (55,)
            In the order of `USED_NAMES`: how far each feature's deviation from the average clip moves the label's
            logit relative to the mean of the other labels' logits; mean over the patches.
        """
        index = self.labels.index(label)
        others = np.delete(self.weights, index, axis=1).mean(axis=1)
        shares: NDArray[np.float64] = self.standardise(features).mean(axis=0) * (self.weights[:, index] - others)
        return shares

    def to_file(self, path: Path, facts: Mapping[str, Any]) -> None:
        """Write the model as safetensors, with labels, rule and further facts (JSON values) in the header."""
        stored_facts = {
            **facts,
            "labels": self.labels,
            "features": USED_NAMES,
            "rule": {"confident_from": self.rule.confident_from, "set_mass": self.rule.set_mass},
        }
        arrays = {name: np.ascontiguousarray(getattr(self, name), dtype=np.float64) for name in _ARRAYS}
        path.write_bytes(save(arrays, metadata=header(_HEADER_KEY, stored_facts)))

    @classmethod
    def from_file(cls, path: Path) -> Self:
        """Read a file written by `to_file`.

        Raises
        ------
        OSError, SafetensorError
            The file is missing or not a safetensors file.
        ValueError
            It does not hold a model on these features.
        """
        facts, arrays = read_weights(path, _HEADER_KEY, framework="np")
        labels = tuple(facts.get("labels", ()))
        n_used = len(USED_NAMES)
        shapes = {"weights": (n_used, len(labels)), "bias": (len(labels),), "mean": (n_used,), "scale": (n_used,)}
        if tuple(facts.get("features", ())) != USED_NAMES or {k: v.shape for k, v in arrays.items()} != shapes:
            raise ValueError(f"{path.name} does not hold a model on these features")
        return cls(**arrays, labels=labels, rule=DecisionRule(**facts["rule"]))


_ARRAYS: Final = ("weights", "bias", "mean", "scale")

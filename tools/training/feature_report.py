"""Metrics of the feature model, for JSON and the model card."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from genre_app.evaluate.metrics import (
    above_confidence,
    accuracy,
    confusion_matrix,
    expected_calibration_error,
    negative_log_likelihood,
    recall_by_class,
)
from genre_app.genres import GENRES, display_name
from genre_app.results.moments import softmax
from tools.training.evaluation import standard_error
from tools.training.feature_recipes import FeatureRecipe
from tools.training.feature_table import FeatureClips
from tools.training.markdown import rows

SPLIT: Final = "valid part of the fault-filtered GTZAN split: no clip and no artist of it was trained on"
CROSS_VALIDATION_SPLIT: Final = "artist-grouped 5-fold cross-validation inside the train part"
_N_BINS: Final = 15
_THRESHOLDS: Final = (0.3, 0.5, 0.7, 0.9)


def accuracy_of(logits: NDArray[np.float64], data: FeatureClips) -> dict[str, float]:
    """Return the accuracy of held-out logits of shape (n_repeats, n, 10), and its standard error over repeats."""
    by_repeat = (logits.argmax(axis=2) == data.genre).mean(axis=1)
    return {"accuracy": float(by_repeat.mean()), "error_over_repeats": standard_error(by_repeat)}


def valid_figures(logits: NDArray[np.float64], temperature: float, data: FeatureClips) -> dict[str, Any]:
    """Return the metrics on clips that were not trained on.

    Parameters
    ----------
    logits : ndarray, shape (n, 10)
        Calibrated.
    temperature : float
        Divisor that was applied to the logits.
    data : FeatureClips
    """
    predicted, probabilities = logits.argmax(axis=1), softmax(logits)
    recalls = recall_by_class(predicted, data.genre, len(GENRES))
    return {
        "accuracy": accuracy(predicted, data.genre).as_dict(),
        "recall": {genre: one.as_dict() for genre, one in zip(GENRES, recalls, strict=True)},
        "confusion": confusion_matrix(predicted, data.genre, len(GENRES)).tolist(),
        "calibration": {
            "n_bins": _N_BINS,
            "ece_before": expected_calibration_error(softmax(logits * temperature), data.genre, n_bins=_N_BINS),
            "ece_after": expected_calibration_error(probabilities, data.genre, n_bins=_N_BINS),
            "nll_after": negative_log_likelihood(probabilities, data.genre),
            "mean_confidence_after": float(probabilities.max(axis=1).mean()),
        },
        "above_confidence": [above_confidence(probabilities, data.genre, one).as_dict() for one in _THRESHOLDS],
    }


def candidate_figures(
    recipes: Mapping[str, FeatureRecipe], logits: Mapping[str, NDArray[np.float64]], data: FeatureClips
) -> dict[str, Any]:
    """Return each recipe and its cross-validated accuracy."""
    return {name: {"recipe": asdict(recipes[name]), **accuracy_of(logits[name], data)} for name in recipes}


_CARD: Final = """# Ten genres from librosa features

A linear model on 55 of the 57 features of GTZAN's `features_30_sec.csv`, measured with librosa's defaults on 30 seconds
at 22,050 Hz (`genre_app/models/features/extraction.py`). It needs no torch at run time, and says which features spoke
most for its answer. This card and `features.metrics.json` are written by the run of
`python -m tools.training.train_features` that trained the model.

## Source and licence
- Trained on the {n_train} clips of the fault-filtered GTZAN train part (Kereliuk, Sturm & Larsen 2015). The feature
  table comes from a repository under the MIT licence, the artists from Sturm's index. GTZAN's audio has no
  redistribution licence; neither audio nor the table is in this repository.
- The weights: MIT, like the app.

## Recipe: {name}
{recipe}

Multinomial logistic regression on standardised features. What grows with the recording level (rms, the power of the
sustained and of the percussive part, MFCC 1) is set against the clip's own level, so that a gain changes nothing.
(GTZAN's level gives its genres away: with it the same recipe read 3 points more under cross-validation and 5 points
less on the valid part.) Variances and frequencies are taken as logarithms, the means of the two separated waveforms (a
converter's offset) are left out, and a feature counts for no more than four standard deviations. The recipe was chosen
by {cv_split} (seeds {seeds}); the temperature, {temperature:.3f}, is fitted on the same
held-out logits and folded into the weights.

## Figures
Split: {split}; {n_valid} clips.

**Accuracy {accuracy:.1%} (95 % interval {low:.1%} to {high:.1%}).** Cross-validated inside the train part:
{cv_accuracy:.1%} (standard error over folds {cv_error:.1%}), to be compared with the figure in `musicnn_head.md`.
Expected calibration error {ece_after:.3f} ({n_bins} bins; {ece_before:.3f} before the temperature).

| genre | recall | 95 % interval | n |
|---|---|---|---|
{recalls}

| confidence at least | share of clips | accuracy |
|---|---|---|
{selective}

An answer is called confident from a score of {confident_from:.2f}; on held-out training clips such answers are right
{confident_accuracy:.0%} of the time and {confident_share:.0%} of all.

| recipe | accuracy under cross-validation |
|---|---|
{candidates}

## Limits
- The valid part was not trained on and did not pick the recipe, but some variants were looked at on it while the
  features were designed, so its figure is a little optimistic; what other penalties read there lies within 5 points.
- Right about every second time: a fallback, and a way to see what timbre alone tells. Prefer the default model.
- It cannot tell music from other sound: speech and noise get a genre too.
- GTZAN: 30-second excerpts of mostly Western recordings from before 2001 in ten coarse genres, some mislabelled.
- A linear model credits features that go together (centroid, roll-off, bandwidth) somewhat arbitrarily: read an
  explanation as what this model used, not as what makes a genre.
- A track shorter than 30 s is repeated to fill them, which the variances feel: mistrust the answer below ten seconds.
"""


def render_card(report: Mapping[str, Any]) -> str:
    """Write the model card in Markdown from the report."""
    recipe, validated, calibration = dict(report["recipe"]), report["cross_validation"], report["calibration"]
    rule = report["rule"]
    return _CARD.format(
        n_train=validated["n_clips"],
        name=recipe.pop("name"),
        recipe=", ".join(f"`{key}={value}`" for key, value in recipe.items()),
        cv_split=validated["split"],
        seeds=", ".join(map(str, validated["seeds"])),
        temperature=report["temperature"],
        split=report["split"],
        n_valid=report["n_clips"],
        accuracy=report["accuracy"]["value"],
        low=report["accuracy"]["low"],
        high=report["accuracy"]["high"],
        cv_accuracy=validated["accuracy"],
        cv_error=validated["error_over_repeats"],
        confident_from=rule["confident_from"],
        confident_accuracy=rule["accuracy"],
        confident_share=rule["share"],
        recalls=rows(
            [display_name(genre), f"{one['value']:.1%}", f"{one['low']:.1%} to {one['high']:.1%}", str(one["n"])]
            for genre, one in report["recall"].items()
        ),
        selective=rows(
            [f"{one['threshold']:.0%}", f"{one['share']['value']:.1%}", _percent(one["accuracy"]["value"])]
            for one in report["above_confidence"]
        ),
        candidates=rows([name, f"{one['accuracy']:.1%}"] for name, one in report["candidates"].items()),
        **{key: calibration[key] for key in ("n_bins", "ece_before", "ece_after")},
    )


def _percent(share: float | None) -> str:
    return "none" if share is None else f"{share:.1%}"

"""Train the model on librosa features, choose its recipe by artist-grouped cross-validation, and say what it is worth.

``python -m tools.training.train_features --gtzan ../shared/gtzan --output genre_app/weights``
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any, Final

import click
import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from genre_app.evaluate.metrics import Selective, above_confidence
from genre_app.genres import GENRES
from genre_app.models.features.linear_model import FeatureModel
from genre_app.results.model_info import DecisionRule
from genre_app.results.moments import softmax
from tools.training.calibration import fit_temperature
from tools.training.feature_recipes import CANDIDATES, FeatureRecipe, held_out_logits, train
from tools.training.feature_report import (
    CROSS_VALIDATION_SPLIT,
    SPLIT,
    accuracy_of,
    candidate_figures,
    render_card,
    valid_figures,
)
from tools.training.feature_table import FeatureTable, read_table
from tools.training.options import gtzan_option, output_option, repeats_option

NAME: Final = "features"
#: Required accuracy of confident answers on held-out clips.
_CONFIDENT_ACCURACY: Final = 0.9


@click.command(help=__doc__)
@gtzan_option
@output_option
@repeats_option
@click.option("--seed", type=int, default=0, show_default=True, help="Seed of the first split.")
def main(gtzan: Path, output: Path, repeats: int, seed: int) -> None:
    """Run the command line."""
    report = train_features(read_table(gtzan), output, seeds=range(seed, seed + repeats))
    shown = {"recipe": report["recipe"], "cross_validation": report["cross_validation"], "valid": report["accuracy"]}
    click.echo(json.dumps(shown, indent=2))


def train_features(
    table: FeatureTable,
    output: Path,
    *,
    seeds: Sequence[int],
    candidates: Mapping[str, FeatureRecipe] = CANDIDATES,
) -> dict[str, Any]:
    """Choose a recipe and train on the train part, evaluate on the valid part, and write all files.

    Parameters
    ----------
    table : FeatureTable
    output : Path
        Folder for ``features.safetensors``, ``.metrics.json`` and ``.md``.
    seeds : sequence of int
        Each gives an artist-grouped split.
    candidates : mapping of str to FeatureRecipe
        By name.

    Returns
    -------
    dict
        The metrics as written.
    """
    data, valid = table.train, table.valid
    shown = tqdm(candidates.items(), desc="recipes", disable=None)
    logits = {name: held_out_logits(recipe, data, seeds) for name, recipe in shown}
    best = max(logits, key=lambda name: accuracy_of(logits[name], data)["accuracy"])
    held_out, truth = np.concatenate(logits[best]), np.tile(data.genre, len(seeds))
    temperature = fit_temperature(held_out, truth)
    chosen = choose_confidence(softmax(held_out / temperature), truth)
    model = _calibrated(train(candidates[best], data, np.arange(len(data.clips))), temperature, chosen.threshold)
    validation = {
        "split": CROSS_VALIDATION_SPLIT,
        "n_clips": len(data.clips),
        "n_artists": int(data.group.max()) + 1,
        "seeds": list(seeds),
        **accuracy_of(logits[best], data),
    }
    report = {
        "model": NAME,
        "split": SPLIT,
        "n_clips": len(valid.clips),
        "labels": list(GENRES),
        "recipe": {"name": best, **asdict(candidates[best])},
        "temperature": temperature,
        "rule": {"confident_from": chosen.threshold, "share": chosen.share.value, "accuracy": chosen.accuracy.value},
        **valid_figures(model.logits(valid.features), temperature, valid),
        "cross_validation": validation,
        "candidates": candidate_figures(candidates, logits, data),
        "data_sha256": dict(table.digests),
    }
    _write(model, report, output)
    return report


def choose_confidence(probabilities: NDArray[np.float64], truth: NDArray[np.int64]) -> Selective:
    """Return the lowest threshold, in steps of 0.01, that reaches `_CONFIDENT_ACCURACY`, else the most accurate."""
    steps = [above_confidence(probabilities, truth, round(step, 2)) for step in np.arange(0.5, 1.0, 0.01)]
    answered = [step for step in steps if step.share.value > 0] or steps[:1]
    right = [step for step in answered if step.accuracy.value >= _CONFIDENT_ACCURACY]
    return right[0] if right else max(answered, key=lambda step: step.accuracy.value)


def _calibrated(model: FeatureModel, temperature: float, confident_from: float) -> FeatureModel:
    return replace(
        model,
        weights=model.weights / temperature,
        bias=model.bias / temperature,
        rule=DecisionRule(confident_from=confident_from),
    )


def _write(model: FeatureModel, report: Mapping[str, Any], output: Path) -> None:
    output.mkdir(parents=True, exist_ok=True)
    facts = {name: report[name] for name in ("recipe", "data_sha256", "temperature")}
    model.to_file(output / f"{NAME}.safetensors", facts)
    (output / f"{NAME}.metrics.json").write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")
    (output / f"{NAME}.md").write_text(render_card(report), encoding="utf-8")


if __name__ == "__main__":
    main()

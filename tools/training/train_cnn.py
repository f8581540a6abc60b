"""Train the CNN, calibrate it on artists that it does not know, and write what it is worth.

``python -m tools.training.train_cnn --gtzan ../shared/gtzan --output genre_app/weights``

Takes a quarter of an hour of one core that has bfloat16 tiles (AMX).
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any, Final

import click
import numpy as np
import torch
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits
from tqdm import tqdm

from genre_app.genres import GENRES
from genre_app.models.cnn.network import GenreCNN
from tools.training.cnn_card import render_card
from tools.training.cnn_loop import Schedule, clip_logits, train_network
from tools.training.cnn_report import HeldOut, calibrate, describe, describe_fusion, ece_by_chance
from tools.training.gtzan import TagClips, artist_folds
from tools.training.options import gtzan_option, output_option
from tools.training.recipes import CANDIDATES, train
from tools.training.spectrograms import INPUT_FILES, Spectrograms, TrainingData, read_training_data

NAME: Final = "cnn"
#: Recipe of the head that the CNN is compared with.
_HEAD_RECIPE: Final = "prior 2"


@dataclass(frozen=True, slots=True)
class Plan:
    """Options of the training.

    Attributes
    ----------
    schedule : Schedule
        For the final network.
    fold_epochs : int
        Epochs for the networks of the folds: fewer, to save time.
    n_folds : int
        Artist-grouped folds inside the train part.
    seed : int
        Seed of the final network; the next ones are those of the folds.
    """

    schedule: Schedule = field(default_factory=Schedule)
    fold_epochs: int = 50
    n_folds: int = 3
    seed: int = 0


@dataclass(frozen=True, slots=True)
class Data:
    """The result of `tools.training.spectrograms.read_training_data`, and the SHA-256 of the files."""

    training: TrainingData
    tags: TagClips
    valid: Spectrograms
    digests: Mapping[str, str]


@click.command(help=__doc__)
@gtzan_option
@output_option
@click.option("--seed", type=int, default=0, show_default=True, help="Of everything that is drawn.")
def main(gtzan: Path, output: Path, seed: int) -> None:
    """Run the command line."""
    torch.set_num_threads(1)
    digests = {name: hashlib.sha256((gtzan / name).read_bytes()).hexdigest() for name in INPUT_FILES}
    with threadpool_limits(limits=1):  # one thread is reproducible
        report = train_cnn(Data(*read_training_data(gtzan), digests), output, Plan(seed=seed))
    click.echo(json.dumps(report["valid"]["accuracy"], indent=2))


def train_cnn(data: Data, output: Path, plan: Plan) -> dict[str, Any]:
    """Train, calibrate and write weights, metrics and model card.

    Parameters
    ----------
    data : Data
    output : Path
        Folder for ``cnn.safetensors``, ``.metrics.json`` and ``.md``.
    plan : Plan

    Returns
    -------
    dict
        The metrics as written.
    """
    training = data.training
    network = train_network(plan.schedule, training, np.arange(len(training.group)), seed=plan.seed)
    folds = [
        np.flatnonzero(np.isin(training.tag_clips, fold))
        for fold in artist_folds(data.tags.genre, data.tags.group, seed=plan.seed, n_folds=plan.n_folds)
    ]
    held_out = HeldOut(held_out_logits(training, folds, plan), training.spectrograms.genre)
    valid = HeldOut(clip_logits(network, data.valid), data.valid.genre)
    report = {
        "model": NAME,
        "labels": list(GENRES),
        "schedule": asdict(plan.schedule),
        "seed": plan.seed,
        "n_train": len(training.group),
        "n_parameters": sum(value.numel() for value in network.parameters()),
        **_figures(valid, held_out, folds, plan),
        "fusion": describe_fusion(held_out, head_held_out(data, folds), training.group, folds),
        "data_sha256": dict(data.digests),
    }
    _write(network, report, output)
    return report


def _figures(valid: HeldOut, held_out: HeldOut, folds: list[NDArray[np.int64]], plan: Plan) -> dict[str, Any]:
    """Calibrate on the folds, and return metrics of the valid part and the folds."""
    temperature, rule = calibrate(held_out)
    return {
        "temperature": temperature,
        "rule": asdict(rule),
        "valid": describe(valid, temperature, rule),
        "ece_by_chance_on_valid": ece_by_chance(valid.logits / temperature),
        "folds": {
            "n": plan.n_folds,
            "epochs": plan.fold_epochs,
            "accuracy_by_fold": [_accuracy(held_out, fold) for fold in folds],
            **describe(held_out, temperature, rule),
        },
    }


def held_out_logits(training: TrainingData, folds: list[NDArray[np.int64]], plan: Plan) -> NDArray[np.float64]:
    """Score every clip of the train part with a network not trained on its artist; shape (n, 10)."""
    everyone = np.arange(len(training.group))
    logits = np.full((len(everyone), len(GENRES)), np.nan)
    schedule = replace(plan.schedule, epochs=plan.fold_epochs)
    for number, fold in enumerate(tqdm(folds, desc="folds", disable=None)):
        network = train_network(schedule, training, np.setdiff1d(everyone, fold), seed=plan.seed + 1 + number)
        logits[fold] = clip_logits(network, training.spectrograms.select(fold))
    return logits


def head_held_out(data: Data, folds: list[NDArray[np.int64]]) -> HeldOut:
    """Score the same clips with MusiCNN heads trained on the same folds."""
    tags, known = data.tags, data.training.tag_clips
    logits = np.full((len(known), len(GENRES)), np.nan)
    for fold in folds:
        head = train(CANDIDATES[_HEAD_RECIPE], tags, np.delete(known, fold))
        logits[fold] = tags.mean_by_clip(head.logits(tags.tag_logits))[known[fold]]
    return HeldOut(logits, tags.genre[known])


def _accuracy(held_out: HeldOut, fold: NDArray[np.int64]) -> dict[str, float]:
    right = held_out.logits[fold].argmax(axis=1) == held_out.genre[fold]
    return {"n": len(fold), "accuracy": float(right.mean())}


def _write(network: GenreCNN, report: dict[str, Any], output: Path) -> None:
    """Write the calibrated network, its metrics and its card."""
    network.get_buffer("temperature").fill_(report["temperature"])
    network.rule = replace(network.rule, **report["rule"])
    output.mkdir(parents=True, exist_ok=True)
    facts = {name: report[name] for name in ("schedule", "seed", "temperature", "data_sha256")}
    network.to_file(output / f"{NAME}.safetensors", facts)
    (output / f"{NAME}.metrics.json").write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")
    (output / f"{NAME}.md").write_text(render_card(report), encoding="utf-8")


if __name__ == "__main__":
    main()

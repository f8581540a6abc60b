"""Train the ten-genre head, choose its recipe by artist-grouped cross-validation, and write what it is worth.

``python -m tools.training.train_head --gtzan ../shared/gtzan --output genre_app/weights``
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import click
import numpy as np
import torch
from threadpoolctl import threadpool_limits
from tqdm import tqdm

from genre_app.genres import GENRES
from genre_app.models.musicnn.genre_head import MSD_TAGS, GenreHead
from tools.training.evaluation import run_trial
from tools.training.gtzan import TagClips, input_digests, read_train
from tools.training.head_report import build_report
from tools.training.model_card import render_card
from tools.training.options import gtzan_option, output_option, repeats_option
from tools.training.recipes import CANDIDATES, Recipe, train
from tools.training.regression import LinearModel
from tools.training.selection import nested_hits

NAME: Final = "musicnn_head"


@dataclass(frozen=True, slots=True)
class Comparison:
    """Options of the comparison of recipes.

    Attributes
    ----------
    seeds : sequence of int
        Each gives a split into folds.
    n_nested : int
        Number of seeds for nested cross-validation, which includes the choice of the recipe.
    candidates : mapping of str to Recipe
        By name, including the baseline.
    """

    seeds: Sequence[int]
    n_nested: int = 0
    candidates: Mapping[str, Recipe] = field(default_factory=lambda: CANDIDATES)


@click.command(help=__doc__)
@gtzan_option
@output_option
@repeats_option
@click.option("--nested", type=click.IntRange(0), default=2, show_default=True, help="Repeats of the nested check.")
@click.option("--seed", type=int, default=0, show_default=True, help="Seed of the first split.")
def main(gtzan: Path, output: Path, repeats: int, nested: int, seed: int) -> None:
    """Run the command line."""
    torch.set_num_threads(1)
    plan = Comparison(seeds=range(seed, seed + repeats), n_nested=nested)
    with threadpool_limits(limits=1):  # faster for small matrices, and reproducible
        report = train_head(read_train(gtzan), input_digests(gtzan), output, plan)
    click.echo(json.dumps({"recipe": report["recipe"], "accuracy": report["accuracy"]}, indent=2))


def train_head(
    data: TagClips,
    digests: Mapping[str, str],
    output: Path,
    plan: Comparison,
) -> dict[str, Any]:
    """Compare the candidates, train the best on all clips, and write weights, metrics and model card.

    Parameters
    ----------
    data : TagClips
    digests : mapping of str to str
        SHA-256 of the input files.
    output : Path
        Folder for ``musicnn_head.safetensors``, ``.metrics.json`` and ``.md``.
    plan : Comparison

    Returns
    -------
    dict
        The metrics as written.
    """
    shown = tqdm(plan.candidates.items(), desc="recipes", disable=None)
    trials = {name: run_trial(recipe, data, plan.seeds) for name, recipe in shown}
    shown_seeds = tqdm(plan.seeds[: plan.n_nested], desc="nested", disable=None)
    nested = [nested_hits(plan.candidates, data, seed=seed) for seed in shown_seeds]
    report = build_report(trials, nested, data, digests, plan.seeds)
    model = train(plan.candidates[report["recipe"]["name"]], data, np.arange(len(data.clips)))
    output.mkdir(parents=True, exist_ok=True)
    export(model, output / f"{NAME}.safetensors", report)
    (output / f"{NAME}.metrics.json").write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")
    (output / f"{NAME}.md").write_text(render_card(report), encoding="utf-8")
    return report


def export(model: LinearModel, path: Path, report: Mapping[str, Any]) -> None:
    """Write a trained model as a `GenreHead`, and check that the file gives the same logits."""
    head = GenreHead(GENRES)
    temperature = float(report["temperature"])
    with torch.no_grad():
        head.linear.weight.copy_(torch.from_numpy(model.weights.T))
        head.linear.bias.copy_(torch.from_numpy(model.bias))
        head.get_buffer("temperature").fill_(temperature)
    facts = {name: report[name] for name in ("recipe", "seeds", "data_sha256", "temperature")}
    head.to_file(path, facts)
    probe = np.random.default_rng(0).normal(-5.0, 2.5, (16, len(MSD_TAGS)))
    read_back = GenreHead.from_file(path)(torch.from_numpy(probe).float()).numpy()
    np.testing.assert_allclose(read_back, model.logits(probe) / temperature, atol=1e-3)


if __name__ == "__main__":
    main()

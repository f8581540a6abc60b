"""Accuracy of a model on labelled recordings: ``python -m genre_app.evaluate MANIFEST.csv``.

The manifest is a CSV with the columns ``path`` (relative to the manifest's folder, or absolute) and ``genre``.
"""

import csv
import json
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import click
import numpy as np
from tqdm import tqdm

from genre_app.cli.common import settings_in_force
from genre_app.errors import GenreAppError
from genre_app.evaluate.metrics import (
    Proportion,
    accuracy,
    confusion_matrix,
    expected_calibration_error,
    proportion,
    recall_by_class,
)
from genre_app.formatting import percent
from genre_app.genres import canonical
from genre_app.inference.classifier import GenreClassifier
from genre_app.results.schema import SliceOptions


class ManifestError(GenreAppError):
    """The manifest is unusable."""


@dataclass(frozen=True, slots=True)
class Example:
    """A recording and its true genre."""

    path: Path
    genre: str


@dataclass(frozen=True, slots=True)
class Answer:
    """The model's answer to one example; ``scores`` are in the order of the model's labels.

    A failed track has an error and no scores.
    """

    path: str
    genre: str
    predicted: str | None = None
    confidence: float | None = None
    verdict: str | None = None
    duration_s: float = 0.0
    scores: tuple[float, ...] = ()
    error: str | None = None


def read_manifest(path: Path, labels: Sequence[str]) -> list[Example]:
    """Read a manifest.

    Parameters
    ----------
    path : Path
        The CSV file.
    labels : sequence of str
        The model's labels; genres are matched in any spelling ("Hip-Hop", "hip hop").

    Raises
    ------
    ManifestError
        The file or a column is missing, there are no rows, or a genre is none of the labels.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = list(csv.DictReader(file))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise ManifestError(f"The manifest {path.name} cannot be read: {error}.") from error
    if not rows or not {"path", "genre"} <= rows[0].keys():
        raise ManifestError(f"The manifest {path.name} needs a header with the columns path and genre, and rows.")
    by_spelling = {canonical(label): label for label in labels}
    examples = []
    for number, row in enumerate(rows, start=2):
        genre = by_spelling.get(canonical(row["genre"] or ""))
        if genre is None or not row["path"]:
            known = ", ".join(labels)
            raise ManifestError(f"Line {number} of {path.name} needs a path and one of these genres: {known}.")
        examples.append(Example(path.parent / row["path"], genre))
    return examples


def answer(classifier: GenreClassifier, example: Example) -> Answer:
    """Classify one example."""
    labels = classifier.model.labels
    try:
        result = classifier.classify_file(example.path, SliceOptions(top_k=len(labels)))
    except GenreAppError as error:
        return Answer(str(example.path), example.genre, error=str(error))
    scores = {prediction.genre: prediction.score for prediction in result.predictions}
    return Answer(
        path=str(example.path),
        genre=example.genre,
        predicted=result.predicted_genre,
        confidence=result.predicted_confidence,
        verdict=result.verdict.kind,
        duration_s=result.metadata.duration_seconds,
        scores=tuple(scores[label] for label in labels),
    )


def summarise(answers: Sequence[Answer], labels: Sequence[str], seconds: float) -> dict[str, Any]:
    """Compute the metrics.

    Parameters
    ----------
    answers : sequence of Answer
        Answers with an error count as failed and enter no other metric.
    labels : sequence of str
        The model's classes.
    seconds : float
        Time that all of them took.

    Returns
    -------
    dict
        Ready for JSON; undefined values are None.
    """
    good = [one for one in answers if one.error is None]
    index = {label: i for i, label in enumerate(labels)}
    truth = np.array([index[one.genre] for one in good], dtype=np.int64)
    scores = np.array([one.scores for one in good], dtype=np.float64).reshape(len(good), len(labels))
    predicted = scores.argmax(axis=1)
    verdict = np.array([one.verdict for one in good])
    confident = verdict == "confident"
    overall = accuracy(predicted, truth)
    return {
        "n": len(good),
        "n_failed": len(answers) - len(good),
        "accuracy": overall.as_dict()["value"],
        "accuracy_interval": [overall.as_dict()["low"], overall.as_dict()["high"]],
        "recall": {
            label: one.as_dict()["value"]
            for label, one in zip(labels, recall_by_class(predicted, truth, len(labels)), strict=True)
        },
        "labels": list(labels),
        "confusion": confusion_matrix(predicted, truth, len(labels)).tolist(),
        "ece": expected_calibration_error(scores, truth) if good else None,
        "confident_share": _value(proportion(int(confident.sum()), len(good))),
        "confident_accuracy": _value(accuracy(predicted[confident], truth[confident])),
        "not_music_share": _value(proportion(int((verdict == "not_music").sum()), len(good))),
        "x_realtime": sum(one.duration_s for one in good) / seconds,
        "files": [asdict(one) for one in answers],
    }


def _value(share: Proportion) -> float | int | None:
    return share.as_dict()["value"]


def describe(report: dict[str, Any]) -> str:
    """Write the metrics as text."""
    if not report["n"]:
        return "No file could be classified."
    low, high = report["accuracy_interval"]
    lines = [
        f"accuracy            {percent(report['accuracy'])} (95 % interval {percent(low)} to {percent(high)}) "
        f"of {report['n']} files; {report['n_failed']} failed",
        f"calibration error   {report['ece']:.3f}",
        f"confident           {percent(report['confident_share'])} of the files, right in "
        + ("none" if report["confident_accuracy"] is None else percent(report["confident_accuracy"])),
        f"not music           {percent(report['not_music_share'])}",
        f"speed               {report['x_realtime']:.0f} times real time",
        "",
        "right genre   recall  answers: " + " ".join(f"{label[:5]:>5}" for label in report["labels"]),
    ]
    for label, row in zip(report["labels"], report["confusion"], strict=True):
        recall = report["recall"][label]
        lines.append(
            f"{label:12}  {'-' if recall is None else percent(recall):>6}           "
            + " ".join(f"{count or '.':>5}" for count in row)
        )
    return "\n".join(lines)


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("manifest", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--model", default="auto", show_default=True, help="The model that answers.")
@click.option("--device", type=click.Choice(["auto", "cpu", "cuda"]), default="auto", show_default=True)
@click.option("--json", "json_file", type=click.Path(path_type=Path), help="Write all figures to this file.")
@click.option(
    "--output-dir", type=click.Path(file_okay=False, path_type=Path), help="Write two plots into this folder."
)
def main(manifest: Path, model: str, device: str, json_file: Path | None, output_dir: Path | None) -> None:
    """Measure how often the model is right on the recordings of MANIFEST, a CSV with the columns path and genre.

    Exit status: 0 if every file was classified, 1 if some failed, 2 for wrong usage.
    """
    # Without a cache, so that speed and answers are the model's own.
    settings = settings_in_force(model=model, device=device, cache_mb=0)
    try:
        with GenreClassifier(settings) as classifier:
            labels = classifier.model.labels
            examples = read_manifest(manifest, labels)
            started = time.perf_counter()
            answers = [answer(classifier, example) for example in tqdm(examples, unit="track", disable=None)]
            report = summarise(answers, labels, time.perf_counter() - started) | {"model": classifier.model.name}
    except GenreAppError as error:
        raise click.UsageError(str(error)) from error
    click.echo(describe(report))
    for one in answers:
        if one.error:
            click.echo(f"error: {one.error}", err=True)
    if json_file:
        json_file.write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")
    if output_dir:
        from genre_app.evaluate.plots import draw_plots  # noqa: PLC0415 - matplotlib takes a second to import

        output_dir.mkdir(parents=True, exist_ok=True)
        draw_plots(report, output_dir)
    sys.exit(1 if report["n_failed"] else 0)


if __name__ == "__main__":
    main()

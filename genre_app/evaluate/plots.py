"""Plots of an evaluation: confusion matrix and reliability diagram."""

from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from genre_app.genres import colour_of, display_name

_N_BINS = 10


def draw_plots(report: dict[str, Any], folder: Path) -> None:
    """Write ``confusion.png`` and ``reliability.png``.

    Parameters
    ----------
    report : dict
        From `genre_app.evaluate.summary.summarise`, with at least one recording that has a genre.
    folder : Path
        An existing folder.
    """
    _confusion(report).savefig(folder / "confusion.png", dpi=150)
    _reliability(report).savefig(folder / "reliability.png", dpi=150)


def _confusion(report: dict[str, Any]) -> Figure:
    counts = np.array(report["confusion"])
    names = [display_name(label) for label in report["labels"]]
    figure = Figure(figsize=(8, 7), layout="constrained")
    axes = figure.subplots()
    axes.imshow(counts / np.maximum(counts.sum(axis=1, keepdims=True), 1), cmap="Blues", vmin=0, vmax=1)
    for (row, column), count in np.ndenumerate(counts):
        if count:
            is_dark = count > 0.5 * counts[row].sum()
            axes.text(column, row, str(count), ha="center", va="center", color="white" if is_dark else "black")
    axes.set_xticks(range(len(names)), names, rotation=45, ha="right")
    axes.set_yticks(range(len(names)), names)
    axes.set_xlabel("Answer")
    axes.set_ylabel("Right genre")
    axes.set_title(f"{report['model']}: {report['accuracy']:.1%} of {report['n']} right")
    return figure


def _reliability(report: dict[str, Any]) -> Figure:
    good = [row for row in report["files"] if row["error"] is None and row["genre"] is not None]
    confidence = np.array([row["confidence"] for row in good])
    right = np.array([row["predicted"] == row["genre"] for row in good], dtype=float)
    bins = np.minimum((confidence * _N_BINS).astype(int), _N_BINS - 1)
    figure = Figure(figsize=(6, 6), layout="constrained")
    axes = figure.subplots()
    axes.plot([0, 1], [0, 1], color="grey", linestyle="--", label="perfectly calibrated")
    for number in range(_N_BINS):
        inside = bins == number
        if inside.any():
            axes.bar((number + 0.5) / _N_BINS, right[inside].mean(), width=0.9 / _N_BINS, color=colour_of("blues"))
            axes.text((number + 0.5) / _N_BINS, 0.02, str(inside.sum()), ha="center", color="white")
    axes.set(xlim=(0, 1), ylim=(0, 1), xlabel="Confidence", ylabel="Share of right answers")
    axes.set_title(f"{report['model']}: calibration error {report['ece']:.3f}")
    axes.legend(loc="upper left")
    return figure

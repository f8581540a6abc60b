"""Bars and timeline as a picture."""

import io
from collections import Counter
from collections.abc import Sequence
from typing import Any, Final

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine
from matplotlib.ticker import FuncFormatter, MaxNLocator, PercentFormatter
from numpy.typing import NDArray

from genre_app.formatting import clock
from genre_app.genres import NEUTRAL_COLOUR, colour_of, display_name
from genre_app.report.base import Report
from genre_app.report.captions import closest_only
from genre_app.report.curves import Curves, score_curves
from genre_app.report.fonts import drawable, drawing, font_families
from genre_app.results.bands import Band, bands_of, by_name
from genre_app.results.windows import WindowScores

_SIZE_INCHES: Final = (10.0, 7.0)
_DPI: Final = 120  # 1200 pixels wide
_TEXT: Final = "#1f2328"
_SUBDUED: Final = "#59636e"
_MUTED_OPACITY: Final = 0.35
_LONGEST_TITLE: Final = 90
#: A longer sentence is written smaller.
_LONGEST_SENTENCE: Final = 54
_SENTENCE_SIZE: Final = 20.0
_LONGEST_REMARK: Final = 140
#: More bars do not fit.
_MOST_BARS: Final = 15
_HATCHES: Final = ("//", "..", "xx")
_DASHES: Final = ("solid", "dashed", "dotted", "dashdot", (0, (8, 3)), (0, (8, 3, 1, 3)))


class PngWriter:
    """Draws a track's scores and timeline, 1200 pixels wide, on white."""

    def render(self, report: Report) -> bytes:
        """Return a PNG."""
        with drawing:
            figure = Figure(
                figsize=_SIZE_INCHES, dpi=_DPI, facecolor="white", layout=ConstrainedLayoutEngine(w_pad=0.2, h_pad=0.1)
            )
            FigureCanvasAgg(figure)
            heading, bars, timeline = figure.subplots(3, 1, height_ratios=[1.0, 3.0, 2.0])
            _write_heading(heading, report)
            if report.result.verdict.is_music:
                _draw_bars(bars, report.windows, report.result.metadata.top_k)
            else:
                bars.set_axis_off()
            _draw_timeline(timeline, report)
            picture = io.BytesIO()
            figure.savefig(picture, format="png", metadata={"Title": report.result.verdict.sentence})
            return picture.getvalue()


def _write_heading(axes: Axes, report: Report) -> None:
    axes.set_axis_off()
    result = report.result
    name = drawable(result.metadata.track_name)
    name = name if len(name) <= _LONGEST_TITLE else f"{name[: _LONGEST_TITLE - 1]}…"
    facts = [clock(result.metadata.duration_seconds), f"model {result.metadata.model_name}"]
    if result.facts and result.facts.tempo_bpm:
        facts.append(f"{result.facts.tempo_bpm:.0f} beats a minute")
    if result.facts and result.facts.key:
        facts.append(result.facts.key)
    sentence = result.verdict.sentence
    size = _SENTENCE_SIZE * min(1.0, _LONGEST_SENTENCE / len(sentence))
    remark = closest_only(result) or " ".join(result.reasons)
    lines: tuple[tuple[float, str, dict[str, Any]], ...] = (
        (1.0, sentence, {"size": size, "weight": "bold", "color": _TEXT}),
        (0.58, name, {"size": 12, "color": _TEXT, "family": font_families()}),
        (0.32, "  ·  ".join(facts), {"size": 11, "color": _SUBDUED}),
        (0.06, remark[:_LONGEST_REMARK], {"size": 11, "color": _SUBDUED}),
    )
    for height, line, style in lines:
        text = axes.text(0, height, line, va="top", parse_math=False, **style)
        text.set_in_layout(False)  # a long line must not squeeze the charts


def _draw_bars(axes: Axes, windows: WindowScores, top_k: int) -> None:
    order = np.argsort(-windows.track_scores, kind="stable")[:_MOST_BARS]
    labels = [windows.labels[i] for i in order]
    scores = windows.track_scores[order]
    bars = axes.barh([display_name(label) for label in labels], scores, color=[colour_of(label) for label in labels])
    for rank, bar in enumerate(bars):
        bar.set_alpha(1.0 if rank < top_k else _MUTED_OPACITY)
    shown = windows.track_percents
    axes.bar_label(bars, [shown[i] for i in order], padding=5, size=11, color=_TEXT)
    axes.invert_yaxis()
    axes.set_xlim(0, 1.08)
    axes.set_xticks([])
    axes.tick_params(axis="y", length=0, labelsize=11, labelcolor=_TEXT)
    axes.spines[:].set_visible(False)


def _draw_timeline(axes: Axes, report: Report) -> None:
    """Draw the scores of the windows, each at its centre.

    Scores that sum to 1 are stacked; independent scores are a line each.
    """
    windows, top_k = report.windows, report.result.metadata.top_k
    duration_s, bands = report.result.metadata.duration_seconds, bands_of(report.result)
    curves = score_curves(windows, duration_s, bands)
    if windows.is_exclusive:
        layers, colours, names = _layers(windows, curves.scores, top_k)
        axes.stackplot(curves.times_s, layers, colors=colours, labels=names, edgecolor="white", linewidth=0.4)
    else:
        _draw_lines(axes, windows, curves, top_k)
    _hatch(axes, bands)
    axes.set_xlim(0, max(duration_s, 1e-3))
    axes.set_ylim(0, 1)
    axes.yaxis.set_major_formatter(PercentFormatter(1.0, symbol=" %"))
    axes.xaxis.set_major_locator(MaxNLocator(9, steps=[1, 1.5, 3, 6, 10], min_n_ticks=2))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda time_s, _: clock(time_s)))
    axes.set_yticks([0, 0.5, 1])
    axes.tick_params(labelsize=11, labelcolor=_TEXT, color=_SUBDUED)
    axes.spines[:].set_visible(False)
    axes.legend(loc="upper center", bbox_to_anchor=(0.5, -0.16), ncols=7, columnspacing=1.3, frameon=False, fontsize=11,
                labelcolor=_TEXT, handlelength=1.0, handleheight=1.0)  # fmt: skip


def _hatch(axes: Axes, bands: Sequence[Band]) -> None:
    """Hatch the stretches without a genre; each name has one entry in the legend."""
    for i, (name, found) in enumerate(by_name(bands).items()):
        hatch = _HATCHES[i % len(_HATCHES)]
        for band in found:
            label = name if band is found[0] else None
            axes.axvspan(band.start_s, band.end_s, facecolor="white", edgecolor=NEUTRAL_COLOUR, linewidth=0,
                         hatch=hatch, label=label)  # fmt: skip


def _draw_lines(axes: Axes, windows: WindowScores, curves: Curves, top_k: int) -> None:
    """Draw the track's leading labels; lines of the same colour have different dashes."""
    seen: Counter[str] = Counter()
    for i in np.argsort(-windows.track_scores, kind="stable")[:top_k]:
        label, colour = windows.labels[i], colour_of(windows.labels[i])
        dashes = _DASHES[seen[colour] % len(_DASHES)]
        scores = np.where(curves.is_pause, np.nan, curves.scores[:, i])
        axes.plot(curves.times_s, scores, color=colour, linestyle=dashes, linewidth=2, label=display_name(label))
        seen[colour] += 1
    axes.set_ylabel("Score of each by itself", size=11, color=_TEXT)


def _layers(
    windows: WindowScores, scores: NDArray[np.float64], top_k: int
) -> tuple[list[NDArray[np.float64]], list[str], list[str]]:
    """Return curves, colours and names: the track's leading labels, then the sum of the others."""
    order = np.argsort(-windows.track_scores, kind="stable")
    labels = [windows.labels[i] for i in order[:top_k]]
    layers = [scores[:, i] for i in order[:top_k]]
    colours = [colour_of(label) for label in labels]
    names = [display_name(label) for label in labels]
    if top_k < len(order):
        return [*layers, scores[:, order[top_k:]].sum(axis=1)], [*colours, NEUTRAL_COLOUR], [*names, "Others"]
    return layers, colours, names

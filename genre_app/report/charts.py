"""Results as Plotly figures."""

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from genre_app.formatting import clock, percent
from genre_app.genres import NEUTRAL_COLOUR, colour_of, display_name
from genre_app.report.curves import Curves, leader_pieces, ranked, score_curves
from genre_app.report.lanes import LANE_HEIGHT_PX, lane_names, lanes
from genre_app.results.bands import Band, by_name
from genre_app.results.windows import WindowScores

_MUTED_OPACITY: Final = 0.35
_MOST_BARS: Final = 15
_BAR_HEIGHT_PX: Final = 30
_HATCHES: Final = ("/", ".", "x")
_TIMELINE_HEIGHT_PX: Final = 300
#: Of a timeline without scores.
_STRIP_HEIGHT_PX: Final = 120
#: Lanes that the timeline has room for; with more of them it is higher.
_LANES_AT_ONCE: Final = 5
_PERCENT_TICKS: Final = {
    "tickvals": [0.0, 0.25, 0.5, 0.75, 1.0],
    "ticktext": [percent(score) for score in (0.0, 0.25, 0.5, 0.75, 1.0)],
    "ticklabelstandoff": 6,
}
_MARGIN_PX: Final = {"l": 60, "r": 16, "t": 10, "b": 36}
#: Below the times.
_LEGEND_PX: Final = 34


def score_bars(windows: WindowScores, top_k: int) -> go.Figure:
    """Draw a track's scores as horizontal bars, the highest on top; bars below the top-k are muted.

    The lowest scores are left out: some models have a hundred labels.

    Parameters
    ----------
    windows : WindowScores
        Scores of the whole track.
    top_k : int
        Number of bars in full colour.

    Returns
    -------
    plotly.graph_objects.Figure
        One trace with at most 15 bars, or `top_k` if that is more.
    """
    order = np.argsort(-windows.track_scores, kind="stable")[: max(_MOST_BARS, top_k)]
    labels = [windows.labels[i] for i in order]
    scores, shown = windows.track_scores[order], windows.track_percents
    bars = go.Bar(
        orientation="h",
        x=scores,
        y=[display_name(label) for label in labels],
        text=[shown[i] for i in order],
        textposition="outside",
        cliponaxis=False,
        marker={
            "color": [colour_of(label) for label in labels],
            "opacity": [1.0 if rank < top_k else _MUTED_OPACITY for rank in range(len(labels))],
        },
        hovertemplate="%{y}: %{x:.1%}<extra></extra>",
    )
    layout = {
        **_layout(_BAR_HEIGHT_PX * len(labels) + 46),
        "bargap": 0.25,
        "showlegend": False,
        "xaxis": {"range": [0, 1.12], **_PERCENT_TICKS, "fixedrange": True},
        "yaxis": {"autorange": "reversed", "automargin": True, "ticklabelstandoff": 6, "fixedrange": True},
    }
    return go.Figure(bars, layout)


def genre_timeline(
    windows: WindowScores, duration_s: float, top_k: int, bands: Sequence[Band] = (), *, order: Sequence[str] = ()
) -> go.Figure:
    """Draw the scores over time, above a strip of the leading genre.

    Scores that sum to 1 are stacked areas; independent scores are bars, in a lane for each label.

    Parameters
    ----------
    windows : WindowScores
        Scores of the windows.
    duration_s : float
        Length of the track.
    top_k : int
        Number of labels with an area or lane of their own; the others share one area, or have no lane.
    bands : sequence of Band
        Stretches without a genre, in the order of time: hatched, with a pause in areas, bars and strip.
    order : sequence of str
        Labels that come first, in this order; the others, or all, follow by their score for the track.

    Returns
    -------
    plotly.graph_objects.Figure
        The x axis is in seconds, labelled in minutes and seconds.
    """
    n_lanes = min(top_k, len(windows.labels))
    top = 1.0 if windows.is_exclusive else float(n_lanes)
    columns = ranked(windows, order)
    drawn = (
        _areas(windows, duration_s, bands, columns, top_k)
        if windows.is_exclusive
        else lanes(windows, bands, columns[:top_k])
    )
    # In one call: each update of a figure costs as much as all of it, and a slider waits for it.
    layout = _timeline_layout(duration_s, top)
    if not drawn:  # no genre anywhere, and no scores to draw an axis for
        layout |= {"height": _STRIP_HEIGHT_PX, "margin": _MARGIN_PX}
        layout["yaxis2"]["domain"] = [0.0, 1.0]
        return go.Figure([_leader_strip(windows, bands)], layout)
    if not windows.is_exclusive:
        layout["height"] = _TIMELINE_HEIGHT_PX + LANE_HEIGHT_PX * max(0, n_lanes - _LANES_AT_ONCE)
        if not bands:  # no legend: the lanes bear their names
            layout["height"] -= _LEGEND_PX
            layout["margin"] = _MARGIN_PX
        layout["annotations"] = lane_names(windows, columns[:top_k])
        layout["yaxis"] |= {"tickvals": list(range(n_lanes)), "ticktext": [""] * n_lanes}
    return go.Figure([*drawn, *_hatched(bands, duration_s, top), _leader_strip(windows, bands)], layout)


def _timeline_layout(duration_s: float, top: float) -> dict[str, Any]:
    """Lay out the areas or lanes, up to this height, above the strip of the leading genre."""
    ticks_s = _time_ticks(duration_s)
    return {
        **_layout(_TIMELINE_HEIGHT_PX),
        "margin": {**_MARGIN_PX, "b": _MARGIN_PX["b"] + _LEGEND_PX},
        "hovermode": "x unified",
        "hoverdistance": -1,  # everywhere, however far apart the windows are
        "barmode": "overlay",
        "bargap": 0,
        # A click on the legend would hide what it names, under words that nobody needs.
        "legend": {
            "orientation": "h",
            "y": -0.12,
            "yanchor": "top",
            "traceorder": "normal",
            "itemclick": False,
            "itemdoubleclick": False,
        },
        "xaxis": {
            "unifiedhovertitle": {"text": "Scores"},  # else seconds, which the lines below give as a clock does
            "range": [0, duration_s],
            "tickvals": ticks_s,
            "ticktext": [clock(t) for t in ticks_s],
            "anchor": "y2",
            "fixedrange": True,
            "tickangle": 0,
        },
        "yaxis": {"domain": [0.16, 1.0], "range": [0, top], **_PERCENT_TICKS, "fixedrange": True},
        "yaxis2": {"domain": [0.0, 0.1], "range": [0, 1], "visible": False, "fixedrange": True},
    }


def _areas(
    windows: WindowScores, duration_s: float, bands: Sequence[Band], columns: list[int], top_k: int
) -> list[go.Scatter]:
    """Stack the first labels, then the sum of the others; nothing where there is no genre anywhere."""
    curves = score_curves(windows, duration_s, bands)
    if curves.is_pause.all():
        return []
    layers = [
        (display_name(windows.labels[i]), colour_of(windows.labels[i]), curves.scores[:, i]) for i in columns[:top_k]
    ]
    if top_k < len(columns):
        layers.append(("Others", NEUTRAL_COLOUR, curves.scores[:, columns[top_k:]].sum(axis=1)))
    return [
        _curve(name, curves, layer, stackgroup="genres", line={"width": 0.5, "color": colour}, fillcolor=colour)
        for name, colour, layer in layers
    ]


def _curve(name: str, curves: Curves, scores: NDArray[np.float64], **style: object) -> go.Scatter:
    at = "%{y:.0%} at %{customdata}"
    return go.Scatter(
        x=curves.times_s,
        y=scores,
        name=name,
        mode="lines",
        customdata=[clock(t) for t in curves.times_s],
        hovertemplate=np.where(curves.is_pause, "none", at).tolist() if curves.is_pause.any() else at,
        **style,
    )


def _hatched(bands: Sequence[Band], duration_s: float, height: float) -> list[go.Bar]:
    """Hatch the stretches without a genre: a trace for each name."""
    return [
        go.Bar(
            x=[(band.start_s + min(band.end_s, duration_s)) / 2 for band in found],
            y=[height] * len(found),
            width=[band.end_s - band.start_s for band in found],
            marker={
                "color": NEUTRAL_COLOUR,
                "line": {"width": 0},
                "pattern": {"shape": _HATCHES[i % len(_HATCHES)], "size": 9, "solidity": 0.2},
            },
            name=name,
            hovertemplate=[f"{clock(round(b.start_s))} to {clock(round(b.end_s))}" for b in found],
        )
        for i, (name, found) in enumerate(by_name(bands).items())
    ]


def _leader_strip(windows: WindowScores, bands: Sequence[Band]) -> go.Bar:
    """Draw the leading label of each drawn window, up to the start of the next."""
    pieces = leader_pieces(windows, bands)
    says = [
        f"{display_name(name)}, {percent(score)}" if score else display_name(name)
        for name, score in zip(pieces.names, pieces.scores, strict=True)
    ]
    return go.Bar(
        x=(pieces.starts_s + pieces.ends_s) / 2,
        y=np.ones(len(says)),
        width=pieces.ends_s - pieces.starts_s,
        marker={"color": pieces.colours, "line": {"width": 0}},
        yaxis="y2",
        name="Leading",
        showlegend=False,
        customdata=says,
        hovertemplate="%{customdata}<extra>Leading</extra>",
    )


def _time_ticks(duration_s: float) -> list[float]:
    """Choose at most seven round times, which a phone has room for."""
    for step_s in (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 1200):
        if duration_s / step_s <= 7:
            break
    return np.arange(0, duration_s, step_s, dtype=np.float64).tolist()


def _layout(height_px: int) -> dict[str, object]:
    return {
        "height": height_px,
        "margin": _MARGIN_PX,
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "font": {"family": "system-ui, sans-serif", "size": 14},
        "template": "none",
    }

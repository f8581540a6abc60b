"""Scores that stand alone, each label in a lane of its own, as Plotly traces."""

from collections.abc import Sequence
from typing import Final

import numpy as np
import plotly.graph_objects as go

from genre_app.formatting import clock, percent
from genre_app.genres import colour_of, display_name
from genre_app.report.curves import leader_pieces
from genre_app.results.bands import Band
from genre_app.results.windows import WindowScores

LANE_HEIGHT_PX: Final = 38
#: Share of a lane that a score of 1 fills; the label's name is above it.
_FULL: Final = 0.55


def lanes(windows: WindowScores, bands: Sequence[Band], columns: Sequence[int]) -> list[go.Bar]:
    """Draw labels as bars, one for each drawn window, with the first label in the top lane.

    Parameters
    ----------
    windows : WindowScores
        Scores of the windows.
    bands : sequence of Band
        Stretches without a genre, which have no bars.
    columns : sequence of int
        The labels' columns, one for each lane.

    Returns
    -------
    list of plotly.graph_objects.Bar
        Lane i goes from y = i to i + 1, counted from below. No lanes where there is no genre anywhere.
    """
    pieces = leader_pieces(windows, bands)
    drawn = np.flatnonzero(pieces.windows >= 0)
    if not drawn.size:
        return []
    starts_s, ends_s = pieces.starts_s[drawn], pieces.ends_s[drawn]
    traces = []
    for rank, i in enumerate(columns):
        scores = windows.window_scores[pieces.windows[drawn], i]
        says = [f"{percent(score)} at {clock(time_s)}" for score, time_s in zip(scores, starts_s, strict=True)]
        traces.append(
            go.Bar(
                x=(starts_s + ends_s) / 2,
                y=_FULL * scores,
                base=len(columns) - 1 - rank,
                width=ends_s - starts_s,
                marker={"color": colour_of(windows.labels[i]), "line": {"width": 0}},
                name=display_name(windows.labels[i]),
                showlegend=False,
                customdata=says,
                hovertemplate="%{customdata}",
            )
        )
    return traces


def lane_names(windows: WindowScores, columns: Sequence[int]) -> list[go.layout.Annotation]:
    """Write the names of the labels into their lanes, at the top left."""
    return [
        go.layout.Annotation(
            text=display_name(windows.labels[i]),
            x=0,
            xref="paper",
            xanchor="left",
            xshift=6,
            y=len(columns) - rank,
            yanchor="top",
            font={"size": 12},
            showarrow=False,
        )
        for rank, i in enumerate(columns)
    ]

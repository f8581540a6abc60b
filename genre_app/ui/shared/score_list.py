"""A track's scores as a list with bars."""

import html
from collections.abc import Iterable
from typing import Final

import numpy as np

from genre_app.genres import colour_of, display_name
from genre_app.results.windows import WindowScores

#: Labels that are seen before the others are unfolded.
_MOST_AT_ONCE: Final = 3
#: Labels that are listed at most: some models have hundreds.
_MOST_LISTED: Final = 15


def likeliest(windows: WindowScores, *, n_named: int) -> str:
    """List the three highest scores of the whole track, and all others to unfold: HTML.

    Parameters
    ----------
    windows : WindowScores
        Scores of the whole track.
    n_named : int
        Labels in full colour; the others are muted.
    """
    listed = _ranked(windows)[: max(_MOST_LISTED, n_named)]
    shown = _list(windows, listed[:_MOST_AT_ONCE], n_named)
    if len(listed) <= _MOST_AT_ONCE:
        return shown
    n_all = len(windows.labels)
    name = {10: "All ten"}.get(n_all, f"All {n_all}") if len(listed) == n_all else f"{len(listed)} of {n_all}"
    rest = _list(windows, listed[_MOST_AT_ONCE:], n_named - _MOST_AT_ONCE, first=_MOST_AT_ONCE + 1)
    return f"{shown}<details><summary>{name}</summary>{rest}</details>"


def _ranked(windows: WindowScores) -> list[int]:
    order: list[int] = np.argsort(-windows.track_scores, kind="stable").tolist()
    return order


def _list(windows: WindowScores, listed: Iterable[int], n_named: int, *, first: int = 1) -> str:
    percents = windows.track_percents
    items = []
    for rank, i in enumerate(listed):
        label, score = windows.labels[i], float(windows.track_scores[i])
        muted = "" if rank < n_named else " class='muted'"
        items.append(
            f"<li{muted}><span class='name'>{html.escape(display_name(label))}</span>"
            f"<span class='bar' aria-hidden='true'><span style='width:{100 * score:.1f}%;"
            f"background:{colour_of(label)}'></span></span><span class='score'>{percents[i]}</span></li>"
        )
    return f"<ol class='scores' start='{first}'>{''.join(items)}</ol>"

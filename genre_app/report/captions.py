"""The charts in a sentence each, as text alternative and summary."""

from collections.abc import Iterable, Sequence
from typing import Final

import numpy as np

from genre_app.formatting import clock, percent
from genre_app.genres import display_name
from genre_app.results.leaders import Stretch, stretches_of
from genre_app.results.schema import ClassificationResult
from genre_app.results.windows import WindowScores

#: Labels that a sentence names at most.
_MOST_NAMED: Final = 3
#: Stretches of other labels than the leader that are named with their times, at most.
_MOST_STRETCHES: Final = 3


def scores_caption(windows: WindowScores) -> str:
    """Describe the leading labels of the whole track, and how to read the scores.

    Parameters
    ----------
    windows : WindowScores
        Scores of the whole track.

    Returns
    -------
    str
        Such as ``"Rock is ahead with 80 %, before metal (12 %) and pop (4 %). Together the scores make 100 %."``.
    """
    order = np.argsort(-windows.track_scores, kind="stable")[:_MOST_NAMED]
    first, *others = [(windows.labels[i], percent(windows.track_scores[i])) for i in order]
    sentence = f"{display_name(first[0])} is ahead with {first[1]}"
    if others:
        sentence += f", before {_listed(f'{_inside(label)} ({score})' for label, score in others)}"
    if windows.is_exclusive:
        return f"{sentence}. Together the scores make 100 %."
    return f"{sentence}. Each is judged by itself: the scores do not add up to 100 %."


def course_caption(result: ClassificationResult) -> str:
    """Describe how the leading label changes through the track.

    Parameters
    ----------
    result : ClassificationResult
        Its timeline holds the leading labels.

    Returns
    -------
    str
        Such as ``"Rock leads for 80 % of the track; metal leads from 1:20 to 1:50."``.
    """
    stretches = stretches_of(result.timeline)
    if len(result.timeline) == 1:
        return f"One window holds the whole track: {_inside(stretches[0].label)} leads."
    if len(stretches) == 1:
        return f"{display_name(stretches[0].label)} leads from beginning to end."
    if result.metadata.is_sample:
        return f"In the windows that were sampled, {_shares(stretches)}."
    leader, share = _longest(stretches)
    if len(stretches) == 2:
        first, second = stretches
        return (
            f"{display_name(first.label)} leads until {clock(first.end_s)}, and {_inside(second.label)} from then on."
        )
    others = [stretch for stretch in stretches if stretch.label != leader]
    if share > 0.5 and len(others) <= _MOST_STRETCHES:
        rest = "; ".join(
            f"{_inside(label)}{' leads' if i == 0 else ''} {_listed(_when(place, stretches) for place in places)}"
            for i, (label, places) in enumerate(_by_label(others).items())
        )
        return f"{display_name(leader)} leads for {percent(share)} of the track; {rest}."
    n_changes = len(stretches) - 1
    return f"The lead changes {'twice' if n_changes == 2 else f'{n_changes} times'}: {_shares(stretches)}."


def _seconds(stretches: Iterable[Stretch]) -> dict[str, float]:
    """Sum how long each label leads, in seconds, the longest first."""
    seconds: dict[str, float] = {}
    for stretch in stretches:
        seconds[stretch.label] = seconds.get(stretch.label, 0.0) + stretch.duration_s
    return dict(sorted(seconds.items(), key=lambda pair: -pair[1]))


def _longest(stretches: Sequence[Stretch]) -> tuple[str, float]:
    seconds = _seconds(stretches)
    label = next(iter(seconds))
    return label, seconds[label] / (sum(seconds.values()) or 1.0)


def _shares(stretches: Sequence[Stretch]) -> str:
    """List the labels that lead longest with their share of the time, and the others in sum."""
    seconds = _seconds(stretches)
    total_s = sum(seconds.values()) or 1.0
    n_named = _MOST_NAMED if len(seconds) > _MOST_NAMED + 1 else len(seconds)
    shares = [(_inside(label), percent(span_s / total_s)) for label, span_s in list(seconds.items())[:n_named]]
    if n_named < len(seconds):
        left_s = sum(list(seconds.values())[n_named:])
        shares.append((f"{len(seconds) - n_named} others together", percent(left_s / total_s)))
    (first, share), *rest = shares
    return _listed([f"{first} has {share} of the time", *(f"{label} {share}" for label, share in rest)])


def _by_label(stretches: Iterable[Stretch]) -> dict[str, list[Stretch]]:
    places: dict[str, list[Stretch]] = {}
    for stretch in stretches:
        places.setdefault(stretch.label, []).append(stretch)
    return places


def _when(stretch: Stretch, stretches: Sequence[Stretch]) -> str:
    start, end = clock(stretch.start_s), clock(stretch.end_s)
    if stretch is stretches[0]:
        return f"until {end}"
    if stretch is stretches[-1]:
        return f"from {start} to the end"
    return f"at {start}" if start == end else f"from {start} to {end}"


def _inside(label: str) -> str:
    """Return a label as written inside a sentence."""
    return display_name(label).lower()


def _listed(parts: Iterable[str]) -> str:
    """Join with commas and an "and"."""
    *heads, last = parts
    return f"{', '.join(heads)} and {last}" if heads else last

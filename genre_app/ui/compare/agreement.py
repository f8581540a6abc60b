"""The answers of two models to one track, and whether they agree."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from genre_app.formatting import percent
from genre_app.genres import canonical, display_name
from genre_app.models.catalogue import entry_of
from genre_app.results.leaders import Stretch, stretches_of
from genre_app.results.schema import ClassificationResult, TimelineEntry, Verdict
from genre_app.results.windows import WindowScores


@dataclass(frozen=True, slots=True)
class Answer:
    """A model's answer to a track.

    Attributes
    ----------
    model : str
        Title of the model.
    result : ClassificationResult
        Its result.
    windows : WindowScores
        Its scores window by window.
    """

    model: str
    result: ClassificationResult
    windows: WindowScores


def title_of(model: str) -> str:
    """Return a model's title in the catalogue, or its name."""
    entry = entry_of(model)
    return entry.title if entry else model


def agreement(first: Sequence[TimelineEntry], second: Sequence[TimelineEntry]) -> float:
    """Return the share of the time, 0 to 1, in which the same label leads in both, in any spelling."""
    sides = [stretches_of(timeline) for timeline in (first, second)]
    bounds_s = np.unique([stretch.start_s for side in sides for stretch in side])
    end_s = min(side[-1].end_s for side in sides)
    bounds_s = np.append(bounds_s[bounds_s < end_s], end_s)
    middles_s = (bounds_s[:-1] + bounds_s[1:]) / 2
    agree = [_leader_at(sides[0], time_s) == _leader_at(sides[1], time_s) for time_s in middles_s]
    lengths_s: NDArray[np.float64] = np.diff(bounds_s)
    return float(lengths_s[np.array(agree, dtype=bool)].sum() / lengths_s.sum())


def _leader_at(side: list[Stretch], time_s: float) -> str:
    return canonical(next(stretch.label for stretch in side if stretch.end_s > time_s))


def verdict_on(first: Answer, second: Answer) -> str:
    """Write whether two models agree, on the whole and over time."""
    return f"{_on_the_whole(first, second)}; {_over_time(agreement(first.result.timeline, second.result.timeline))}."


def _on_the_whole(first: Answer, second: Answer) -> str:
    one, other = first.result.verdict, second.result.verdict
    if one.kind == other.kind == "not_music":
        return "Both hear no music"
    is_same = canonical(first.result.predicted_genre) == canonical(second.result.predicted_genre)
    if not is_same or "not_music" in {one.kind, other.kind}:
        return f"They disagree: {first.model} {_says(one)}, {second.model} {_says(other)}"
    genre = display_name(first.result.predicted_genre).lower()
    unsure = [answer.model for answer in (first, second) if answer.result.verdict.kind == "uncertain"]
    if not unsure:
        return f"Both say {genre}"
    doubt = "neither is sure" if len(unsure) == 2 else f"{unsure[0]} is not sure"
    return f"Both lean towards {genre}, but {doubt}"


def _says(verdict: Verdict) -> str:
    names = [display_name(genre).lower() for genre in verdict.genres]
    if verdict.kind == "not_music":
        return "hears no music"
    if verdict.kind == "confident":
        return f"says {' and '.join(names)}"
    if len(names) == 1:
        return f"is not sure, but leans towards {names[0]}"
    return f"is not sure between {', '.join(names[:-1])} and {names[-1]}"


def _over_time(share: float) -> str:
    if share in {0.0, 1.0}:
        return "moment by moment they agree all the time" if share else "moment by moment they never agree"
    return f"moment by moment they agree for {percent(share)} of the time"

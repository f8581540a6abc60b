"""The answers of two models to one track, and whether they agree."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from genre_app.formatting import percent
from genre_app.genres import canonical, display_name
from genre_app.models.catalogue import entry_of
from genre_app.results.bands import bands_of, genre_stretches
from genre_app.results.leaders import Stretch
from genre_app.results.schema import ClassificationResult, Verdict
from genre_app.results.windows import WindowScores

#: More parts than this are not listed.
_MOST_PARTS: Final = 4


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


def agreement(first: ClassificationResult, second: ClassificationResult) -> float | None:
    """Return the share of the time, 0 to 1, in which the same label leads in both, in any spelling.

    Only the time counts in which both name a genre; None where there is none.
    """
    sides = [genre_stretches(result.timeline, bands_of(result)) for result in (first, second)]
    bounds_s = np.unique([time_s for side in sides for stretch in side for time_s in (stretch.start_s, stretch.end_s)])
    middles_s, lengths_s = (bounds_s[:-1] + bounds_s[1:]) / 2, np.diff(bounds_s)
    leaders = [(_leader_at(sides[0], time_s), _leader_at(sides[1], time_s)) for time_s in middles_s]
    counts = np.array([None not in pair for pair in leaders], dtype=bool)
    agree = np.array([one == other for one, other in leaders], dtype=bool)
    total_s = lengths_s[counts].sum()
    return float(lengths_s[counts & agree].sum() / total_s) if total_s else None


def _leader_at(side: list[Stretch], time_s: float) -> str | None:
    return next((canonical(stretch.label) for stretch in side if stretch.start_s <= time_s < stretch.end_s), None)


def verdict_on(first: Answer, second: Answer) -> str:
    """Write whether two models agree, on the whole and over time."""
    share = agreement(first.result, second.result)
    return f"{_on_the_whole(first, second)}{'' if share is None else f'; {_over_time(share)}'}."


def _on_the_whole(first: Answer, second: Answer) -> str:
    one, other = first.result.verdict, second.result.verdict
    if both := _both_say(one, other):
        return both
    is_same = canonical(first.result.predicted_genre) == canonical(second.result.predicted_genre)
    if not is_same or not {one.kind, other.kind} <= {"confident", "uncertain"}:
        return f"They disagree: {first.model} {_says(one)}, {second.model} {_says(other)}"
    genre = display_name(first.result.predicted_genre).lower()
    unsure = [answer.model for answer in (first, second) if answer.result.verdict.kind == "uncertain"]
    if not unsure:
        return f"Both say {genre}"
    doubt = "neither is sure" if len(unsure) == 2 else f"{unsure[0]} is not sure"
    return f"Both lean towards {genre}, but {doubt}"


def _both_say(one: Verdict, other: Verdict) -> str | None:
    """Write what both say, where both say the same and it is not a genre."""
    if one.kind == other.kind == "not_music":
        return "Both hear no music"
    if one.kind == other.kind == "outside":
        return "Both find none of the ten genres"
    if one.kind == other.kind == "mixed" and _order(one) == _order(other):
        return f"Both hear {_in_turn(one)}"
    return None


def _says(verdict: Verdict) -> str:
    names = [display_name(genre).lower() for genre in verdict.genres]
    if verdict.kind == "not_music":
        return "hears no music"
    if verdict.kind == "outside":
        return "finds none of the ten genres"
    if verdict.kind == "mixed":
        return f"hears {_in_turn(verdict)}"
    if verdict.kind == "confident":
        return f"says {' and '.join(names)}"
    if len(names) == 1:
        return f"is not sure, but leans towards {names[0]}"
    return f"is not sure between {', '.join(names[:-1])} and {names[-1]}"


def _order(verdict: Verdict) -> list[str]:
    return [canonical(part.name) for part in verdict.parts]


def _in_turn(verdict: Verdict) -> str:
    """Write the parts of a mixed track, without their times; many of them are only counted."""
    if len(verdict.parts) > _MOST_PARTS:
        return "several genres in turn"
    return ", then ".join(display_name(part.name).lower() for part in verdict.parts)


def _over_time(share: float) -> str:
    if share in {0.0, 1.0}:
        return "moment by moment they agree all the time" if share else "moment by moment they never agree"
    return f"moment by moment they agree for {percent(share)} of the time"

"""The answers of two models to one track, and whether they agree."""

from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Final

import numpy as np

from genre_app.formatting import percent
from genre_app.genres import canonical, display_name
from genre_app.results.bands import bands_of, genre_stretches
from genre_app.results.label_kind import LabelKind
from genre_app.results.leaders import Stretch
from genre_app.results.schema import ClassificationResult, Verdict
from genre_app.results.windows import WindowScores

#: More parts than this are not listed.
_MOST_PARTS: Final = 4
#: Kinds of verdicts that name genres, so that the leaders of two can be compared moment by moment.
_NAMING_GENRES: Final = {"confident", "uncertain", "mixed"}


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

    @property
    def kind(self) -> LabelKind:
        """What the model's labels are."""
        return self.windows.label_kind


@dataclass(frozen=True, slots=True)
class PairOfLeaders:
    """A stretch throughout which one label leads in each of two results; times in seconds."""

    start_s: float
    end_s: float
    first: str
    second: str

    @property
    def duration_s(self) -> float:
        """Length of the stretch."""
        return self.end_s - self.start_s

    @property
    def differs(self) -> bool:
        """Whether the labels are not the same, in any spelling."""
        return canonical(self.first) != canonical(self.second)


def agreement(first: ClassificationResult, second: ClassificationResult) -> float | None:
    """Return the share of the time, 0 to 1, in which the same label leads in both, in any spelling.

    Only the time counts in which both name a genre; None where there is none.
    """
    pairs = _pairs(first, second)
    total_s = sum(pair.duration_s for pair in pairs)
    differ_s = sum(pair.duration_s for pair in pairs if pair.differs)
    return 1.0 - differ_s / total_s if total_s else None


def differences(first: ClassificationResult, second: ClassificationResult, *, most: int) -> list[PairOfLeaders]:
    """Find the longest stretches in which both name a genre, and not the same one, in the order of time.

    Parameters
    ----------
    first, second : ClassificationResult
        Results of one track.
    most : int
        How many are listed.
    """
    longest = sorted((pair for pair in _pairs(first, second) if pair.differs), key=lambda pair: -pair.duration_s)
    return sorted(longest[:most], key=lambda pair: pair.start_s)


def _pairs(first: ClassificationResult, second: ClassificationResult) -> list[PairOfLeaders]:
    """List the stretches in which both name a genre; neighbours differ, or there is a gap between them."""
    sides = [genre_stretches(result.timeline, bands_of(result)) for result in (first, second)]
    bounds_s = np.unique([time_s for side in sides for stretch in side for time_s in (stretch.start_s, stretch.end_s)])
    pairs: list[PairOfLeaders] = []
    for start_s, end_s in pairwise(bounds_s.tolist()):
        one, other = (_leader_at(side, (start_s + end_s) / 2) for side in sides)
        if one is None or other is None:
            continue
        if pairs and (pairs[-1].end_s, pairs[-1].first, pairs[-1].second) == (start_s, one, other):
            pairs[-1] = replace(pairs[-1], end_s=end_s)
        else:
            pairs.append(PairOfLeaders(start_s, end_s, one, other))
    return pairs


def _leader_at(side: list[Stretch], time_s: float) -> str | None:
    return next((stretch.label for stretch in side if stretch.start_s <= time_s < stretch.end_s), None)


def common_order(first: Answer, second: Answer) -> list[str]:
    """List the labels of both by the mean of their scores, the highest first; none where they are not of one kind."""
    if first.kind != second.kind:
        return []
    scores: dict[str, float] = {}
    for windows in (first.windows, second.windows):
        for label, score in zip(windows.labels, windows.track_scores.tolist(), strict=True):
            scores[label] = scores.get(label, 0.0) + score
    return sorted(scores, key=lambda label: -scores[label])


def verdict_on(first: Answer, second: Answer) -> str:
    """Write whether two models agree, on the whole and over time."""
    if first.kind != second.kind:
        return f"{first.kind.capitalize()}s beside {second.kind}s: {_model_says(first)}; {_model_says(second)}."
    name_genres = all(answer.result.verdict.kind in _NAMING_GENRES for answer in (first, second))
    share = agreement(first.result, second.result) if name_genres else None
    whole = _on_the_whole(first, second) if first.kind != "tag" else f"{_model_says(first)}, {_model_says(second)}"
    return f"{whole}{'' if share is None else f'; {_over_time(share)}'}."


def _on_the_whole(first: Answer, second: Answer) -> str:
    one, other = first.result.verdict, second.result.verdict
    if both := _both_say(one, other):
        return both
    is_same = canonical(first.result.predicted_genre) == canonical(second.result.predicted_genre)
    genre = display_name(first.result.predicted_genre).lower()
    match one.kind, other.kind:
        case "confident", "confident" if is_same:
            return f"Both say {genre}"
        case "uncertain", "uncertain" if is_same:
            return f"Both lean towards {genre}, but neither is sure"
        case "uncertain", "uncertain":
            return "Neither is sure"  # between what, their own answers say
        case ("confident", "uncertain") | ("uncertain", "confident") if is_same:
            sure, unsure = (first, second) if one.kind == "confident" else (second, first)
            return f"{sure.model} says {genre}, and {unsure.model} leans towards it without being sure"
    return f"They disagree: {_model_says(first)}, {_model_says(second)}"


def _both_say(one: Verdict, other: Verdict) -> str | None:
    """Write what both say, where both say the same and it is not a genre."""
    if one.kind == other.kind == "not_music":
        return "Both hear no music"
    if one.kind == other.kind == "outside":
        return "Both find none of the ten genres"
    if one.kind == other.kind == "mixed" and _order(one) == _order(other):
        return f"Both hear {_in_turn(one)}"
    return None


def _model_says(answer: Answer) -> str:
    if answer.kind == "tag" and answer.result.verdict.kind in {"confident", "uncertain"}:
        tags = [display_name(tag).lower() for tag in answer.result.verdict.genres]
        return f"{answer.model} hears {_listed(tags)}"
    return f"{answer.model} {_says(answer.result.verdict)}"


def _listed(names: list[str]) -> str:
    return " and ".join(filter(None, [", ".join(names[:-1]), names[-1]]))


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
    return f"is not sure between {_listed(names)}"


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

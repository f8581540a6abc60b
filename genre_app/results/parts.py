"""What a track is part by part, independent of the windows that are shown: speech, one genre after another."""

from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import Final, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from genre_app.results.model_info import DecisionRule
from genre_app.results.moments import MOMENT_S, lacks_music, moment_scores, sigmoid, smooth
from genre_app.results.schema import NOT_MUSIC, Part, Verdict
from genre_app.results.stretches import patch_bounds_s
from genre_app.results.track_logits import TrackLogits

#: What is not music, beside music, is worth a mention from this share of the parts' time on.
_LEAST_OF_A_SOUND: Final = 0.1
#: For as long may moments be unsure about a change from one genre to the next: each sees both of them.
_LONGEST_CHANGE_S: Final = 4 * MOMENT_S


class _Moment(NamedTuple):
    """What a moment is, where that is sure."""

    kind: Literal["genre", "sound"]
    name: str


class _Run(NamedTuple):
    """Neighbouring patches that are the same: from the first one to the last."""

    moment: _Moment
    first: int
    last: int


def parts_of(track: TrackLogits, rule: DecisionRule) -> list[Part]:
    """List the parts of a mixed track, or of another one what is not music, in the order of time.

    A track is mixed if no single thing makes up most of it. Each moment is a genre that leads clearly, a sound that is
    not music, or nothing sure. Neighbours that are the same make a part; what is not sure or silent between them does
    not part them. Where two genres meet, what is not sure goes to the one that it resembles more.

    Returns
    -------
    list of Part
        In a mixed track of at least two names, one of them a genre; else only sounds.
    """
    if rule.part_from is None or track.activation != "softmax":
        return []
    scores, bounds_s = moment_scores(track), patch_bounds_s(track)
    runs = [
        run
        for run in _joined(_runs(_moments(track, scores, rule)))
        if bounds_s[run.last + 1] - bounds_s[run.first] >= rule.part_seconds
    ]
    # A few seconds that a detector takes for noise, in a piece of music, are part of the piece.
    shares = _shares_of(runs, bounds_s)
    runs = [run for run in runs if run.moment.kind == "genre" or shares[run.moment] >= _LEAST_OF_A_SOUND]
    runs = _grown_together(_joined(runs), track, scores)
    shares = _shares_of(runs, bounds_s)
    has_music = any(moment.kind == "genre" for moment in shares)
    is_mixed = has_music and len(shares) > 1 and max(shares.values()) <= rule.most_of_parts
    parts = [_part(track, run, bounds_s, scores) for run in runs]
    return [part for part in parts if is_mixed or part.kind == "sound"]


def _moments(track: TrackLogits, scores: NDArray[np.float64], rule: DecisionRule) -> list[_Moment | None]:
    """Say of each patch what it is, where that is sure."""
    names = [track.labels[column] for column in scores.argmax(axis=1)]
    is_sure = scores.max(axis=1) >= (rule.part_from or 0.0)
    moments = [_Moment("genre", name) if sure else None for name, sure in zip(names, is_sure, strict=True)]
    if track.sound_logits is not None:
        likeliest = smooth(track, track.sound_logits.astype(np.float64)).argmax(axis=1)
        for index in np.flatnonzero(lacks_music(track, rule)):
            moments[index] = _Moment("sound", track.sounds[likeliest[index]])
    return [moment if sounds else None for moment, sounds in zip(moments, track.has_sound, strict=True)]


def _runs(moments: Iterable[_Moment | None]) -> Iterator[_Run]:
    for index, moment in enumerate(moments):
        if moment:
            yield _Run(moment, index, index)


def _joined(runs: Iterable[_Run]) -> list[_Run]:
    """Join successive runs that are the same, whatever lies between them."""
    groups = (list(group) for _, group in groupby(runs, key=lambda run: run.moment))
    return [_Run(group[0].moment, group[0].first, group[-1].last) for group in groups]


def _shares_of(runs: Iterable[_Run], bounds_s: NDArray[np.float64]) -> dict[_Moment, float]:
    """Return what share of the runs' time each moment has."""
    lengths_s: dict[_Moment, float] = {}
    for run in runs:
        length_s = float(bounds_s[run.last + 1] - bounds_s[run.first])
        lengths_s[run.moment] = lengths_s.get(run.moment, 0.0) + length_s
    total_s = sum(lengths_s.values())
    return {moment: length_s / total_s for moment, length_s in lengths_s.items()}


def _grown_together(runs: list[_Run], track: TrackLogits, scores: NDArray[np.float64]) -> list[_Run]:
    """Let successive genres meet where one takes over from the other, unless much more than a change lies between."""
    grown = runs[:1]
    for run in runs[1:]:
        before = grown[-1]
        gap = before.last + 1 + np.flatnonzero(track.has_sound[before.last + 1 : run.first])
        is_a_change = len(gap) and track.starts_s[gap[-1]] - track.starts_s[gap[0]] <= _LONGEST_CHANGE_S
        if is_a_change and before.moment.kind == run.moment.kind == "genre":
            own, other = (scores[gap, track.labels.index(one.moment.name)] for one in (before, run))
            n_before = int(np.concatenate([[0.0], np.cumsum(own - other)]).argmax())
            grown[-1] = before._replace(last=max([before.last, *gap[:n_before].tolist()]))
            run = run._replace(first=min([*gap[n_before:].tolist(), run.first]))  # noqa: PLW2901 - the same, grown
        grown.append(run)
    return grown


def _part(track: TrackLogits, run: _Run, bounds_s: NDArray[np.float64], scores: NDArray[np.float64]) -> Part:
    inside = slice(run.first, run.last + 1)
    if run.moment.kind == "genre":
        column = scores[inside, track.labels.index(run.moment.name)]
    else:
        assert track.music_logits is not None
        column = 1.0 - sigmoid(track.music_logits[inside].astype(np.float64))
    return Part(
        kind=run.moment.kind,
        name=run.moment.name,
        start=round(float(bounds_s[run.first]), 3),
        end=round(float(bounds_s[run.last + 1]), 3),
        confidence=round(float(np.average(column, weights=_weights(track, inside))), 6),
    )


def _weights(track: TrackLogits, inside: slice) -> NDArray[np.float64]:
    """Leave silence inside a part out of its mean."""
    votes = track.votes[inside]
    return votes if votes.any() else np.ones_like(votes)


def sounds_of(verdict: Verdict, duration_s: float) -> list[Part]:
    """List the parts of a track that are no music, in the order of time; where nothing is, the whole track is one."""
    if verdict.kind != "not_music":
        return [part for part in verdict.parts if part.kind == "sound"]
    name = verdict.sounds[0] if verdict.sounds else NOT_MUSIC
    certainty = 1.0 - (verdict.music_probability or 0.0)
    return [Part(kind="sound", name=name, start=0.0, end=round(duration_s, 3), confidence=certainty)]

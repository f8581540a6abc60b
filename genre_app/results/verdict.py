"""The honest answer: one genre, several in turn, none of the ten, not sure, or not music at all."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from genre_app.formatting import clock, percents
from genre_app.genres import display_name
from genre_app.results.label_kind import kind_of
from genre_app.results.model_info import DecisionRule
from genre_app.results.schema import Part, Verdict

#: More than this many alternatives are no help to anyone.
_MOST_ALTERNATIVES = 3
#: More parts than this are summed up instead of listed.
MOST_PARTS = 5


@dataclass(frozen=True, slots=True)
class Evidence:
    """What a verdict rests on, all of it about the parts of the track that hold sound.

    Attributes
    ----------
    scores : ndarray, shape (n_labels,)
        Probabilities of the whole track.
    labels : tuple of str
        The classes.
    music_log_odds : float or None
        Log-odds that the track is music; None if the model does not detect music.
    longest : str or None
        The label that leads for the longest time; None counts the likeliest.
    is_exclusive : bool
        Whether one label at most is true.
    has_sound : bool
        Whether any part of the track holds sound.
    sounds : sequence of str
        Sounds that are not music, the likeliest first.
    outside_styles : sequence of str
        Styles that stand for none of the labels and speak against them; empty where the music may be one of the labels.
    parts : sequence of Part
        Parts of a mixed track that are sure, in the order of time; of another track those that are not music.
    """

    scores: NDArray[np.float64]
    labels: tuple[str, ...]
    music_log_odds: float | None = None
    longest: str | None = None
    is_exclusive: bool = True
    has_sound: bool = True
    sounds: Sequence[str] = ()
    outside_styles: Sequence[str] = ()
    parts: Sequence[Part] = field(default_factory=tuple)

    @property
    def ranking(self) -> NDArray[np.int64]:
        """Columns in the order of falling scores."""
        order: NDArray[np.int64] = np.argsort(-self.scores, kind="stable")
        return order

    @property
    def best(self) -> str:
        """The leading label."""
        return self.labels[int(self.ranking[0])]

    @property
    def music_probability(self) -> float | None:
        """Probability that the track is music."""
        if self.music_log_odds is None:
            return None
        return round((1 + math.tanh(self.music_log_odds / 2)) / 2, 4)


def judge(evidence: Evidence, rule: DecisionRule) -> Verdict:
    """Decide what may be said of a track.

    Parameters
    ----------
    evidence : Evidence
        What the model found.
    rule : DecisionRule
        The model's thresholds.

    Returns
    -------
    Verdict
        Kind, sentence, and the labels, styles, sounds or parts that it names.
    """
    if not evidence.has_sound:
        return _verdict(evidence, "not_music", "There is no sound in this file")
    if any(part.kind == "genre" for part in evidence.parts):
        return _mixed(evidence)
    if doubt := _doubt_that_it_is_music(evidence, rule):
        return doubt
    if kind_of(evidence.labels, is_exclusive=evidence.is_exclusive) == "tag":
        return _tags(evidence, rule)
    if not evidence.is_exclusive:
        return _several(evidence, rule)
    return _outside(evidence) if evidence.outside_styles else _one(evidence, rule)


def _doubt_that_it_is_music(evidence: Evidence, rule: DecisionRule) -> Verdict | None:
    """Say that it is not music, or that this is not sure; None for music."""
    if _is_below(evidence.music_log_odds, rule.music_from):
        sounds = list(evidence.sounds[:1])
        what = f": {sounds[0]}" if sounds else ""
        return _verdict(evidence, "not_music", f"This does not sound like music{what}", sounds=sounds)
    if _is_below(evidence.music_log_odds, rule.music_sure_from):
        sentence = f"Not sure that this is music; the closest is {_inside(evidence.best)}"
        return _verdict(evidence, "uncertain", sentence, genres=[evidence.best])
    return None


def _one(evidence: Evidence, rule: DecisionRule) -> Verdict:
    """Name the leading label, or the few between which the model is not sure."""
    ranking = evidence.ranking
    longest = evidence.longest or evidence.best
    if evidence.scores[ranking[0]] >= rule.confident_from and longest == evidence.best:
        sentence = f"{display_name(evidence.best)}, {percents(evidence.scores.tolist())[ranking[0]]}"
        return _verdict(evidence, "confident", sentence, genres=[evidence.best])
    n_needed = int(np.searchsorted(np.cumsum(evidence.scores[ranking]), rule.set_mass)) + 1
    named = [evidence.labels[i] for i in ranking[: min(max(n_needed, 2), _MOST_ALTERNATIVES)]]
    if longest not in named:  # the timeline shows it more than any other
        named = [*named[: _MOST_ALTERNATIVES - 1], longest]
    return _verdict(evidence, "uncertain", _doubt(named), genres=named)


def _several(evidence: Evidence, rule: DecisionRule) -> Verdict:
    """Name the labels that are likely, each on its own."""
    named = _likely(evidence, rule)
    if not named:
        closest = _closest(evidence)
        return _verdict(evidence, "uncertain", _doubt(closest), genres=closest)
    names = [display_name(named[0]), *(_inside(label) for label in named[1:])]
    return _verdict(evidence, "confident", _joined(names, "and"), genres=named)


def _tags(evidence: Evidence, rule: DecisionRule) -> Verdict:
    """List the tags that are likely, or else the closest: several can be true, so there is no doubt between them."""
    named = _likely(evidence, rule)
    shown = named or _closest(evidence)
    sentence = f"It sounds {'' if named else 'most '}like: {', '.join(_inside(tag) for tag in shown)}"
    return _verdict(evidence, "confident" if named else "uncertain", sentence, genres=shown)


def _likely(evidence: Evidence, rule: DecisionRule) -> list[str]:
    """Return the labels that are likely, each on its own; at most three."""
    ranking = evidence.ranking[:_MOST_ALTERNATIVES]
    return [evidence.labels[i] for i in ranking if evidence.scores[i] >= rule.confident_from]


def _closest(evidence: Evidence) -> list[str]:
    return [evidence.labels[i] for i in evidence.ranking[:_MOST_ALTERNATIVES]]


def _outside(evidence: Evidence) -> Verdict:
    """Say that the music is none of the labels, and name its styles."""
    styles = list(evidence.outside_styles[:2])
    names = [display_name(styles[0]), *(_inside(style) for style in styles[1:])]
    sentence = (
        f"{_joined(names, 'or')}: none of the {_count(len(evidence.labels))} genres; "
        f"the closest is {_inside(evidence.best)}"
    )
    return _verdict(evidence, "outside", sentence, genres=[evidence.best], styles=styles)


def _mixed(evidence: Evidence) -> Verdict:
    """Name the parts in their order, with the times at which they begin; of many, only their names, likeliest first."""
    parts = list(evidence.parts)
    names = list(dict.fromkeys(part.name for part in parts))
    if len(parts) > MOST_PARTS:
        likeliest = [evidence.labels[i] for i in evidence.ranking]
        names.sort(key=lambda name: likeliest.index(name) if name in likeliest else len(likeliest))
        shown = [display_name(names[0]), *(_inside(name) for name in names[1:])]
        sentence = f"{_joined(shown, 'and')} in turn"
    else:
        first, *others = parts
        changes = [f"then {_inside(part.name)} from {clock(part.start)}" for part in others]
        sentence = ", ".join([display_name(first.name), *changes])
    is_genre = {part.name: part.kind == "genre" for part in parts}
    genres = [name for name in names if is_genre[name]]
    sounds = [name for name in names if not is_genre[name]]
    return _verdict(evidence, "mixed", sentence, genres=genres, sounds=sounds, parts=parts)


def _verdict(evidence: Evidence, kind: str, sentence: str, **named: object) -> Verdict:
    """Fill in what all verdicts share."""
    parts = [] if kind == "not_music" else list(evidence.parts)
    return Verdict.model_validate(
        {
            "genres": [],
            "music_probability": evidence.music_probability,
            "parts": parts,
            **named,
            "kind": kind,
            "sentence": sentence,
        }
    )


def _is_below(log_odds: float | None, threshold: float | None) -> bool:
    return log_odds is not None and threshold is not None and log_odds < threshold


def _doubt(labels: list[str]) -> str:
    return f"Not sure: {_joined([_inside(label) for label in labels], 'or')}"


def _joined(names: Sequence[str], word: str) -> str:
    """Join names as in a sentence: ``rock, pop or jazz``."""
    *heads, last = names
    return f"{', '.join(heads)} {word} {last}" if heads else last


def _inside(label: str) -> str:
    """Write a label as inside a sentence."""
    return display_name(label).lower()


def _count(n_labels: int) -> str:
    return "ten" if n_labels == 10 else str(n_labels)

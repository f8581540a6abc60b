"""From scores to an honest answer: sure, not sure, or not music at all."""

import math

import numpy as np
from numpy.typing import NDArray

from genre_app.formatting import percent
from genre_app.genres import display_name
from genre_app.results.model_info import DecisionRule
from genre_app.results.schema import Verdict

#: More than this many alternatives are no help to anyone.
_MOST_ALTERNATIVES = 3


def judge(
    scores: NDArray[np.float64],
    labels: tuple[str, ...],
    rule: DecisionRule,
    music_log_odds: float | None = None,
    *,
    is_exclusive: bool = True,
) -> Verdict:
    """Decide what may be said of a track.

    Parameters
    ----------
    scores : ndarray, shape (n_labels,)
        Probabilities of the whole track.
    labels : tuple of str
        The classes.
    rule : DecisionRule
        The model's thresholds.
    music_log_odds : float, optional
        Mean log-odds that the track's patches are music.
    is_exclusive : bool
        Whether one label at most is true; otherwise each that reaches the threshold is named.

    Returns
    -------
    Verdict
        Kind, sentence and the labels that it names.
    """
    ranking = np.argsort(-scores, kind="stable")
    best, score = labels[ranking[0]], float(scores[ranking[0]])
    probability = None if music_log_odds is None else round((1 + math.tanh(music_log_odds / 2)) / 2, 4)
    if _is_below(music_log_odds, rule.music_from):
        return Verdict(
            kind="not_music", sentence="This does not sound like music", genres=[], music_probability=probability
        )
    if _is_below(music_log_odds, rule.music_sure_from):
        sentence = f"Not sure that this is music; the closest is {display_name(best).lower()}"
        return Verdict(kind="uncertain", sentence=sentence, genres=[best], music_probability=probability)
    if not is_exclusive:
        return _judge_each(scores[ranking], [labels[i] for i in ranking], rule, probability)
    if score >= rule.confident_from:
        sentence = f"{display_name(best)}, {percent(score)}"
        return Verdict(kind="confident", sentence=sentence, genres=[best], music_probability=probability)
    n_needed = int(np.searchsorted(np.cumsum(scores[ranking]), rule.set_mass)) + 1
    named = [labels[i] for i in ranking[: min(max(n_needed, 2), _MOST_ALTERNATIVES)]]
    return Verdict(kind="uncertain", sentence=_doubt(named), genres=named, music_probability=probability)


def _judge_each(
    scores: NDArray[np.float64], labels: list[str], rule: DecisionRule, probability: float | None
) -> Verdict:
    """Name the labels that are likely, each on its own; scores and labels are in descending order."""
    named = [label for label, score in zip(labels, scores, strict=True) if score >= rule.confident_from]
    if not named:
        closest = labels[:_MOST_ALTERNATIVES]
        return Verdict(kind="uncertain", sentence=_doubt(closest), genres=closest, music_probability=probability)
    named = named[:_MOST_ALTERNATIVES]
    names = [display_name(named[0]), *(display_name(label).lower() for label in named[1:])]
    sentence = names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
    return Verdict(kind="confident", sentence=sentence, genres=named, music_probability=probability)


def _is_below(log_odds: float | None, threshold: float | None) -> bool:
    return log_odds is not None and threshold is not None and log_odds < threshold


def _doubt(labels: list[str]) -> str:
    names = [display_name(label).lower() for label in labels]
    return f"Not sure: {', '.join(names[:-1])} or {names[-1]}"

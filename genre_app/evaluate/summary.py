"""The figures of an evaluation, from the answers: arithmetic only."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any, Final, get_args

import numpy as np

from genre_app.evaluate.answers import Answer, is_among, means_sound
from genre_app.evaluate.metrics import (
    Proportion,
    accuracy,
    confusion_matrix,
    expected_calibration_error,
    proportion,
    recall_by_class,
)
from genre_app.results.model_info import ModelInfo
from genre_app.results.schema import SILENCE, VerdictKind

#: Music shorter than this is left out of the second figure for refused music.
SHORT_S: Final = 3.0


def summarise(answers: Sequence[Answer], model: ModelInfo, seconds: float) -> dict[str, Any]:
    """Compute the metrics.

    Parameters
    ----------
    answers : sequence of Answer
        Answers with an error count as failed and enter no other metric.
    model : ModelInfo
        Its labels are the classes; its styles and sounds are the words that it can say.
    seconds : float
        Time that all of them took.

    Returns
    -------
    dict
        Ready for JSON; undefined values are None. ``n`` counts the recordings with a genre, on which all of the
        first-level figures rest; ``n_analysed`` all recordings that could be analysed.
    """
    good = [one for one in answers if one.error is None]
    return {
        "model": model.name,
        "n_analysed": len(good),
        "n_failed": len(answers) - len(good),
        "x_realtime": sum(one.duration_s for one in good) / seconds,
        **_genres([one for one in good if one.genre is not None], model.labels),
        "music_refused": _refused([one for one in good if one.is_music]),
        "other_sounds": _other_sounds([one for one in good if not one.is_music], [*model.sounds, SILENCE]),
        "styles": _styles([one for one in good if one.styles], [style.name for style in model.styles]),
        "files": [asdict(one) for one in answers],
    }


def _genres(good: Sequence[Answer], labels: Sequence[str]) -> dict[str, Any]:
    """Compute the figures of the recordings with a genre."""
    index = {label: i for i, label in enumerate(labels)}
    truth = np.array([index[one.genre] for one in good if one.genre is not None], dtype=np.int64)
    scores = np.array([one.scores for one in good], dtype=np.float64).reshape(len(good), len(labels))
    predicted = scores.argmax(axis=1)
    verdict = np.array([one.verdict for one in good])
    confident = verdict == "confident"
    overall = accuracy(predicted, truth)
    covered = proportion(int(confident.sum()), len(good))
    selective = accuracy(predicted[confident], truth[confident])
    recalls = recall_by_class(predicted, truth, len(labels))
    return {
        "n": len(good),
        "accuracy": _value(overall),
        "accuracy_interval": _interval(overall),
        "recall": {label: _value(one) for label, one in zip(labels, recalls, strict=True)},
        "labels": list(labels),
        "confusion": confusion_matrix(predicted, truth, len(labels)).tolist(),
        "ece": expected_calibration_error(scores, truth) if good else None,
        "confident_share": _value(covered),
        "confident_share_interval": _interval(covered),
        "confident_accuracy": _value(selective),
        "confident_accuracy_interval": _interval(selective),
        "not_music_share": _value(proportion(int((verdict == "not_music").sum()), len(good))),
        "verdicts": _kinds(good),
    }


def _refused(music: Sequence[Answer]) -> dict[str, Any]:
    """Count the music that was taken for no music."""
    long = [one for one in music if one.duration_s >= SHORT_S]
    return {name: _share([one.verdict == "not_music" for one in of]) for name, of in (("all", music), ("long", long))}


def _other_sounds(sounds: Sequence[Answer], words: Sequence[str]) -> dict[str, Any]:
    """Count what recordings without music were taken for, and how often they were named."""
    known = [one for one in sounds if one.sound and means_sound(one.sound, words)]
    return {
        "n": len(sounds),
        "verdicts": _kinds(sounds),
        **{kind: _share([one.verdict == kind for one in sounds]) for kind in get_args(VerdictKind)},
        "named": _share([means_sound(one.sound or "", one.named_sounds) for one in known]),
        "unknown_words": sorted({one.sound for one in sounds if one.sound} - {one.sound for one in known}),
    }


def _styles(music: Sequence[Answer], names: Sequence[str]) -> dict[str, Any]:
    """Compute how often styles are right, over music of which at least one expected style is known to the model."""
    expected = {style for one in music for style in one.styles}
    unknown = sorted(style for style in expected if not is_among(style, names))
    known = [one for one in music if not set(one.styles) <= set(unknown)]
    return {
        "n": len(music),
        "verdicts": _kinds(music),
        **{kind: _share([one.verdict == kind for one in music]) for kind in get_args(VerdictKind)},
        "precision": _share([is_among(style, one.styles) for one in known for style in one.named_styles]),
        "recall_at_1": _share([is_among(one.likeliest_style or "", one.styles) for one in known]),
        "unknown_styles": unknown,
    }


def _kinds(answers: Sequence[Answer]) -> dict[str, int]:
    """Count the kinds of verdict."""
    counts = Counter(one.verdict for one in answers)
    return {kind: counts[kind] for kind in get_args(VerdictKind)}


def _share(hits: Sequence[bool]) -> dict[str, Any]:
    return {"count": sum(hits), **proportion(sum(hits), len(hits)).as_dict()}


def _value(share: Proportion) -> float | int | None:
    return share.as_dict()["value"]


def _interval(share: Proportion) -> list[float | int | None]:
    fields = share.as_dict()
    return [fields["low"], fields["high"]]

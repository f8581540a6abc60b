"""What a track's logits say, gathered for the verdict."""

import numpy as np
from numpy.typing import NDArray

from genre_app.results.model_info import DecisionRule
from genre_app.results.parts import parts_of
from genre_app.results.track_logits import TrackLogits
from genre_app.results.verdict import Evidence
from genre_app.results.windows import WindowScores


def evidence_of(track: TrackLogits, windows: WindowScores, rule: DecisionRule) -> Evidence:
    """Gather what the verdict rests on; nothing of it depends on how the windows are laid.

    Parameters
    ----------
    track : TrackLogits
        The track.
    windows : WindowScores
        Holds the scores of the whole track.
    rule : DecisionRule
        The model's thresholds.
    """
    return Evidence(
        scores=windows.track_scores,
        labels=windows.labels,
        music_log_odds=_mean(track, track.music_logits),
        is_exclusive=windows.is_exclusive,
        has_sound=bool(track.has_sound.any()),
        sounds=_sounds(track),
        parts=parts_of(track, rule),
    )


def _mean(track: TrackLogits, logits: NDArray[np.float32] | None) -> float | None:
    return None if logits is None else float(np.average(logits.astype(np.float64), weights=track.votes))


def _sounds(track: TrackLogits) -> list[str]:
    """Name what is heard that is not music, the likeliest first."""
    if track.sound_logits is None:
        return []
    means = np.average(track.sound_logits.astype(np.float64), axis=0, weights=track.votes)
    return [track.sounds[column] for column in np.argsort(-means, kind="stable")]

"""What a track's logits say, gathered for the verdict."""

import numpy as np
from numpy.typing import NDArray

from genre_app.results.model_info import ModelInfo
from genre_app.results.outside import outside_styles
from genre_app.results.parts import parts_of
from genre_app.results.track_logits import TrackLogits
from genre_app.results.verdict import Evidence
from genre_app.results.windows import WindowScores, softmax


def evidence_of(track: TrackLogits, windows: WindowScores, model: ModelInfo) -> Evidence:
    """Gather what the verdict rests on; nothing of it depends on how the windows are laid.

    Parameters
    ----------
    track : TrackLogits
        The track.
    windows : WindowScores
        Holds the scores of the whole track.
    model : ModelInfo
        Its thresholds, and what its styles stand for.
    """
    best = int(windows.track_scores.argmax())
    return Evidence(
        scores=windows.track_scores,
        labels=windows.labels,
        music_log_odds=_mean(track, track.music_logits),
        is_exclusive=windows.is_exclusive,
        has_sound=bool(track.has_sound.any()),
        sounds=_sounds(track),
        outside_styles=outside_styles(
            windows.style_log_odds.tolist(),
            model.styles,
            genre=windows.labels[best],
            score=float(windows.track_scores[best]),
            rule=model.rule,
        ),
        parts=parts_of(track, model.rule),
    )


def _mean(track: TrackLogits, logits: NDArray[np.float32] | None) -> float | None:
    return None if logits is None else float(np.average(logits.astype(np.float64), weights=track.votes))


def _sounds(track: TrackLogits) -> list[str]:
    """Name the sounds that are not music, the likeliest first."""
    if track.sound_logits is None:
        return []
    # The share of the time that each one leads: a mean of logits would favour faint continuous sounds.
    shares = np.average(softmax(track.sound_logits.astype(np.float64)), axis=0, weights=track.votes)
    return [track.sounds[column] for column in np.argsort(-shares, kind="stable")]

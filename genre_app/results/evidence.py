"""What a track's logits say, gathered for the verdict."""

import numpy as np

from genre_app.results.model_info import ModelInfo
from genre_app.results.moments import moment_scores, musical_votes, smooth, softmax
from genre_app.results.outside import outside_styles
from genre_app.results.parts import parts_of
from genre_app.results.track_logits import TrackLogits
from genre_app.results.verdict import Evidence
from genre_app.results.windows import WindowScores


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
        music_log_odds=_music_log_odds(track),
        longest=windows.labels[_longest(track, model)],
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


def _longest(track: TrackLogits, model: ModelInfo) -> int:
    """Return the column of the label that leads for the longest time."""
    leaders = moment_scores(track).argmax(axis=1)
    return int(np.bincount(leaders, weights=musical_votes(track, model.rule)).argmax())


def _music_log_odds(track: TrackLogits) -> float | None:
    """Return how likely most of what sounds is music: the median, which a loud minute of speech cannot turn."""
    if track.music_logits is None or not track.has_sound.any():
        return None
    moments = smooth(track, track.music_logits.astype(np.float64)[:, None])[:, 0]
    return float(np.median(moments[track.has_sound]))


def _sounds(track: TrackLogits) -> list[str]:
    """Name the sounds that are not music, the likeliest first."""
    if track.sound_logits is None:
        return []
    # The share of the time that each one leads: a mean of logits would favour faint continuous sounds.
    shares = np.average(softmax(track.sound_logits.astype(np.float64)), axis=0, weights=track.votes)
    return [track.sounds[column] for column in np.argsort(-shares, kind="stable")]

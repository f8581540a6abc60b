"""What each moment of a track is: the one step from logits to scores, on which the track, its parts and windows rest.

A *moment* is a patch together with its surroundings: its logits are smoothed over some seconds and then become scores.
A network that sees three seconds at a time is unsure and jumpy; several together are what it was calibrated for.

From here on scores are averaged, never logits. The mean of scores is the share of the time that sounds like a genre;
the mean of logits would let a genre win that leads nowhere, only because it is nowhere excluded.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from genre_app.results.model_info import DecisionRule
from genre_app.results.track_logits import TrackLogits

#: Standard deviation of the Gaussian by which a moment takes in its surroundings: about 18 seconds in all.
MOMENT_S: Final = 5.0
#: Neighbours beyond so many standard deviations count for nothing.
_REACH: Final = 4.0


def moment_scores(track: TrackLogits, smoothing_s: float | None = None) -> NDArray[np.float64]:
    """Return the labels' scores at every patch, with what is around it.

    Parameters
    ----------
    track : TrackLogits
        The track.
    smoothing_s : float, optional
        How much of the surroundings counts, as a standard deviation in seconds; 0 is the patch alone. By default
        `MOMENT_S`, but nothing for the windows of a window model, each of which was judged as a whole.

    Returns
    -------
    ndarray, shape (n_patches, n_labels)
        Rows sum to 1, unless each label stands alone.
    """
    if smoothing_s is None:
        smoothing_s = 0.0 if track.layout else MOMENT_S
    logits = smooth(track, track.logits.astype(np.float64), smoothing_s)
    return softmax(logits) if track.activation == "softmax" else sigmoid(logits)


def lacks_music(track: TrackLogits, rule: DecisionRule) -> NDArray[np.bool_]:
    """Return which moments are surely not music, shape (n_patches,); none if the model does not detect music."""
    if rule.music_from is None or track.music_logits is None:
        return np.zeros(len(track.starts_s), dtype=np.bool_)
    is_below: NDArray[np.bool_] = smooth(track, track.music_logits.astype(np.float64)[:, None])[:, 0] < rule.music_from
    return is_below


def musical_votes(track: TrackLogits, rule: DecisionRule) -> NDArray[np.float64]:
    """Return what each patch weighs where genres are averaged, shape (n_patches,).

    Patches without sound, or surely without music, have no vote; where nothing is music, all that sounds has.
    """
    votes = track.votes * ~lacks_music(track, rule)
    return votes if votes.any() else track.votes


def smooth(track: TrackLogits, columns: NDArray[np.float64], smoothing_s: float = MOMENT_S) -> NDArray[np.float64]:
    """Smooth logits over time with a Gaussian, normalised at the track's ends and beside silence.

    Parameters
    ----------
    track : TrackLogits
        Says when the patches are, and which of them vote.
    columns : ndarray, shape (n_patches, n_columns)
        Logits of the patches.
    smoothing_s : float
        Standard deviation in seconds; 0 leaves the logits as they are.

    Returns
    -------
    ndarray, shape (n_patches, n_columns)
        Smoothed logits; those of silent patches are left alone.
    """
    if smoothing_s <= 0 or len(columns) == 1:
        return columns
    votes = track.votes[:, None]
    weighted = np.concatenate([columns * votes, votes], axis=1)
    smoothed = weighted.copy()
    # By their distances in time: windows that were sampled lie unevenly, and the last patch ends with the track.
    for steps in range(1, len(columns)):
        distances_s = track.starts_s[steps:] - track.starts_s[:-steps]
        if distances_s.min() > _REACH * smoothing_s:
            break
        weights = np.exp(-0.5 * (distances_s / smoothing_s) ** 2)[:, None]
        smoothed[steps:] += weights * weighted[:-steps]
        smoothed[:-steps] += weights * weighted[steps:]
    means = smoothed[:, :-1] / np.maximum(smoothed[:, -1:], 1e-12)
    return np.where(votes > 0, means, columns)


def softmax(logits: NDArray[np.float64]) -> NDArray[np.float64]:
    """Turn logits into probabilities along the last axis."""
    shifted = np.exp(logits - logits.max(axis=-1, keepdims=True))
    scores: NDArray[np.float64] = shifted / shifted.sum(axis=-1, keepdims=True)
    return scores


def sigmoid(logits: NDArray[np.float64]) -> NDArray[np.float64]:
    """Turn logits into probabilities that stand alone; no overflow, however large a logit is."""
    scores: NDArray[np.float64] = 0.5 * (1.0 + np.tanh(0.5 * logits))
    return scores

"""What a track sounds like, as one vector, and the course of its loudness: by these two tracks are compared."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from genre_app.results.model_info import DecisionRule
from genre_app.results.moments import musical_votes
from genre_app.results.track_logits import TrackLogits

#: Points of a track's course of loudness, whatever its length.
COURSE_POINTS: Final = 64


@dataclass(frozen=True, slots=True)
class TrackEmbedding:
    """What is kept of a track to compare it with others.

    Attributes
    ----------
    vector : ndarray of float32, shape (n_dimensions,)
        Of unit length: the product of two is the cosine of the angle between them.
    duration_s : float
        Length of the track.
    course : ndarray of uint8, shape (COURSE_POINTS,)
        The loudness in so many equal parts of the track; all 0 where it was not measured.
    """

    vector: NDArray[np.float32]
    duration_s: float
    course: NDArray[np.uint8]


def embedding_of(track: TrackLogits) -> TrackEmbedding | None:
    """Return what is kept of a track to compare it with others; None if its model has no embedding."""
    if track.embedding is None:
        return None
    course = np.zeros(COURSE_POINTS, np.uint8) if track.peaks is None else _course_of(track.peaks)
    return TrackEmbedding(track.embedding, track.duration_s, course)


def mean_embedding(track: TrackLogits, patches: NDArray[np.float32], rule: DecisionRule) -> NDArray[np.float32] | None:
    """Average the embeddings of a track's patches, with the weights that its scores are averaged with.

    Parameters
    ----------
    track : TrackLogits
        The track.
    patches : ndarray, shape (n_patches, n_dimensions)
        The model's embedding of each patch.
    rule : DecisionRule
        Says which moments are music.

    Returns
    -------
    ndarray of float32, shape (n_dimensions,), or None
        Of unit length; None where nothing sounds.
    """
    if not track.has_sound.any():
        return None
    mean = np.average(patches.astype(np.float64), axis=0, weights=musical_votes(track, rule))
    length = float(np.linalg.norm(mean))
    return (mean / length).astype(np.float32) if length > 0 else None


def _course_of(peaks: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Average the loudness of `TrackLogits.peaks` over parts of equal length."""
    total = np.concatenate([[0.0], np.cumsum(peaks[:, 1], dtype=np.float64)])
    edges = np.linspace(0, len(peaks), COURSE_POINTS + 1)
    means = np.diff(np.interp(edges, np.arange(len(total)), total)) * COURSE_POINTS / len(peaks)
    course: NDArray[np.uint8] = np.round(means).astype(np.uint8)
    return course

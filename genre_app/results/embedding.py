"""What a track sounds like, as one vector: the mean over its music, of unit length."""

import numpy as np
from numpy.typing import NDArray

from genre_app.results.model_info import DecisionRule
from genre_app.results.moments import musical_votes
from genre_app.results.track_logits import TrackLogits


def mean_embedding(
    track: TrackLogits, patches: NDArray[np.float32], rule: DecisionRule
) -> NDArray[np.float32] | None:
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
        Of unit length, so that the product of two is their cosine; None where nothing sounds.
    """
    if not track.has_sound.any():
        return None
    mean = np.average(patches.astype(np.float64), axis=0, weights=musical_votes(track, rule))
    length = float(np.linalg.norm(mean))
    return (mean / length).astype(np.float32) if length > 0 else None

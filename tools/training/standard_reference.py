"""What is usual in music: mean and deviation of every class and tag, against which styles stand out."""

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from genre_app.models.standard.groups import Reference, relative_classes, relative_tags
from genre_app.models.yamnet.network import Yamnet
from tools.training.standard_data import StandardClips

#: Share of GTZAN's clips, its ten genres alike; the rest is the music of ``real_sounds``, which GTZAN lacks.
_GTZAN_SHARE = 0.6


def measure_reference(
    data: StandardClips, tags: NDArray[np.float64], embedding: NDArray[np.float64], network: Yamnet
) -> Reference:
    """Measure over clips.

    Parameters
    ----------
    data : StandardClips
        GTZAN's, of which those with audio count.
    tags, embedding : ndarray, shapes (n, 50) and (n, 1024)
        Of other music.
    network : Yamnet
        Turns embeddings into class logits.
    """
    of_genre = np.bincount(data.genre[data.has_audio])
    inside = 1.0 / (len(of_genre) * of_genre[data.genre[data.has_audio]])
    weight = np.r_[_GTZAN_SHARE * inside, np.full(len(tags), (1 - _GTZAN_SHARE) / len(tags))]
    with torch.inference_mode():
        embeddings = torch.from_numpy(np.vstack([data.embedding[data.has_audio], embedding])).float()
        classes = relative_classes(network.classify(embeddings))
        all_tags = relative_tags(torch.from_numpy(np.vstack([data.tags[data.has_audio], tags])).float())
    reference = Reference()
    for name, logits in (("class", classes), ("tag", all_tags)):
        mean, deviation = _moments(logits, torch.from_numpy(weight / weight.sum()).float())
        reference.get_buffer(f"{name}_mean").copy_(mean)
        reference.get_buffer(f"{name}_deviation").copy_(deviation)
    return reference


def _moments(logits: Tensor, weight: Tensor) -> tuple[Tensor, Tensor]:
    mean = weight @ logits
    return mean, (weight @ (logits - mean) ** 2).sqrt()

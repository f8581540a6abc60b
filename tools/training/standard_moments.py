"""What the standard head is worth as the app uses it: patch by patch, with the scores of moments averaged over a clip.

The head's recipes are compared on the mean features of each clip, which is the mean of its patches' logits. The app
averages scores instead (`genre_app.results.moments`); its calibration and its threshold are measured here.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from tqdm import tqdm

from genre_app.evaluate.metrics import expected_calibration_error, negative_log_likelihood
from genre_app.genres import GENRES
from genre_app.models.musicnn.network import GRID
from genre_app.models.standard.heads import sounding_weight
from genre_app.models.yamnet.network import Yamnet
from genre_app.results.schema import SliceOptions
from genre_app.results.track_logits import TrackLogits
from genre_app.results.windows import slice_track
from tools.training.gtzan import artist_folds
from tools.training.patch_clips import PatchClips
from tools.training.standard_data import StandardClips
from tools.training.standard_recipes import CANDIDATES, CHOSEN, Networks, train
from tools.training.standard_report import describe_confidence

_N_BINS = 10


def describe_moments(
    data: StandardClips,
    features: Sequence[NDArray[np.float64]],
    networks: Networks,
    *,
    temperature: float,
    seeds: Sequence[int],
) -> dict[str, Any]:
    """Return accuracy, calibration and confidence of the chosen recipe, on clips of artists that it was not trained on.

    Parameters
    ----------
    data : StandardClips
    features : sequence of ndarray, shape (n_patches, n_features)
        Those of the clips with audio, from `patch_features`.
    networks : Networks
    temperature : float
        The head's.
    seeds : sequence of int
        One split into folds for each.
    """
    scores = np.zeros((len(seeds), len(features), len(GENRES)))
    place = np.cumsum(data.has_audio) - 1
    for repeat, seed in enumerate(tqdm(seeds, desc="moments", disable=None)):
        for held_out in artist_folds(data.genre, data.group, seed=seed):
            train_on = np.setdiff1d(np.arange(len(data.clips)), held_out)
            model = train(CANDIDATES[CHOSEN], data, data.complete(train_on), train_on, networks)
            for clip in place[held_out[data.has_audio[held_out]]]:
                scores[repeat, clip] = clip_scores(model.logits(features[clip]) / temperature)
    truth = data.genre[data.has_audio]
    flat, repeated = scores.reshape(-1, len(GENRES)), np.tile(truth, len(seeds))
    return {
        "accuracy": float((flat.argmax(axis=1) == repeated).mean()),
        "ece_over_all_repeats": expected_calibration_error(flat, repeated, n_bins=_N_BINS),
        "nll": negative_log_likelihood(flat, repeated),
        "mean_confidence": float(flat.max(axis=1).mean()),
        "confidence": describe_confidence(scores, data),
    }


def clip_scores(logits: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return a clip's scores, shape (10,), as the app finds them from its patches' logits, shape (n_patches, 10)."""
    starts_s = np.arange(len(logits), dtype=np.float64) * GRID.patch_seconds
    duration_s = len(logits) * GRID.patch_seconds
    track = TrackLogits(
        logits.astype(np.float32), starts_s, GRID.patch_seconds, duration_s, GENRES, "standard", "", GRID.sample_rate_hz
    )
    return slice_track(track, SliceOptions()).track_scores


def patch_features(audio: PatchClips, network: Yamnet) -> list[NDArray[np.float64]]:
    """Return tags and embedding of every patch, shape (n_patches, 1074) for each clip."""
    features = []
    with torch.inference_mode():
        for tags, parts in zip(audio.tags, audio.parts, strict=True):
            embeddings = torch.from_numpy(parts)
            weighted = (embeddings * sounding_weight(network.classify(embeddings))).sum(dim=1)
            features.append(np.hstack([tags, weighted.double().numpy()]))
    return features

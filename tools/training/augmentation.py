"""Random crops of spectrograms, varied like other recordings, players, rooms and codecs."""

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from genre_app.genres import GENRES
from genre_app.models.cnn.network import N_MELS, PATCH_FRAMES, relative_db
from tools.training.spectrograms import CLIP_SECONDS, TrainingData

_TAG_PATCH_SECONDS: Final = 3
_SPEEDS: Final = (0.85, 1.18)
_MAX_BAND_SHIFT: Final = 3
_EQUALISER_DB: Final = 4.0  # amplitude of the slowest curve; curves with k half waves get 1/k of it
_EQUALISER_CURVES: Final = 4
_LOW_PASS_SHARE: Final = 0.3
_LOW_PASS_BAND: Final = 84  # about 4 kHz, as on a telephone: the lowest cut-off
_LOW_PASS_DB: Final = 60.0
_MASKS: Final = 2
_MAX_MASKED_BANDS: Final = 16
_MAX_MASKED_FRAMES: Final = 30  # 1.2 s


@dataclass(frozen=True, slots=True)
class Batch:
    """Crops with their targets.

    Attributes
    ----------
    relative : Tensor, shape (n, 128, PATCH_FRAMES)
        dB below the crop's loudest cell.
    genres : Tensor, shape (n, 10)
        Target probabilities.
    tags : Tensor, shape (n, 50)
        Standardised tag logits.
    """

    relative: Tensor
    genres: Tensor
    tags: Tensor


class Augmenter:
    """Makes batches of augmented crops.

    Parameters
    ----------
    training : TrainingData
    mixup : float
        Both parameters of the beta distribution of the mixing share.
    label_smoothing : float
        Probability spread over all genres.
    random : numpy.random.Generator
    """

    def __init__(
        self, training: TrainingData, *, mixup: float, label_smoothing: float, random: np.random.Generator
    ) -> None:
        self._training = training
        self._mixup = mixup
        self._smoothing = label_smoothing
        self._random = random

    def batch(self, clips: NDArray[np.int64]) -> Batch:
        """Cut an augmented crop from each clip; ``clips`` are indices, shape (n,)."""
        crops, tags = zip(*(self._crop(int(clip)) for clip in clips), strict=True)
        relative = relative_db(self._low_pass(self._equalise(torch.stack(crops))))
        truth = torch.from_numpy(self._training.spectrograms.genre[clips])
        one_hot = functional.one_hot(truth, len(GENRES)).float()
        genres = one_hot * (1.0 - self._smoothing) + self._smoothing / len(GENRES)
        mixed = self._mix(Batch(relative, genres, torch.from_numpy(np.stack(tags))))
        return Batch(self._mask(mixed.relative), mixed.genres, mixed.tags)

    def _crop(self, clip: int) -> tuple[Tensor, NDArray[np.float32]]:
        """Cut about 10 s, faster or slower and slightly higher or lower, and average its tags."""
        db, tags = self._training.spectrograms.db[clip], self._training.tags[clip]
        n_frames, n_seconds = db.shape[1], len(tags)
        span = min(n_frames, int(PATCH_FRAMES * self._random.uniform(*_SPEEDS)))
        start = int(self._random.integers(n_frames - span + 1))
        frames = start + np.linspace(0, span - 1, PATCH_FRAMES).round().astype(np.int64)
        shift = int(self._random.integers(-_MAX_BAND_SHIFT, _MAX_BAND_SHIFT + 1))
        bands = np.clip(np.arange(N_MELS) - shift, 0, N_MELS - 1)
        first_s = min(n_seconds - 1, round(start * CLIP_SECONDS / n_frames))
        end_s = round((start + span) * CLIP_SECONDS / n_frames) - _TAG_PATCH_SECONDS + 1
        return db[bands][:, frames].float(), tags[first_s : max(first_s + 1, end_s)].mean(axis=0)

    def _equalise(self, db: Tensor) -> Tensor:
        """Add a smooth random curve over the bands of each crop."""
        centre = (np.arange(N_MELS) + 0.5) / N_MELS
        order = np.arange(1, _EQUALISER_CURVES + 1)
        waves = np.cos(math.pi * order[:, None] * centre) * (_EQUALISER_DB / order)[:, None]
        curve = self._random.normal(size=(len(db), _EQUALISER_CURVES)) @ waves
        return db + torch.from_numpy(curve.astype(np.float32))[:, :, None]

    def _low_pass(self, db: Tensor) -> Tensor:
        """Attenuate the highest bands of some crops, like codecs at low bit rates and old recordings."""
        first = self._random.integers(_LOW_PASS_BAND, N_MELS, len(db))
        first[self._random.random(len(db)) >= _LOW_PASS_SHARE] = N_MELS
        is_cut = np.arange(N_MELS) >= first[:, None]
        return db - torch.from_numpy(is_cut.astype(np.float32) * np.float32(_LOW_PASS_DB))[:, :, None]

    def _mix(self, batch: Batch) -> Batch:
        """Mix each crop with another of the batch, which gets the smaller share (mixup, Zhang et al. 2018)."""
        n = len(batch.relative)
        drawn = self._random.beta(self._mixup, self._mixup, n).astype(np.float32)
        share = torch.from_numpy(np.maximum(drawn, 1 - drawn))
        other = torch.from_numpy(self._random.permutation(n))

        def mix(values: Tensor) -> Tensor:
            weight = share.view(n, *(1,) * (values.ndim - 1))
            return values * weight + values[other] * (1 - weight)

        return Batch(mix(batch.relative), mix(batch.genres), mix(batch.tags))

    def _mask(self, relative: Tensor) -> Tensor:
        """Replace ranges of bands and frames by the crop's mean level (SpecAugment, Park et al. 2019)."""
        mean = relative.mean(dim=(1, 2))
        for crop, level in zip(relative, mean, strict=True):
            for _ in range(_MASKS):
                crop[self._range(N_MELS, _MAX_MASKED_BANDS)] = level
                crop[:, self._range(PATCH_FRAMES, _MAX_MASKED_FRAMES)] = level
        return relative

    def _range(self, n: int, longest: int) -> slice:
        length = int(self._random.integers(longest + 1))
        start = int(self._random.integers(n - length))
        return slice(start, start + length)

"""Crops of spectrograms as another recording, player, room or codec might have made them."""

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
from tools.training.spectrograms import CLIP_SECONDS, Lessons

_TAG_PATCH_SECONDS: Final = 3
_SPEEDS: Final = (0.85, 1.18)
_MAX_BAND_SHIFT: Final = 3
_EQUALISER_DB: Final = 4.0  # of the slowest curve; those with k half waves get a k-th
_EQUALISER_CURVES: Final = 4
_LOW_PASS_SHARE: Final = 0.3
_LOW_PASS_BAND: Final = 84  # about 4 kHz, the telephone's; the widest cut
_LOW_PASS_DB: Final = 60.0
_MASKS: Final = 2
_MAX_MASKED_BANDS: Final = 16
_MAX_MASKED_FRAMES: Final = 30  # 1.2 s


@dataclass(frozen=True, slots=True)
class Batch:
    """Crops with what they should be told apart by.

    Attributes
    ----------
    relative : Tensor, shape (n, 128, PATCH_FRAMES)
        dB below the crop's loudest cell.
    genres : Tensor, shape (n, 10)
        Probabilities.
    tags : Tensor, shape (n, 50)
        Standardised tag logits.
    """

    relative: Tensor
    genres: Tensor
    tags: Tensor


class Augmenter:
    """Makes batches of changed crops.

    Parameters
    ----------
    lessons : Lessons
    mixup : float
        Both parameters of the beta distribution of the mixing share.
    label_smoothing : float
        Probability that is spread over all genres.
    random : numpy.random.Generator
    """

    def __init__(self, lessons: Lessons, *, mixup: float, label_smoothing: float, random: np.random.Generator) -> None:
        self._lessons = lessons
        self._mixup = mixup
        self._smoothing = label_smoothing
        self._random = random

    def batch(self, clips: NDArray[np.int64]) -> Batch:
        """Cut one changed crop from each clip; ``clips`` are indices, shape (n,)."""
        crops, tags = zip(*(self._crop(int(clip)) for clip in clips), strict=True)
        relative = relative_db(self._low_pass(self._equalise(torch.stack(crops))))
        truth = torch.from_numpy(self._lessons.spectrograms.genre[clips])
        one_hot = functional.one_hot(truth, len(GENRES)).float()
        genres = one_hot * (1.0 - self._smoothing) + self._smoothing / len(GENRES)
        mixed = self._mix(Batch(relative, genres, torch.from_numpy(np.stack(tags))))
        return Batch(self._mask(mixed.relative), mixed.genres, mixed.tags)

    def _crop(self, clip: int) -> tuple[Tensor, NDArray[np.float32]]:
        """Cut a stretch of about 10 s, played faster or slower and a little higher or lower, and its mean tags."""
        db, tags = self._lessons.spectrograms.db[clip], self._lessons.tags[clip]
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
        """Add a smooth random curve over the bands to each crop."""
        centre = (np.arange(N_MELS) + 0.5) / N_MELS
        order = np.arange(1, _EQUALISER_CURVES + 1)
        waves = np.cos(math.pi * order[:, None] * centre) * (_EQUALISER_DB / order)[:, None]
        curve = self._random.normal(size=(len(db), _EQUALISER_CURVES)) @ waves
        return db + torch.from_numpy(curve.astype(np.float32))[:, :, None]

    def _low_pass(self, db: Tensor) -> Tensor:
        """Cut the highest bands of some crops, as codecs at low rates and old recordings do."""
        first = self._random.integers(_LOW_PASS_BAND, N_MELS, len(db))
        first[self._random.random(len(db)) >= _LOW_PASS_SHARE] = N_MELS
        is_cut = np.arange(N_MELS) >= first[:, None]
        return db - torch.from_numpy(is_cut.astype(np.float32) * np.float32(_LOW_PASS_DB))[:, :, None]

    def _mix(self, batch: Batch) -> Batch:
        """Lay another crop of the batch over each (mixup, Zhang et al. 2018); the first one stays the stronger."""
        n = len(batch.relative)
        drawn = self._random.beta(self._mixup, self._mixup, n).astype(np.float32)
        share = torch.from_numpy(np.maximum(drawn, 1 - drawn))
        other = torch.from_numpy(self._random.permutation(n))

        def mix(values: Tensor) -> Tensor:
            weight = share.view(n, *(1,) * (values.ndim - 1))
            return values * weight + values[other] * (1 - weight)

        return Batch(mix(batch.relative), mix(batch.genres), mix(batch.tags))

    def _mask(self, relative: Tensor) -> Tensor:
        """Hide stretches of bands and of frames behind the crop's mean level (SpecAugment, Park et al. 2019)."""
        mean = relative.mean(dim=(1, 2))
        for crop, level in zip(relative, mean, strict=True):
            for _ in range(_MASKS):
                crop[self._stretch(N_MELS, _MAX_MASKED_BANDS)] = level
                crop[:, self._stretch(PATCH_FRAMES, _MAX_MASKED_FRAMES)] = level
        return relative

    def _stretch(self, n: int, longest: int) -> slice:
        length = int(self._random.integers(longest + 1))
        start = int(self._random.integers(n - length))
        return slice(start, start + length)

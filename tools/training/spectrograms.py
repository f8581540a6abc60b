"""GTZAN's log-mel spectrograms with genres, artists and, for the train part, MusiCNN's tags of each second."""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from genre_app.genres import GENRES
from genre_app.models.cnn.network import PATCH_FRAMES
from tools.training.gtzan import TagClips, read_train

_SPECTROGRAMS: Final = "log_mel.npz"
_VALID: Final = "valid.txt"
INPUT_FILES: Final = ("train.txt", "artists.csv", "msd_musicnn_tags_train.npz", _VALID, _SPECTROGRAMS)
CLIP_SECONDS: Final = 30


@dataclass(frozen=True, slots=True)
class Spectrograms:
    """Labelled spectrograms.

    Attributes
    ----------
    clips : tuple of str
        Clip ids; n of them.
    genre : ndarray, shape (n,)
        Index into `genre_app.genres.GENRES`.
    db : Tensor of float16, shape (n, 128, n_frames)
        Levels relative to the clip's loudest cell, over 30 s.
    """

    clips: tuple[str, ...]
    genre: NDArray[np.int64]
    db: Tensor

    def select(self, clips: NDArray[np.int64]) -> "Spectrograms":
        """Return the clips with the given indices."""
        return Spectrograms(tuple(self.clips[clip] for clip in clips), self.genre[clips], self.db[clips])

    def patches(self) -> Tensor:
        """Cut clips into patches as the app does: they overlap by half, and the last one ends with the clip.

        Returns
        -------
        Tensor of float32, shape (n, n_patches, 128, PATCH_FRAMES)
        """
        last = self.db.shape[2] - PATCH_FRAMES
        starts = [*range(0, last, PATCH_FRAMES // 2), last]
        return torch.stack([self.db[:, :, start : start + PATCH_FRAMES].float() for start in starts], dim=1)


@dataclass(frozen=True, slots=True)
class TrainingData:
    """The training data of the network.

    Attributes
    ----------
    spectrograms : Spectrograms
        The n clips of the train part that have a spectrogram.
    group : ndarray, shape (n,)
        Artist numbers.
    tags : ndarray of float32, shape (n, n_seconds, 50)
        Standardised logits of MusiCNN's tags for the 3 s from each second on.
    tag_clips : ndarray, shape (n,)
        Indices of the clips in `tools.training.gtzan.TagClips`.
    """

    spectrograms: Spectrograms
    group: NDArray[np.int64]
    tags: NDArray[np.float32]
    tag_clips: NDArray[np.int64]


def read_training_data(folder: Path) -> tuple[TrainingData, TagClips, Spectrograms]:
    """Read the train part, all its tags, and the valid part."""
    tags = read_train(folder)
    with np.load(folder / _SPECTROGRAMS, allow_pickle=False) as stored:
        levels, floor_db = stored["mel_u8"], stored["floor_db"]
        row_of = {clip: row for row, clip in enumerate(stored["clip"].tolist())}

    def choose(clips: tuple[str, ...]) -> Spectrograms:
        rows = np.array([row_of[clip] for clip in clips])
        genre = np.array([GENRES.index(clip.split(".")[0]) for clip in clips], dtype=np.int64)
        return Spectrograms(clips, genre, decode(levels[rows], floor_db[rows]))

    known = np.array([index for index, clip in enumerate(tags.clips) if clip in row_of], dtype=np.int64)
    train = choose(tuple(tags.clips[index] for index in known))
    valid_clips = tuple((folder / _VALID).read_text(encoding="utf-8").split())
    valid = choose(tuple(clip for clip in valid_clips if clip in row_of))
    return TrainingData(train, tags.group[known], tags_by_second(tags)[known], known), tags, valid


def decode(levels: NDArray[np.uint8], floor_db: NDArray[np.float32]) -> Tensor:
    """Convert stored levels to dB relative to the clip's loudest cell.

    Parameters
    ----------
    levels : ndarray of uint8, shape (n, 128, n_frames)
        0 is the clip's floor, 255 is 0 dB.
    floor_db : ndarray, shape (n,)
        Negative.

    Returns
    -------
    Tensor of float16, shape (n, 128, n_frames)
        In steps of about 0.3 dB, as stored.
    """
    floor = floor_db.astype(np.float32)[:, None, None]
    db = levels / np.float32(255) * -floor + floor
    return torch.from_numpy((db - db.max(axis=(1, 2), keepdims=True)).astype(np.float16))


def tags_by_second(tags: TagClips) -> NDArray[np.float32]:
    """Standardise the tag logits and arrange them by clip and second; missing seconds repeat the last one."""
    standard = (tags.tag_logits - tags.tag_logits.mean(axis=0)) / tags.tag_logits.std(axis=0)
    n_seconds = int(tags.patch_position.max()) + 1
    first = np.searchsorted(tags.clip_of_patch, np.arange(len(tags.clips)))
    n_patches = np.bincount(tags.clip_of_patch, minlength=len(tags.clips))
    position = np.minimum(np.arange(n_seconds), n_patches[:, None] - 1)
    by_second: NDArray[np.float32] = standard[first[:, None] + position].astype(np.float32)
    return by_second

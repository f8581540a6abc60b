"""The librosa features of GTZAN's clips, by part of the fault-filtered split."""

import csv
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from genre_app.genres import GENRES
from genre_app.models.features.names import FEATURE_NAMES
from tools.training.gtzan import artist_groups

Part = Literal["train", "valid"]

_TABLE: Final = "librosa_features.csv"
_ARTISTS: Final = "artists.csv"
INPUT_FILES: Final = ("train.txt", "valid.txt", _ARTISTS, _TABLE)


@dataclass(frozen=True, slots=True)
class FeatureClips:
    """Labelled clips as rows of features.

    Attributes
    ----------
    clips : tuple of str
        Clip ids, such as ``"blues.00029"``; n of them.
    genre : ndarray, shape (n,)
        Index into `genre_app.genres.GENRES`.
    group : ndarray, shape (n,)
        Artist numbers, valid within this part.
    features : ndarray of float64, shape (n, 57)
        In the order of `FEATURE_NAMES`.
    """

    clips: tuple[str, ...]
    genre: NDArray[np.int64]
    group: NDArray[np.int64]
    features: NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class FeatureTable:
    """The train and valid parts, and the SHA-256 of the files."""

    train: FeatureClips
    valid: FeatureClips
    digests: Mapping[str, str]


def read_table(folder: Path) -> FeatureTable:
    """Read both parts of the split from the folder of `INPUT_FILES`."""
    digests = {name: hashlib.sha256((folder / name).read_bytes()).hexdigest() for name in INPUT_FILES}
    return FeatureTable(read_part(folder, "train"), read_part(folder, "valid"), digests)


def read_part(folder: Path, part: Part) -> FeatureClips:
    """Read one part of the split.

    Parameters
    ----------
    folder : Path
        Folder of `INPUT_FILES`.
    part : {"train", "valid"}

    Raises
    ------
    ValueError
        A clip or column is missing in the table.
    """
    rows = {row["filename"].removesuffix(".wav"): row for row in _read(folder / _TABLE)}
    artists = {row["clip"]: row["artist"] for row in _read(folder / _ARTISTS)}
    clips = tuple((folder / f"{part}.txt").read_text(encoding="utf-8").split())
    try:
        features = np.array([[float(rows[clip][name]) for name in FEATURE_NAMES] for clip in clips])
    except KeyError as error:
        raise ValueError(f"{_TABLE} lacks {error.args[0]}") from error
    return FeatureClips(
        clips=clips,
        genre=np.array([GENRES.index(clip.split(".")[0]) for clip in clips], dtype=np.int64),
        group=artist_groups([artists.get(clip, "") for clip in clips]),
        features=features,
    )


def _read(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))

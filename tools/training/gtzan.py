"""The GTZAN training data: MusiCNN tags of the fault-filtered train part, and artist-grouped folds."""

import csv
import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray
from sklearn.model_selection import StratifiedGroupKFold

from genre_app.genres import GENRES

DEFAULT_FOLDER: Final = Path("../shared/gtzan")
_CLIP_LIST: Final = "train.txt"
_ARTISTS: Final = "artists.csv"
_TAGS: Final = "msd_musicnn_tags_train.npz"
INPUT_FILES: Final = (_CLIP_LIST, _ARTISTS, _TAGS)


@dataclass(frozen=True, slots=True)
class TagClips:
    """Labelled clips with the tag logits of their patches.

    Attributes
    ----------
    clips : tuple of str
        Clip ids, such as ``"blues.00029"``; n of them.
    genre : ndarray, shape (n,)
        Index into `genre_app.genres.GENRES`.
    group : ndarray, shape (n,)
        Artist numbers.
    tag_logits : ndarray, shape (n_patches, 50)
        Patches of 3 s with a hop of 1 s, ordered by clip and time.
    clip_of_patch : ndarray, shape (n_patches,)
        Index of each patch's clip, ascending.
    """

    clips: tuple[str, ...]
    genre: NDArray[np.int64]
    group: NDArray[np.int64]
    tag_logits: NDArray[np.float64]
    clip_of_patch: NDArray[np.int64]

    @property
    def patch_position(self) -> NDArray[np.int64]:
        """Number of each patch within its clip, equal to its start in seconds; shape (n_patches,)."""
        first = np.searchsorted(self.clip_of_patch, self.clip_of_patch)
        return np.arange(len(self.clip_of_patch)) - first

    def mean_by_clip(
        self, patches: NDArray[np.float64], *, chosen: NDArray[np.bool_] | None = None
    ) -> NDArray[np.float64]:
        """Average patches over each clip.

        Parameters
        ----------
        patches : ndarray, shape (n_patches, k)
        chosen : ndarray of bool, shape (n_patches,), optional
            The patches to average; all by default.

        Returns
        -------
        ndarray, shape (n, k)
        """
        keep = np.ones(len(patches), dtype=bool) if chosen is None else chosen
        clip = self.clip_of_patch[keep]
        total = np.zeros((len(self.clips), patches.shape[1]))
        np.add.at(total, clip, patches[keep])
        mean: NDArray[np.float64] = total / np.bincount(clip, minlength=len(self.clips))[:, None]
        return mean


def read_train(folder: Path) -> TagClips:
    """Read the train part's tags, genres and artists.

    Parameters
    ----------
    folder : Path
        Folder of `INPUT_FILES`.
    """
    clips = tuple((folder / _CLIP_LIST).read_text(encoding="utf-8").split())
    with (folder / _ARTISTS).open(encoding="utf-8", newline="") as file:
        artists = {row["clip"]: row["artist"] for row in csv.DictReader(file)}
    with np.load(folder / _TAGS, allow_pickle=False) as stored:
        probability = stored["tag_probability"].astype(np.float64)
        index_of = {clip: index for index, clip in enumerate(clips)}
        clip_of_patch = np.array([index_of[clip] for clip in stored["clip"]], dtype=np.int64)
    order = np.argsort(clip_of_patch, kind="stable")
    return TagClips(
        clips=clips,
        genre=np.array([GENRES.index(clip.split(".")[0]) for clip in clips], dtype=np.int64),
        group=artist_groups([artists.get(clip, "") for clip in clips]),
        tag_logits=(np.log(probability) - np.log1p(-probability))[order],
        clip_of_patch=clip_of_patch[order],
    )


def artist_groups(artists: Iterable[str]) -> NDArray[np.int64]:
    """Assign numbers to artists such that no two groups share a person by name.

    Spelling variants ("Earth, Wind & Fire", "Earth Wind and Fire") are one artist, a collaboration joins the groups of
    its members, and an unknown artist (an empty name) is a group of its own.

    Parameters
    ----------
    artists : iterable of str
        Artists of n clips.

    Returns
    -------
    ndarray, shape (n,)
        Group numbers from 0.
    """
    parent: dict[str, str] = {}

    def root(name: str) -> str:
        parent.setdefault(name, name)
        while parent[name] != name:
            name = parent[name]
        return name

    keys = []
    for number, artist in enumerate(artists):
        key = _plain(artist) or f"?{number}"
        keys.append(key)
        for member in re.split(r", | & | and ", artist):
            if _plain(member):
                parent[root(_plain(member))] = root(key)
    return np.unique([root(key) for key in keys], return_inverse=True)[1].astype(np.int64)


def _plain(name: str) -> str:
    """Return a name without case and punctuation, with "&" as "and"."""
    return " ".join(re.sub(r"[^\w ]", "", name.casefold().replace("&", " and ")).split())


def artist_folds(
    genre: NDArray[np.int64], group: NDArray[np.int64], *, seed: int, n_folds: int = 5
) -> list[NDArray[np.int64]]:
    """Split clips into folds with about equal shares of each genre, and each artist in one fold only.

    Returns
    -------
    list of ndarray
        Indices of each fold's held-out clips.
    """
    splitter = StratifiedGroupKFold(n_folds, shuffle=True, random_state=seed)
    return [np.asarray(held_out) for _, held_out in splitter.split(np.zeros(len(genre)), genre, group)]


def input_digests(folder: Path) -> dict[str, str]:
    """Return the SHA-256 of each of the `INPUT_FILES`."""
    return {name: hashlib.sha256((folder / name).read_bytes()).hexdigest() for name in INPUT_FILES}

"""The clips that the standard head is trained on: tags and embeddings, from audio where it could be had."""

import csv
import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from genre_app.genres import GENRES
from genre_app.models.yamnet.network import Yamnet
from tools.training import gtzan, spectrogram_embeddings
from tools.training.patch_clips import read_patch_clips
from tools.training.spectrogram_embeddings import fit_map

AUDIO_FILE: Final = "real_audio_features.npz"
INPUT_FILES: Final = (*gtzan.INPUT_FILES, AUDIO_FILE, spectrogram_embeddings.FILE)
Matrix = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class StandardClips:
    """Labelled clips as the means over their patches.

    Attributes
    ----------
    clips : tuple of str
        Clip ids; n of them.
    genre, group : ndarray, shape (n,)
        Index into `genre_app.genres.GENRES`; equal groups mean the same artist.
    has_audio : ndarray of bool, shape (n,)
        Whether tags and embedding come from levelled audio, as in the app. Otherwise the tags are of unlevelled audio,
        and there is no embedding but a rough one.
    is_valid : ndarray of bool, shape (n,)
        Whether the clip is of GTZAN's validation part, which no released head has seen.
    tags : ndarray, shape (n, 50)
    embedding : ndarray, shape (n, 1024)
        Undefined without audio.
    rough_embedding : ndarray, shape (n, 1024)
        From the spectrogram; not a number where that is missing.
    """

    clips: tuple[str, ...]
    genre: NDArray[np.int64]
    group: NDArray[np.int64]
    has_audio: NDArray[np.bool_]
    is_valid: NDArray[np.bool_]
    tags: Matrix
    embedding: Matrix
    rough_embedding: Matrix

    def complete(self, train: NDArray[np.int64]) -> Matrix:
        """Return embeddings for all clips; the map from rough ones is learned on the training clips alone.

        Parameters
        ----------
        train : ndarray
            Indices of the training clips.

        Returns
        -------
        ndarray, shape (n, 1024)
        """
        has_rough = ~np.isnan(self.rough_embedding[:, 0])
        both = train[self.has_audio[train] & has_rough[train]]
        mapped = fit_map(self.rough_embedding[both], self.embedding[both])
        embedding = self.embedding.copy()
        embedding[~self.has_audio] = mapped(self.rough_embedding[~self.has_audio])
        return embedding


def read_clips(folder: Path, network: Yamnet) -> StandardClips:
    """Read the clips with audio, and add training clips that have tags and a spectrogram.

    Parameters
    ----------
    folder : Path
        The GTZAN data.
    network : Yamnet
        Embeds the spectrograms and says which parts of a clip are silent.
    """
    rough = spectrogram_embeddings.embed_spectrograms(folder, network)
    with np.load(folder / AUDIO_FILE, allow_pickle=False) as stored:
        names = [str(clip) for clip in stored["clip"]]
        parts = dict(zip(names, map(str, stored["part"]), strict=True))
    outputs = read_patch_clips(folder / AUDIO_FILE)
    tags = dict(zip(names, outputs.mean_tags(), strict=True))
    embedding = dict(zip(names, outputs.mean_embedding(network), strict=True))
    old = gtzan.read_train(folder)
    old_tags = dict(zip(old.clips, old.mean_by_clip(old.tag_logits), strict=True))
    added = [clip for clip in old.clips if clip not in tags and clip in rough]
    clips = (*tags, *added)
    with (folder / "artists.csv").open(encoding="utf-8", newline="") as file:
        artists = {row["clip"]: row["artist"] for row in csv.DictReader(file)}
    absent = np.full(embedding[clips[0]].shape, np.nan)
    return StandardClips(
        clips=clips,
        genre=np.array([GENRES.index(clip.split(".")[0]) for clip in clips], dtype=np.int64),
        group=gtzan.artist_groups([artists.get(clip, "") for clip in clips]),
        has_audio=np.array([clip in tags for clip in clips]),
        is_valid=np.array([parts.get(clip) == "valid" for clip in clips]),
        tags=np.stack([tags[clip] if clip in tags else old_tags[clip] for clip in clips]),
        embedding=np.stack([embedding.get(clip, absent) for clip in clips]),
        rough_embedding=np.stack([rough.get(clip, absent) for clip in clips]),
    )


def input_digests(folder: Path) -> dict[str, str]:
    """Return the SHA-256 of each file that `read_clips` reads."""
    return {name: hashlib.sha256((folder / name).read_bytes()).hexdigest() for name in INPUT_FILES}

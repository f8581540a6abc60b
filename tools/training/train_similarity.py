"""Learn in which directions music differs, for the map and similar tracks, and count what neighbours have in common.

``python -m tools.training.train_similarity --shared ../shared --output genre_app/weights``

No label is used: the directions are principal components over GTZAN's train part and other music. What they are worth
is counted on the validation part, whose artists they have not seen.
"""

import csv
import json
from pathlib import Path
from typing import Any, Final

import click
import numpy as np
import torch
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from genre_app.models.standard.embedding import N_DIMENSIONS, SoundProjection
from genre_app.models.yamnet.network import Yamnet
from tools.training import gtzan
from tools.training.patch_clips import read_patch_clips
from tools.training.standard_data import AUDIO_FILE
from tools.training.standard_tables import read_real_sounds

NAME: Final = "similarity"
#: Tags weigh as much as the embedding, though they are fewer.
_N_TAGS: Final = 50
#: Components are divided by the root of their deviation: between a distance that the first ones rule and one in which
#: all count alike.
_WHITENING: Final = 0.5
_N_DRAWS: Final = 2000
Matrix = NDArray[np.float64]


@click.command(help=__doc__)
@click.option("--shared", type=click.Path(exists=True, file_okay=False, path_type=Path), default=Path("../shared"))
@click.option("--output", type=click.Path(exists=True, file_okay=False, path_type=Path), required=True)
def main(shared: Path, output: Path) -> None:
    """Run the command line."""
    torch.set_num_threads(1)
    with threadpool_limits(limits=1):  # one thread is reproducible
        network = Yamnet.from_file(output / "yamnet.safetensors")
        clips = read_patch_clips(shared / "gtzan" / AUDIO_FILE)
        features = np.hstack([clips.mean_tags(), clips.mean_embedding(network)])
        names, is_valid = _parts(shared / "gtzan" / AUDIO_FILE)
        sounds = read_real_sounds(shared / "real_sounds" / "features.npz")
        other = sounds.clips.chosen(sounds.is_music)
        music = np.hstack([other.mean_tags(), other.mean_embedding(network)])
        learned = np.vstack([features[~is_valid], music])
        weight, bias = fit_projection(learned)
        report = neighbours_in_common(
            features[is_valid] @ weight.T + bias,
            np.array([name.split(".")[0] for name in names])[is_valid],
            _artists(shared / "gtzan", names)[is_valid],
        )
    projection = SoundProjection()
    projection.linear.weight.data = torch.from_numpy(weight).float()
    projection.linear.bias.data = torch.from_numpy(bias).float()
    projection.to_file(output / f"{NAME}.safetensors", {"n_clips": len(learned)})
    text = json.dumps(report, indent=2)
    (output / f"{NAME}.metrics.json").write_text(f"{text}\n", encoding="utf-8")
    click.echo(text)


def fit_projection(features: Matrix) -> tuple[Matrix, NDArray[np.float64]]:
    """Find the leading principal components of standardised features.

    Parameters
    ----------
    features : ndarray, shape (n, n_features)
        Of clips: tag logits, then embedding.

    Returns
    -------
    weight : ndarray, shape (N_DIMENSIONS, n_features)
    bias : ndarray, shape (N_DIMENSIONS,)
        ``features @ weight.T + bias`` has a mean of zero.
    """
    mean = features.mean(axis=0)
    share = np.r_[np.full(_N_TAGS, _N_TAGS), np.full(features.shape[1] - _N_TAGS, features.shape[1] - _N_TAGS)]
    scale = 1.0 / ((features.std(axis=0) + 1e-6) * np.sqrt(share))
    _, spread, directions = np.linalg.svd((features - mean) * scale, full_matrices=False)
    deviation = spread[:N_DIMENSIONS] / np.sqrt(len(features))
    weight: Matrix = directions[:N_DIMENSIONS] * scale / deviation[:, None] ** _WHITENING
    return weight, -weight @ mean


def neighbours_in_common(
    vectors: Matrix, genre: NDArray[np.str_], artist: NDArray[np.int64], *, n_neighbours: int = 10
) -> dict[str, Any]:
    """Count how many of a clip's nearest, by other artists, are of its genre.

    Parameters
    ----------
    vectors : ndarray, shape (n, N_DIMENSIONS)
    genre, artist : ndarray, shape (n,)
    n_neighbours : int

    Returns
    -------
    dict
        The share with a 95 % interval (artists are drawn anew), and that of neighbours at random.
    """
    unit = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    is_other = artist[:, None] != artist[None]
    is_same = genre[:, None] == genre[None]
    nearest = np.argsort(-np.where(is_other, unit @ unit.T, -np.inf), axis=1)[:, :n_neighbours]
    share = np.take_along_axis(is_same, nearest, axis=1).mean(axis=1)
    chance = (is_same & is_other).sum(axis=1) / is_other.sum(axis=1)
    random = np.random.default_rng(0)
    by_artist = [share[artist == one] for one in np.unique(artist)]
    draws = [
        np.concatenate([by_artist[i] for i in random.integers(len(by_artist), size=len(by_artist))]).mean()
        for _ in range(_N_DRAWS)
    ]
    low, high = np.percentile(draws, [2.5, 97.5])
    return {
        "split": "validation part of the fault-filtered GTZAN split; neighbours by other artists only",
        "n_clips": len(vectors),
        "n_artists": len(by_artist),
        "n_neighbours": n_neighbours,
        "same_genre": {"value": round(share.mean(), 4), "low": round(low, 4), "high": round(high, 4)},
        "at_random": round(chance.mean(), 4),
    }


def _parts(path: Path) -> tuple[list[str], NDArray[np.bool_]]:
    with np.load(path, allow_pickle=False) as stored:
        return [str(clip) for clip in stored["clip"]], stored["part"] == "valid"


def _artists(folder: Path, names: list[str]) -> NDArray[np.int64]:
    """Return the clips' artists as numbers."""
    with (folder / "artists.csv").open(encoding="utf-8", newline="") as file:
        known = {row["clip"]: row["artist"] for row in csv.DictReader(file)}
    return gtzan.artist_groups([known.get(name, "") for name in names])


if __name__ == "__main__":
    main()

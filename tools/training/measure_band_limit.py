"""Make ``band_limit.npz``: features of music as it is, and as a telephone at 8 kHz leaves it.

``python -m tools.training.measure_band_limit FOLDER --weights genre_app/weights``

The stored file was made from the music in Debian's packages fretsonfire-songs-sectoid, drascula-music,
hyperrogue-music, asc-music, lincity-ng-data, pathological, freedink-data, extremetuxracer-data, warzone2100-music,
planetblupi-music-ogg and colobot-common-sounds (bookworm), unpacked into one folder. Only means of features are stored,
no audio.
"""

from pathlib import Path
from typing import Final

import click
import numpy as np
import soxr
import torch
from numpy.typing import NDArray
from tqdm import tqdm

from genre_app.audio import load_audio
from genre_app.errors import AudioError
from genre_app.models.musicnn.network import SAMPLE_RATE_HZ
from genre_app.models.standard.groups import GENRE_CLASSES
from genre_app.models.standard.heads import sounding_weight
from tools.training.band_limit import FILE
from tools.training.network_features import PatchFeatures, TwoNetworks

_TELEPHONE_RATE_HZ: Final = 8_000
_SUFFIXES: Final = {".mp3", ".ogg", ".opus"}
_LEAST_BYTES: Final = 300_000
_START_S: Final = 15
_LENGTH_S: Final = 25
_SHORTEST_S: Final = 6
#: Excerpts of a file whose features are averaged apart.
_EXCERPTS: Final = 3
_LEAST_LEVEL: Final = 1e-3


@click.command(help=__doc__)
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--weights", type=click.Path(exists=True, file_okay=False, path_type=Path), required=True)
def main(folder: Path, weights: Path) -> None:
    """Run the command line."""
    torch.set_num_threads(1)
    networks = TwoNetworks(weights)
    full, limited = [], []
    files = sorted(path for path in folder.rglob("*") if path.suffix in _SUFFIXES and path.is_file())
    for path in tqdm([path for path in files if path.stat().st_size >= _LEAST_BYTES], disable=None):
        audio = _excerpt(path)
        if audio is None:
            continue
        narrow = soxr.resample(
            soxr.resample(audio, SAMPLE_RATE_HZ, _TELEPHONE_RATE_HZ), _TELEPHONE_RATE_HZ, SAMPLE_RATE_HZ
        )
        pair = networks.features(audio), networks.features(np.resize(narrow, audio.shape).astype(np.float32))
        sounding = np.flatnonzero(pair[0].level > _LEAST_LEVEL)
        for some in np.array_split(sounding, _EXCERPTS):
            if len(some):
                full.append(head_features(pair[0])[some].mean(axis=0))
                limited.append(head_features(pair[1])[some].mean(axis=0))
    np.savez_compressed(FILE, full=np.stack(full).astype(np.float16), limited=np.stack(limited).astype(np.float16))
    click.echo(f"{len(full)} excerpts")


def head_features(outputs: PatchFeatures) -> NDArray[np.float64]:
    """Return tag logits and the logits of AudioSet's genres side by side, shape (n, 50 + n_genre_classes)."""
    classes = torch.from_numpy(outputs.classes)
    logits = (classes * sounding_weight(classes)).sum(dim=1)[:, list(GENRE_CLASSES)].numpy()
    return np.hstack([outputs.tags, logits]).astype(np.float64)


def _excerpt(path: Path) -> NDArray[np.float32] | None:
    """Read a piece from the middle of a file; None where it is too short or damaged."""
    try:
        audio = load_audio(path, SAMPLE_RATE_HZ)
    except AudioError:
        return None
    start = _START_S if len(audio) >= (_START_S + 12) * SAMPLE_RATE_HZ else 0
    piece = audio[start * SAMPLE_RATE_HZ : (start + _LENGTH_S) * SAMPLE_RATE_HZ]
    return piece if len(piece) >= _SHORTEST_S * SAMPLE_RATE_HZ else None


if __name__ == "__main__":
    main()

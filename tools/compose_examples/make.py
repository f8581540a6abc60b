"""Compose the examples and write them: ``python -m tools.compose_examples.make``, or ``scripts/make-examples``."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import click
import numpy as np

from genre_app.examples import EXAMPLES
from tools.compose_examples.encoding import write_mp3
from tools.compose_examples.pieces import disco, jazz, medley, prelude
from tools.compose_examples.synthesis import Samples

#: Seed of all noise and timing.
SEED: Final = 20_260_101


@dataclass(frozen=True, slots=True)
class Recording:
    """How an example is made.

    Attributes
    ----------
    compose
        Returns the piece; shape (2, n).
    n_channels
        2, or 1 for more bits per channel.
    kbit_per_s
        Bit rate of the MP3 file, which stays under 400 kB.
    """

    compose: Callable[[np.random.Generator], Samples]
    n_channels: int = 2
    kbit_per_s: int = 80


#: By file name, without the extension.
RECORDINGS: Final[dict[str, Recording]] = {
    "piano-prelude": Recording(prelude.compose),
    "jazz-trio": Recording(jazz.compose),
    "disco-night": Recording(disco.compose),
    "three-style-medley": Recording(medley.compose, n_channels=1, kbit_per_s=40),
}


def render(name: str, *, seed: int = SEED) -> Samples:
    """Synthesise one of the `RECORDINGS`.

    Returns
    -------
    ndarray, shape (n_channels, n)
        At `tools.compose_examples.synthesis.RATE_HZ`, within ±1; reproducible.
    """
    recording = RECORDINGS[name]
    samples = recording.compose(np.random.default_rng(seed))
    return samples if recording.n_channels == samples.shape[0] else samples.mean(axis=0, keepdims=True)


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--output-dir",
    type=click.Path(file_okay=False, path_type=Path),
    default=EXAMPLES[0].path.parent,
    help="Where the MP3 files go.  [default: the package's folder]",
)
def main(output_dir: Path) -> None:
    """Compose the four example recordings and write them as MP3 files."""
    output_dir.mkdir(parents=True, exist_ok=True)
    for name, recording in RECORDINGS.items():
        path = output_dir / f"{name}.mp3"
        write_mp3(path, render(name), kbit_per_s=recording.kbit_per_s)
        click.echo(f"Wrote {path} ({path.stat().st_size} bytes)", err=True)


if __name__ == "__main__":
    main()

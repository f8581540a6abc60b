"""Write MP3 files."""

from pathlib import Path

import av
import numpy as np

from tools.compose_examples.synthesis import RATE_HZ, Samples

_BLOCK_SAMPLES = 1152  # of an MP3 frame


def write_mp3(path: Path, samples: Samples, *, kbit_per_s: int) -> None:
    """Write an MP3 file of constant bit rate at `RATE_HZ`.

    Parameters
    ----------
    path
        The file; overwritten if it exists.
    samples
        Shape (1, n) for mono or (2, n) for stereo, within ±1.
    kbit_per_s
        Bit rate of all channels together.

    Raises
    ------
    ValueError
        The number of channels is not 1 or 2.
    """
    layouts = {1: "mono", 2: "stereo"}
    layout = layouts.get(samples.shape[0])
    if layout is None:
        raise ValueError(f"samples must have shape (1, n) or (2, n), not {samples.shape}")
    planar = samples.astype(np.float32)
    with av.open(str(path), "w", format="mp3") as container:
        stream = container.add_stream("libmp3lame", rate=RATE_HZ, layout=layout)
        stream.bit_rate = kbit_per_s * 1000
        for start in range(0, planar.shape[1], _BLOCK_SAMPLES):
            block = np.ascontiguousarray(planar[:, start : start + _BLOCK_SAMPLES])
            frame = av.AudioFrame.from_ndarray(block, format="fltp", layout=layout)
            frame.sample_rate, frame.pts = RATE_HZ, start
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))

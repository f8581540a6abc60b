"""Made-up sound and files of it."""

import wave
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from genre_app.audio import load_audio
from genre_app.examples import EXAMPLES


def tone(seconds: float, rate_hz: int, *, amplitude: float = 0.5, frequency_hz: float = 440.0) -> NDArray[np.float32]:
    times_s = np.arange(round(seconds * rate_hz)) / rate_hz
    return (amplitude * np.sin(2 * np.pi * frequency_hz * times_s)).astype(np.float32)


def noise(seconds: float, rate_hz: int, *, amplitude: float = 0.5, seed: int = 0) -> NDArray[np.float32]:
    samples = np.random.default_rng(seed).uniform(-amplitude, amplitude, round(seconds * rate_hz))
    return samples.astype(np.float32)


def music(seconds: float, rate_hz: int, *, start_s: float = 0.0, piece: str = "piano-prelude") -> NDArray[np.float32]:
    """Cut an excerpt out of one of the page's examples, which begins anew where it ends: music to every model."""
    samples = np.roll(_decoded(piece, rate_hz), -round(start_s * rate_hz))
    return np.resize(samples, round(seconds * rate_hz))


@cache
def _decoded(piece: str, rate_hz: int) -> NDArray[np.float32]:
    return load_audio(next(example.path for example in EXAMPLES if example.path.stem == piece), rate_hz)


def write_wav(path: Path, samples: NDArray[np.float32], rate_hz: int) -> Path:
    """Write mono 16-bit PCM; ``samples`` within ±1."""
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate_hz)
        file.writeframes((samples * 32767).round().astype("<i2").tobytes())
    return path

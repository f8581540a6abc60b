"""Made-up sound and files of it."""

import wave
from pathlib import Path

import numpy as np
from numpy.typing import NDArray


def tone(seconds: float, rate_hz: int, *, amplitude: float = 0.5, frequency_hz: float = 440.0) -> NDArray[np.float32]:
    times_s = np.arange(round(seconds * rate_hz)) / rate_hz
    return (amplitude * np.sin(2 * np.pi * frequency_hz * times_s)).astype(np.float32)


def noise(seconds: float, rate_hz: int, *, amplitude: float = 0.5, seed: int = 0) -> NDArray[np.float32]:
    samples = np.random.default_rng(seed).uniform(-amplitude, amplitude, round(seconds * rate_hz))
    return samples.astype(np.float32)


def write_wav(path: Path, samples: NDArray[np.float32], rate_hz: int) -> Path:
    """Write mono 16-bit PCM; ``samples`` within ±1."""
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate_hz)
        file.writeframes((samples * 32767).round().astype("<i2").tobytes())
    return path

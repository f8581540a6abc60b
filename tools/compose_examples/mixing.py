"""From stems to a recording: room, amplifier, level."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy.signal import fftconvolve

from tools.compose_examples.synthesis import RATE_HZ, Samples, faded, highpass, lowpass, times_s

#: Peak of a finished recording: MP3 overshoots by up to a third at loud high frequencies, and must not clip.
PEAK: Final = 0.7


def reverb(stem: Samples, rng: np.random.Generator, *, seconds: float = 1.4, wet: float = 0.2) -> Samples:
    """Add reverberation to a stem of shape (2, n): noise that decays by 60 dB in ``seconds``, one for each side."""
    time = times_s(seconds)
    echoes = rng.normal(size=(2, time.size)) * 10.0 ** (-3.0 * time / seconds)
    echoes = lowpass(highpass(echoes, 250.0), 5000.0)
    echoes /= np.sqrt((echoes**2).sum(axis=1, keepdims=True))
    delay = np.zeros((2, round(0.015 * RATE_HZ)))
    room = fftconvolve(np.hstack([delay, stem]), echoes, axes=1)[:, : stem.shape[1]]
    return np.asarray(stem + wet * room)


def echo(stem: Samples, delay_s: float, *, feedback: float = 0.35, repeats: int = 4) -> Samples:
    """Add decaying repeats to a stem."""
    n_delay = round(delay_s * RATE_HZ)
    result = stem.copy()
    for number in range(1, repeats + 1):
        shift = number * n_delay
        result[:, shift:] += feedback**number * lowpass(stem, 3000.0)[:, :-shift]
    return result


@dataclass(frozen=True, slots=True)
class Finish:
    """Mastering of the sum of all stems.

    Attributes
    ----------
    low, high
        Gain added below 300 Hz and above 2.5 kHz; may be negative.
    hiss
        Root mean square of added noise, relative to a peak of 1.
    loudness
        Gain into the soft limiter; at 1 it has little effect.
    fade_out_s
        Length of the fade at the end.
    """

    low: float = 0.0
    high: float = 0.0
    hiss: float = 0.0005
    loudness: float = 1.6
    fade_out_s: float = 1.5


def master(stems: list[tuple[float, Samples]], rng: np.random.Generator, finish: Finish) -> Samples:
    """Balance the stems, equalise the sum, clip it softly, and fade out.

    Parameters
    ----------
    stems
        Pairs of level (root mean square of the loudest 50 ms, relative to the other stems) and samples of shape
        (2, n), with the same n.
    rng
        Source of the hiss.
    finish
        Equalisation and level of the sum.

    Returns
    -------
    ndarray, shape (2, n)
        Peak `PEAK`.
    """
    mix = highpass(np.sum([level / _loudest(stem) * stem for level, stem in stems], axis=0), 28.0)
    mix = mix + finish.low * lowpass(mix, 300.0) + finish.high * highpass(mix, 2500.0)
    mix = mix / np.abs(mix).max() + finish.hiss * rng.normal(size=mix.shape)
    mix = faded(np.tanh(finish.loudness * mix), 0.005, finish.fade_out_s)
    return np.asarray(PEAK * mix / np.abs(mix).max())


def _loudest(stem: Samples) -> float:
    """Return the root mean square of the loudest 50 ms."""
    n_block = RATE_HZ // 20
    blocks = stem[:, : stem.shape[1] // n_block * n_block].reshape(2, -1, n_block)
    return float(np.sqrt((blocks**2).mean(axis=(0, 2)).max())) + 1e-9

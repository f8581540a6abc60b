"""Instruments: each function synthesises one note, mono, at `RATE_HZ`, peak about 1."""

from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from scipy.signal import butter, lfilter, sosfilt

#: Sample rate of all recordings: one of MP3's, and above twice the models' highest frequency (8 to 11 kHz).
RATE_HZ: Final = 32_000

#: Full scale ±1; mono has shape (n,), stereo (2, n).
Samples = NDArray[np.float64]


def frequency_hz(pitch: float) -> float:
    """Return the frequency of a MIDI pitch; 69 is 440 Hz, fractions are microtones."""
    return float(440.0 * 2.0 ** ((pitch - 69.0) / 12.0))


def times_s(seconds: float) -> Samples:
    """Return the times of the samples of a sound of this length."""
    return np.arange(round(seconds * RATE_HZ)) / RATE_HZ


def faded(sound: Samples, attack_s: float = 0.003, release_s: float = 0.02) -> Samples:
    """Return a sound faded in and out, so that its ends do not click."""
    n_samples = sound.shape[-1]
    position = np.arange(n_samples)
    rise = np.minimum(1.0, position / max(attack_s * RATE_HZ, 1.0))
    fall = np.minimum(1.0, (n_samples - 1 - position) / max(release_s * RATE_HZ, 1.0))
    return np.asarray(sound * rise * fall)


@lru_cache(maxsize=256)
def _filter(kind: str, cutoff_hz: float | tuple[float, float], order: int) -> Any:
    return butter(order, cutoff_hz, kind, fs=RATE_HZ, output="sos")


def lowpass(sound: Samples, cutoff_hz: float, order: int = 2) -> Samples:
    """Filter out frequencies above a cut-off (Butterworth)."""
    return np.asarray(sosfilt(_filter("lowpass", cutoff_hz, order), sound))


def highpass(sound: Samples, cutoff_hz: float, order: int = 2) -> Samples:
    """Filter out frequencies below a cut-off (Butterworth)."""
    return np.asarray(sosfilt(_filter("highpass", cutoff_hz, order), sound))


def bandpass(sound: Samples, low_hz: float, high_hz: float, order: int = 1) -> Samples:
    """Filter out frequencies outside a band (Butterworth)."""
    return np.asarray(sosfilt(_filter("bandpass", (low_hz, high_hz), order), sound))


@dataclass(frozen=True, slots=True)
class PluckedString:
    """Parameters of a plucked string.

    Attributes
    ----------
    ring_s
        Time in which an undamped string decays by 60 dB.
    damping
        Weight of the older of the two samples averaged in the loop, 0 (bright) to 0.5 (dull).
    pick
        Position of the plectrum as a share of the length; harmonics with a node there are missing.
    tone_hz
        Cut-off of the plectrum's noise.
    """

    ring_s: float
    damping: float
    pick: float = 0.13
    tone_hz: float = 6000.0


def pluck(pitch: float, seconds: float, rng: np.random.Generator, string: PluckedString) -> Samples:
    """Synthesise a plucked string: noise in a delay line with a low-pass filter.

    Karplus and Strong 1983, with the fractional delay and the pick position of Jaffe and Smith 1983 ("Extensions of the
    Karplus-Strong plucked-string algorithm", Computer Music Journal 7:2).
    """
    period = RATE_HZ / frequency_hz(pitch)
    n_delay = int(period - string.damping)
    fraction = period - string.damping - n_delay
    loop = np.convolve([1.0 - string.damping, string.damping], [1.0 - fraction, fraction])
    feedback = np.zeros(n_delay + 3)
    feedback[0] = 1.0
    feedback[n_delay:] -= 10.0 ** (-3.0 * period / RATE_HZ / string.ring_s) * loop
    burst = np.zeros(round(seconds * RATE_HZ))
    n_burst = min(round(period), burst.size)
    burst[:n_burst] = rng.uniform(-1.0, 1.0, n_burst)
    burst[:n_burst] -= burst[:n_burst].mean()  # an offset would decay slowly
    burst = lowpass(burst, string.tone_hz)
    n_pick = max(1, round(string.pick * period))
    burst[n_pick:] -= 0.9 * burst[:-n_pick].copy()
    sound = lfilter([1.0], feedback, burst)
    return faded(sound / (np.abs(sound).max() + 1e-9))


def piano(pitch: float, seconds: float, strength: float = 0.7) -> Samples:
    """Synthesise a piano note: stretched partials, of which higher ones decay faster, and the hammer.

    ``strength`` is in (0, 1]; stronger strokes are brighter.
    """
    time = times_s(seconds)
    base_hz = frequency_hz(pitch)
    stiffness = 0.0004 * 2.0 ** ((pitch - 60.0) / 12.0)
    sound = np.zeros_like(time)
    for number in range(1, 25):
        partial_hz = base_hz * number * np.sqrt(1.0 + stiffness * number**2)
        if partial_hz > 0.45 * RATE_HZ:
            break
        level = number**-1.1 * np.exp(-number * (1.0 - 0.75 * strength) * 0.35) * abs(np.sin(np.pi * number / 8.3))
        fade = np.exp(-time * (0.5 + base_hz / 500.0) * (1.0 + 0.25 * number))
        for detune in (0.9996, 1.0005):
            sound += level * fade * np.sin(2.0 * np.pi * partial_hz * detune * time + 1.7 * number)
    knock = np.exp(-time * 90.0) * np.sin(2.0 * np.pi * 140.0 * time)
    sound = sound / np.abs(sound).max() + 0.06 * knock
    return faded(sound, 0.002, 0.08)


def electric_piano(pitch: float, seconds: float, strength: float = 0.7) -> Samples:
    """Synthesise an electric piano by frequency modulation, deeper for stronger strokes."""
    time = times_s(seconds)
    carrier_hz = frequency_hz(pitch)
    bend = strength * (1.4 * np.exp(-time * 5.0) + 0.25) * np.sin(2.0 * np.pi * carrier_hz * time)
    chime = 0.25 * strength * np.exp(-time * 14.0) * np.sin(2.0 * np.pi * 7.0 * carrier_hz * time)
    sound = np.exp(-time * 1.6) * np.sin(2.0 * np.pi * carrier_hz * time + bend) + chime
    return faded(sound, 0.002, 0.06)


def saw(pitch: float | Samples, seconds: float, phase: float = 0.0) -> Samples:
    """Synthesise a sawtooth, smoothed at its jump against aliasing (PolyBLEP); the pitch may vary over time."""
    time = times_s(seconds)
    step = np.broadcast_to(440.0 * 2.0 ** ((np.asarray(pitch) - 69.0) / 12.0) / RATE_HZ, time.shape)
    turn = (phase + np.cumsum(step)) % 1.0
    wave = 2.0 * turn - 1.0
    start = turn < step
    end = turn > 1.0 - step
    ahead = turn[start] / step[start]
    behind = (turn[end] - 1.0) / step[end]
    wave[start] -= ahead + ahead - ahead**2 - 1.0
    wave[end] -= behind**2 + behind + behind + 1.0
    return np.asarray(wave)


def ensemble(
    pitch: float, seconds: float, rng: np.random.Generator, *, attack_s: float = 0.15, tone_hz: float = 2600.0
) -> Samples:
    """Synthesise a string section: six detuned sawtooths, each with its own vibrato."""
    time = times_s(seconds)
    sound = np.zeros_like(time)
    for _ in range(6):
        vibrato = 0.12 * np.sin(2.0 * np.pi * (rng.uniform(4.6, 5.8) * time + rng.uniform()))
        sound += saw(pitch + rng.normal(0.0, 0.06) + vibrato * np.minimum(1.0, time / 0.4), seconds, rng.uniform())
    sound = lowpass(sound, tone_hz) + 0.25 * bandpass(sound, 900.0, 1400.0)
    return faded(0.3 * sound, attack_s, min(0.25, 0.4 * seconds))


def bass(pitch: float, seconds: float, *, tone_hz: float = 500.0, ring_s: float = 1.5) -> Samples:
    """Synthesise a bass: a sine and a filtered sawtooth."""
    time = times_s(seconds)
    body = np.sin(2.0 * np.pi * frequency_hz(pitch) * time)
    sound = lowpass(saw(pitch, seconds), tone_hz, 4) + 0.7 * body
    return faded(0.7 * sound * np.exp(-time * 3.0 / ring_s), 0.004, 0.03)


def organ(pitch: float, seconds: float) -> Samples:
    """Synthesise an organ note: six drawbars, and the tremolo of a rotating loudspeaker."""
    time = times_s(seconds)
    drawbars = ((0.5, 0.5), (1.0, 1.0), (1.5, 0.4), (2.0, 0.6), (3.0, 0.25), (4.0, 0.2))
    sound = np.sum([level * np.sin(2.0 * np.pi * frequency_hz(pitch) * ratio * time) for ratio, level in drawbars], 0)
    return faded(0.4 * sound * (1.0 + 0.15 * np.sin(2.0 * np.pi * 6.4 * time)), 0.004, 0.02)


#: The lowest three formants of five vowels of a male voice, in Hz (Peterson and Barney 1952, rounded).
_VOWELS_HZ: Final = ((730, 1090, 2440), (530, 1840, 2480), (390, 1990, 2550), (570, 840, 2410), (300, 870, 2240))


def syllable(pitch: float, seconds: float, rng: np.random.Generator, *, glide: float = -2.0) -> Samples:
    """Synthesise a nonsense syllable: a hissed consonant, and a diphthong.

    ``glide`` is the change of pitch until the end, in semitones.
    """
    time = times_s(seconds)
    vibrato = 0.25 * np.sin(2.0 * np.pi * 5.3 * time) * np.clip((time - 0.25) / 0.3, 0.0, 1.0)
    flutter = lowpass(rng.normal(size=time.size), 20.0) * 4.0
    air = saw(pitch + glide * time / seconds + vibrato + flutter, seconds) + 0.05 * rng.normal(size=time.size)
    air = lowpass(air, 2500.0, 1)
    turn = np.clip((time / seconds - 0.3) / 0.4, 0.0, 1.0)
    voice = 0.25 * lowpass(air, 500.0)
    for share, vowel in zip((1.0 - turn, turn), rng.integers(0, len(_VOWELS_HZ), 2), strict=True):
        for level, centre_hz in zip((1.0, 0.7, 0.5), _VOWELS_HZ[vowel], strict=True):
            voice += share * level * bandpass(air, 0.93 * centre_hz, 1.07 * centre_hz)
    hiss = bandpass(rng.normal(size=time.size), 2500.0, 7000.0) * np.exp(-((time - 0.02) ** 2) / 0.0004)
    return faded(voice + rng.uniform(0.05, 0.3) * hiss, 0.015, min(0.06, 0.3 * seconds))

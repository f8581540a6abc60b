"""Synthesised sound that is not music, for training the music detector."""

import subprocess
from collections.abc import Callable, Iterator
from typing import Final

import numpy as np
import soxr
from numpy.typing import NDArray
from scipy import signal

Wave = NDArray[np.float64]

SAMPLE_RATE_HZ: Final = 16_000
CLIP_SECONDS: Final = 12.0
_N: Final = int(CLIP_SECONDS * SAMPLE_RATE_HZ)
_TIME_S: Final[Wave] = np.arange(_N) / SAMPLE_RATE_HZ

_SENTENCES: Final[dict[str, str]] = {
    "en-us": "The ferry was late again, so we sat on the wall and counted the boats until somebody came to tell us "
    "that the engine would not start before the evening, and that tea was served in the hall.",
    "en-gb": "Before you write to the council, read the letter twice and ask your neighbour what she remembers of the "
    "meeting; people agree on far less than they believe when they leave the room.",
    "en-gb-scotland": "He kept the keys in a tin by the door, next to the torch and a map of paths that had been "
    "closed for years, and every spring he walked them all the same.",
    "de": "Am Morgen lag Nebel über dem Fluss, und niemand wusste genau, ob die Brücke schon geöffnet war oder ob wir "
    "den langen Weg durch das Dorf nehmen mussten.",
    "fr-fr": "Elle avait noté les horaires sur un bout de papier, mais le train de midi ne circulait plus depuis la "
    "semaine dernière, et personne ne l'avait prévenue.",
    "es": "El panadero abría a las seis, aunque la gente del barrio sabía que el pan bueno no salía del horno antes de "
    "las siete y media de la mañana.",
    "it": "Nel cassetto trovò una lettera senza data, scritta in fretta, che parlava di una casa vicino al lago e di "
    "un cane che non voleva entrare.",
    "nl": "De fiets stond al weken tegen het hek, en toch vroeg niemand van wie hij was of waarom het voorwiel "
    "ontbrak.",
    "pt-br": "O ônibus parou no meio da ponte e o motorista disse que era melhor esperar a chuva passar antes de "
    "descer a serra.",
}
_VARIANTS: Final = ("", "+m1", "+m3", "+m5", "+m7", "+f1", "+f2", "+f4", "+croak", "+whisper")


def synthesise(kind: str, rng: np.random.Generator) -> NDArray[np.float32]:
    """Synthesise a clip of 12 s.

    Parameters
    ----------
    kind : str
        One of `KINDS`.
    rng : numpy.random.Generator
        Draws all parameters.

    Returns
    -------
    ndarray of float32, shape (192000,)
        Mono at 16 kHz, full scale ±1.
    """
    wave = _MAKERS[kind](rng)
    if kind != "silence":
        peak = np.abs(wave).max() or 1.0
        wave = wave / peak * 10 ** (rng.uniform(-30, 0) / 20)
    return np.clip(wave, -1, 1).astype(np.float32)


def clips(n_each: int, seed: int) -> Iterator[tuple[str, NDArray[np.float32]]]:
    """Yield ``n_each`` clips of each kind, each with its own seed."""
    for index, kind in enumerate(KINDS):
        for number in range(n_each):
            yield kind, synthesise(kind, np.random.default_rng([seed, index, number]))


def _silence(rng: np.random.Generator) -> Wave:
    dither = rng.normal(0, 1, _N) * 10 ** (rng.uniform(-110, -75) / 20)
    return np.zeros(_N) if rng.random() < 0.3 else dither + rng.choice([0.0, 0.1, -0.4])


def _coloured(rng: np.random.Generator, exponent: float) -> Wave:
    spectrum = np.fft.rfft(rng.normal(0, 1, _N))
    frequency_hz = np.fft.rfftfreq(_N, 1 / SAMPLE_RATE_HZ)
    return np.fft.irfft(spectrum * np.maximum(frequency_hz, 20.0) ** exponent, _N)


def _noise(rng: np.random.Generator) -> Wave:
    wave: Wave = _coloured(rng, rng.uniform(-1.2, 0.4))
    if rng.random() < 0.4:
        low_hz = rng.uniform(50, 3000)
        band = signal.butter(
            2, [low_hz, min(low_hz * rng.uniform(1.5, 8), 7900)], "band", fs=SAMPLE_RATE_HZ, output="sos"
        )
        wave = signal.sosfilt(band, wave)
    if rng.random() < 0.4:  # wind, waves, traffic
        wave = wave * (1 + rng.uniform(0.3, 1) * np.sin(2 * np.pi * rng.uniform(0.05, 2) * _TIME_S + rng.uniform(0, 6)))
    if rng.random() < 0.25:  # rain on a roof, a worn record
        drops = signal.fftconvolve(_impulses(rng, rng.uniform(10, 200)), _decay(rng.uniform(0.001, 0.02)), "full")[:_N]
        wave = wave / (wave.std() or 1) + 3 * drops / (drops.std() or 1)
    return wave


def _tone(rng: np.random.Generator) -> Wave:
    wave: Wave
    frequency_hz = rng.uniform(40, 4000)
    shape = rng.choice(["sine", "square", "saw", "sweep", "siren", "pair", "hum"])
    if shape == "sweep":
        wave = signal.chirp(_TIME_S, frequency_hz, CLIP_SECONDS, rng.uniform(40, 6000), method="logarithmic")
    elif shape == "siren":
        swing = np.sin(2 * np.pi * rng.uniform(0.2, 3) * _TIME_S)
        wave = np.sin(2 * np.pi * np.cumsum(frequency_hz * 2 ** (0.4 * swing)) / SAMPLE_RATE_HZ)
    elif shape == "pair":  # dial tones
        wave = np.sin(2 * np.pi * frequency_hz * _TIME_S) + np.sin(2 * np.pi * rng.uniform(300, 1700) * _TIME_S)
    elif shape == "hum":
        mains_hz = rng.choice([50.0, 60.0])
        wave = np.sum(
            [rng.uniform(0, 1) / k * np.sin(2 * np.pi * k * mains_hz * _TIME_S) for k in range(1, 12)], axis=0
        )
    else:
        phase = 2 * np.pi * frequency_hz * _TIME_S
        wave = {"sine": np.sin, "square": signal.square, "saw": signal.sawtooth}[str(shape)](phase)
    if rng.random() < 0.4:  # beeps
        wave = wave * (signal.square(2 * np.pi * rng.uniform(0.3, 6) * _TIME_S, rng.uniform(0.1, 0.8)) > 0)
    return wave + rng.normal(0, 1, _N) * 10 ** (rng.uniform(-80, -30) / 20)


def _click(rng: np.random.Generator) -> Wave:
    if rng.random() < 0.5:
        impulses = np.zeros(_N)
        impulses[:: int(SAMPLE_RATE_HZ / rng.uniform(0.5, 12))] = 1.0
    else:
        impulses = _impulses(rng, rng.uniform(0.5, 15))
    knock = _decay(rng.uniform(0.002, 0.06))
    knock = knock * np.sin(2 * np.pi * rng.uniform(80, 5000) * np.arange(len(knock)) / SAMPLE_RATE_HZ + 1)
    wave: Wave = signal.fftconvolve(impulses, knock, "full")[:_N]
    return wave + rng.normal(0, 1, _N) * 10 ** (rng.uniform(-90, -40) / 20)


def _speech(rng: np.random.Generator) -> Wave:
    language = str(rng.choice(list(_SENTENCES)))
    command = ["espeak-ng", "--stdout", "-v", language + str(rng.choice(_VARIANTS))]
    command += ["-s", str(rng.integers(110, 210)), "-p", str(rng.integers(15, 85))]
    words = _SENTENCES[language].split()
    text = " ".join(words[(first := int(rng.integers(0, len(words)))) :] + words[:first]) + " "
    spoken = _read_wav(subprocess.run([*command, text * 3], check=True, capture_output=True).stdout)
    wave: Wave = np.resize(spoken, _N).astype(np.float64)
    if rng.random() < 0.5:
        wave = _in_a_room(wave, rng)
    if rng.random() < 0.3:  # a telephone
        band = signal.butter(4, [300, 3400], "band", fs=SAMPLE_RATE_HZ, output="sos")
        wave = signal.sosfilt(band, wave)
    noise = _coloured(rng, rng.uniform(-1, 0))
    return _mixed(wave, noise, rng.uniform(-60, -12))


def _animal(rng: np.random.Generator) -> Wave:
    kind = rng.choice(["whale", "bird", "bark", "cricket"])
    wave = np.zeros(_N)
    calls_per_s = {"whale": 0.35, "bird": 2.5, "bark": 1.2, "cricket": 2.0}[str(kind)] * rng.uniform(0.5, 1.6)
    for start in np.flatnonzero(_impulses(rng, calls_per_s)):
        call = _call(str(kind), rng)[: _N - start]
        wave[start : start + len(call)] += call
    wave = _in_a_room(wave, rng) if rng.random() < 0.7 else wave
    noise = _coloured(rng, rng.uniform(-1.2, 0))
    return _mixed(wave, noise, rng.uniform(-40, -3))


def _call(kind: str, rng: np.random.Generator) -> Wave:
    """Synthesise one call: a gliding harmonic sound with a soft start and end."""
    low_hz, high_hz, shortest_s, longest_s, n_harmonics = {
        "whale": (60, 700, 0.6, 4.0, 6),
        "bird": (1500, 4000, 0.05, 0.4, 1),
        "bark": (250, 550, 0.08, 0.3, 8),
        "cricket": (3500, 4500, 0.2, 0.8, 1),
    }[kind]
    n_samples = int(rng.uniform(shortest_s, longest_s) * SAMPLE_RATE_HZ)
    bends = np.interp(np.linspace(0, 3, n_samples), range(4), rng.uniform(0, 1, 4) * rng.uniform(0.1, 0.8))
    frequency_hz = rng.uniform(low_hz, high_hz) * 2**bends
    phase = 2 * np.pi * np.cumsum(frequency_hz) / SAMPLE_RATE_HZ
    wave: Wave = np.sum([rng.uniform(0.2, 1) / k * np.sin(k * phase) for k in range(1, n_harmonics + 1)], axis=0)
    if kind in {"bark", "cricket"}:
        wave = wave * (1 + np.sin(2 * np.pi * rng.uniform(25, 70) * np.arange(n_samples) / SAMPLE_RATE_HZ))
    return wave * np.hanning(n_samples) * rng.uniform(0.2, 1)


def _in_a_room(wave: Wave, rng: np.random.Generator) -> Wave:
    """Add the reverberation of a room, or of the sea: decaying noise."""
    response = _decay(rng.uniform(0.05, 0.6))
    response = response * rng.normal(0, 1, len(response))
    tail: Wave = signal.fftconvolve(wave, response, "full")[:_N]
    return _mixed(wave, tail, rng.uniform(-20, -2))


def _mixed(wave: Wave, other: Wave, level_db: float) -> Wave:
    """Add another sound; its level is relative to the first."""
    mixed: Wave = wave / (wave.std() or 1) + other / (other.std() or 1) * 10 ** (level_db / 20)
    return mixed


def _impulses(rng: np.random.Generator, per_second: float) -> Wave:
    return (rng.random(_N) < per_second / SAMPLE_RATE_HZ) * rng.uniform(0.2, 1, _N)


def _decay(seconds: float) -> Wave:
    return np.exp(-np.arange(int(5 * seconds * SAMPLE_RATE_HZ) + 8) / (seconds * SAMPLE_RATE_HZ))


def _read_wav(data: bytes) -> Wave:
    """Parse espeak-ng's output: a 44-byte header without a length, then 16-bit samples at 22,050 Hz."""
    samples = np.frombuffer(data[44 : 44 + (len(data) - 44) // 2 * 2], dtype="<i2") / 32768
    return np.asarray(soxr.resample(samples, 22_050, SAMPLE_RATE_HZ), dtype=np.float64)


_MAKERS: Final[dict[str, Callable[[np.random.Generator], Wave]]] = {
    "silence": _silence,
    "noise": _noise,
    "tone": _tone,
    "click": _click,
    "speech": _speech,
    "animal": _animal,
}
KINDS: Final = tuple(_MAKERS)

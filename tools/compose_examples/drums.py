"""Drums: each function synthesises one stroke, mono, at `RATE_HZ`, peak about 1."""

import numpy as np

from tools.compose_examples.synthesis import Samples, bandpass, faded, highpass, times_s


def kick(seconds: float = 0.35, *, low_hz: float = 48.0, sweep_hz: float = 110.0, click: float = 0.3) -> Samples:
    """Synthesise a bass drum: a sine of falling pitch, and the beater's click."""
    time = times_s(seconds)
    phase = low_hz * time + sweep_hz * (1.0 - np.exp(-time * 35.0)) / 35.0
    skin = np.sin(2.0 * np.pi * phase) * np.exp(-time * 2.2 / seconds)
    beater = click * np.sin(2.0 * np.pi * 2800.0 * time) * np.exp(-time * 350.0)
    return faded(np.tanh(1.6 * skin) + beater, 0.001, 0.03)


def snare(rng: np.random.Generator, seconds: float = 0.25, *, skin_hz: float = 190.0, wires: float = 0.7) -> Samples:
    """Synthesise a snare drum: two modes of the skin, and the noise of the wires."""
    time = times_s(seconds)
    skin = np.sin(2.0 * np.pi * skin_hz * time) + 0.6 * np.sin(2.0 * np.pi * 1.72 * skin_hz * time)
    rattle = bandpass(rng.normal(size=time.size), 1500.0, 9000.0)
    return faded(0.6 * skin * np.exp(-time * 24.0) + wires * rattle * np.exp(-time * 5.0 / seconds), 0.001, 0.03)


def rim(rng: np.random.Generator) -> Samples:
    """Synthesise a rim shot."""
    time = times_s(0.08)
    wood = np.sin(2.0 * np.pi * 1720.0 * time) + 0.7 * np.sin(2.0 * np.pi * 820.0 * time)
    return faded((wood + 0.2 * rng.normal(size=time.size)) * np.exp(-time * 75.0) * 0.6, 0.001, 0.01)


def clap(rng: np.random.Generator) -> Samples:
    """Synthesise a hand clap: bursts of noise within 30 ms, and the room."""
    time = times_s(0.22)
    hands = np.sum([(time >= start) * np.exp(-np.maximum(time - start, 0.0) * 130.0) for start in (0, 0.01, 0.02)], 0)
    room = (time >= 0.03) * np.exp(-np.maximum(time - 0.03, 0.0) * 26.0)
    return faded(bandpass(rng.normal(size=time.size), 800.0, 3000.0) * (hands + room), 0.001, 0.03)


def _metal(seconds: float, rng: np.random.Generator) -> Samples:
    """Synthesise a metal plate: many inharmonic partials, and noise."""
    time = times_s(seconds)
    partials_hz = rng.uniform(2200.0, 11_000.0, 40)
    phases = rng.uniform(0.0, 1.0, 40)
    plate = np.sum([np.sin(2.0 * np.pi * (f * time + p)) for f, p in zip(partials_hz, phases, strict=True)], 0)
    return np.asarray(plate / 6.0 + 0.7 * rng.normal(size=time.size))


def hat(rng: np.random.Generator, seconds: float = 0.06) -> Samples:
    """Synthesise a hi-hat; longer is open."""
    metal = highpass(_metal(seconds, rng), 6000.0, 4)
    return faded(0.5 * metal * np.exp(-times_s(seconds) * 4.0 / seconds), 0.001, 0.01)


def ride(rng: np.random.Generator, seconds: float = 0.9) -> Samples:
    """Synthesise a ride cymbal: the stick's ping over a long shimmer."""
    time = times_s(seconds)
    shimmer = highpass(_metal(seconds, rng), 4000.0) * np.exp(-time * 4.0)
    ping = np.sin(2.0 * np.pi * 3150.0 * time) * np.exp(-time * 30.0)
    return faded(0.3 * shimmer + 0.3 * ping, 0.001, 0.1)


def brush(rng: np.random.Generator, seconds: float = 0.3) -> Samples:
    """Synthesise a brush sweep on the snare drum."""
    time = times_s(seconds)
    sweep = bandpass(rng.normal(size=time.size), 1200.0, 6500.0)
    return faded(0.6 * sweep * np.exp(-time * 6.0), 0.04, 0.1)

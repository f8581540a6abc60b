"""Tunes of known tempo, key and chords; mono float32 at 22,050 Hz."""

import numpy as np
from numpy.typing import NDArray

RATE_HZ = 22_050
Waveform = NDArray[np.float32]
#: Semitones above the key's tonic, and whether the triad is minor.
Chord = tuple[int, bool]

MAJOR_PROGRESSIONS: tuple[tuple[Chord, ...], ...] = (
    ((0, False), (9, True), (5, False), (7, False)),
    ((0, False), (5, False), (7, False), (0, False)),
    ((2, True), (7, False), (0, False), (0, False)),
)
MINOR_PROGRESSIONS: tuple[tuple[Chord, ...], ...] = (
    ((0, True), (5, True), (7, False), (0, True)),
    ((0, True), (10, False), (8, False), (7, False)),
    ((0, True), (5, True), (7, True), (0, True)),
)


def note(pitch: float, seconds: float) -> NDArray[np.float64]:
    """A plucked tone with eight harmonics; pitch as a MIDI number."""
    time = np.arange(int(seconds * RATE_HZ)) / RATE_HZ
    frequency = 440.0 * 2 ** ((pitch - 69) / 12)
    tone = sum(0.8**k * np.sin(2 * np.pi * frequency * (k + 1) * time + k) for k in range(8))
    envelope = np.minimum(1, time / 0.01) * np.exp(-1.5 * time) * np.minimum(1, (seconds - time) / 0.02)
    return np.asarray(0.1 * tone * envelope)


def progression(tonic: int, chords: tuple[Chord, ...], *, seconds: float = 1.0, repeats: int = 3) -> Waveform:
    """Chords one after the other over a bass, with a little noise; tonic 0 is C."""
    random = np.random.default_rng(tonic)
    detuned = 0.2 * (tonic % 3 - 1)
    played = []
    for root, is_minor in chords * repeats:
        steps = (0, 3 if is_minor else 4, 7)
        pitches = [
            36 + (tonic + root) % 12,
            *(48 + (tonic + root + s) % 12 + 12 * int(random.integers(2)) for s in steps),
        ]
        played.append(np.sum([note(pitch + detuned, seconds) for pitch in pitches], axis=0))
    tune = np.concatenate(played)
    return (tune + 0.003 * random.normal(size=len(tune))).astype(np.float32)


def melody(pitches: list[int], *, seconds: float = 0.4, repeats: int = 6) -> Waveform:
    return np.concatenate([note(pitch, seconds) for pitch in pitches * repeats]).astype(np.float32)


def clicks(bpm: float, seconds: float = 15.0) -> Waveform:
    """A metronome with an accent on every fourth beat."""
    random = np.random.default_rng(0)
    track = 0.001 * random.normal(size=int(seconds * RATE_HZ))
    click = np.exp(-np.arange(2000) / 200) * random.normal(size=2000)
    for number, start_s in enumerate(np.arange(0.1, seconds - 0.2, 60 / bpm)):
        start = int(start_s * RATE_HZ)
        track[start : start + 2000] += click * (0.5 if number % 4 == 0 else 0.3)
    return track.astype(np.float32)


def drums(bpm: float, seconds: float = 20.0) -> Waveform:
    """Bass drum and snare in turn, a hi-hat on every half beat."""
    random = np.random.default_rng(0)
    track = 0.002 * random.normal(size=int(seconds * RATE_HZ))
    time = np.arange(4000) / RATE_HZ
    bass, snare = (
        np.sin(2 * np.pi * 60 * time) * np.exp(-25 * time),
        0.5 * random.normal(size=4000) * np.exp(-30 * time),
    )
    hat = 0.15 * random.normal(size=800) * np.exp(-np.arange(800) / 120)
    beat_s = 60 / bpm
    for number in range(int((seconds - 1) / beat_s)):
        sounds = ((0.0, snare if number % 2 else bass), (0.0, hat), (0.5, hat))
        for offset, sound in sounds:
            start = int((0.2 + (number + offset) * beat_s) * RATE_HZ)
            track[start : start + len(sound)] += sound
    return track.astype(np.float32)

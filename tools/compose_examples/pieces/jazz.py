"""Jazz: a trio of piano, walking bass and brushed drums, over a turnaround in B flat."""

import numpy as np

from tools.compose_examples import drums
from tools.compose_examples.mixing import Finish, master, reverb
from tools.compose_examples.score import Clock, Stem, chord_of, melody, pitch_of
from tools.compose_examples.synthesis import PluckedString, Samples, piano, pluck

_GUT = PluckedString(ring_s=1.6, damping=0.5, pick=0.2, tone_hz=1800.0)
_INTRO_BARS = 2
_HARMONY = ("Cm7", "F7", "Bbmaj7", "Ebmaj7", "Am7b5", "D7", "Gm7", "G7")
#: In semitones above the octave: ninths, flat over the dominants of minor chords.
_TENSIONS = (2, 2, 2, 2, 0, 1, 2, 1)
_LOWEST_VOICE = 53
_WALK = (
    *("C2 Eb2 G2 E2", "F2 A2 C3 B2", "Bb2 A2 F2 E2", "Eb2 G2 Bb2 Bb1"),
    *("A1 C2 Eb2 Eb2", "D2 F#2 A2 Ab2", "G2 F2 D2 Ab1", "G1 B1 D2 Db2"),
)
_TUNES = (
    "R:0.5 G4:0.5 Bb4:0.5 C5:0.5 Eb5:1.5 D5:0.5 R:0.5 C5:0.5 A4:0.5 F4:0.5 G4:0.5 A4:0.5 Eb5:1 D5:2.5 Bb4:0.5 F4:1 "
    "R:1 G4:0.5 Bb4:0.5 D5:0.5 F5:0.5 D5:1 Eb5:1.5 C5:0.5 A4:1 R:1 R:0.5 A4:0.5 C5:0.5 Eb5:0.5 F#4:1 A4:1 "
    "Bb4:1.5 G4:0.5 D5:2 R:0.5 B4:0.5 D5:0.5 F5:0.5 Ab5:0.5 G5:0.5 F5:1",
    "Eb5:0.5 D5:0.5 C5:0.5 Bb4:0.5 G4:1 R:0.5 G4:0.5 A4:0.5 C5:0.5 Eb5:0.5 G5:0.5 F5:1.5 Eb5:0.5 D5:1 R:0.5 F5:0.5 "
    "D5:0.5 Bb4:0.5 A4:1 G4:0.5 Bb4:0.5 D5:0.5 Eb5:0.5 G5:1 R:1 G5:0.5 Eb5:0.5 C5:0.5 A4:0.5 Bb4:0.5 C5:0.5 Eb5:1 "
    "F#5:1 Eb5:0.5 C5:0.5 A4:1 F#4:1 G4:0.5 Bb4:0.5 D5:1 F5:1.5 D5:0.5 B4:1 Ab4:0.5 G4:0.5 F4:2",
)


def compose(rng: np.random.Generator, bars: int = 18) -> Samples:
    """Compose ``bars`` bars and a final chord; the tune enters in the third bar."""
    clock = Clock(bpm=138.0, swing=0.64)
    kit, low, keys, solo = (Stem(clock, 4.0 * bars, rng, looseness_s=0.006) for _ in range(4))
    for bar in range(bars):
        _beat(kit, 4.0 * bar)
        place = (bar - _INTRO_BARS) % len(_HARMONY)
        for number, name in enumerate(_WALK[place].split()):
            low.play(_upright(pitch_of(name), rng), 4.0 * bar + number)
        for beat, length in (((0.0, 0.9), (1.5, 0.4)), ((0.5, 0.4), (2.5, 1.2)))[bar % 2]:
            _chord(keys, place, 4.0 * bar + beat, length)
    for number, start in enumerate(range(_INTRO_BARS, bars, len(_HARMONY))):
        for beat, length, pitch in melody(_TUNES[number % 2]):
            if 4.0 * start + beat < 4.0 * bars:
                solo.play(piano(pitch, clock.lasting_s(length) + 0.1, 0.8), 4.0 * start + beat, 0.9, 0.1)
    _chord(keys, 0, 4.0 * bars, 2.0)
    low.play(_upright(pitch_of("C2"), rng, 1.5), 4.0 * bars)
    solo.play(piano(pitch_of("Eb5"), 2.0, 0.7), 4.0 * bars, 0.9, 0.1)
    return master(
        [
            (0.2, reverb(kit.samples, rng, wet=0.15)),
            (0.45, low.samples),
            (0.3, reverb(keys.samples, rng)),
            (1.0, reverb(solo.samples, rng, wet=0.2)),
        ],
        rng,
        Finish(low=0.6, high=-0.5, hiss=0.003, loudness=1.5),
    )


def _beat(kit: Stem, start: float) -> None:
    kit.pattern("x...x.-.x...x.-.", lambda: drums.ride(kit.rng), start, 1.1, 0.3)
    kit.pattern("....x.......x...", lambda: drums.hat(kit.rng), start, 0.5, -0.3)
    kit.pattern("....x.......x...", lambda: drums.brush(kit.rng), start, 0.7, -0.1)


def _chord(keys: Stem, place: int, beat: float, seconds: float) -> None:
    """Add third, fifth, seventh and a tension; the bass plays the root."""
    root, *upper = chord_of(_HARMONY[place], 3)
    for pitch in (*upper, root + 12 + _TENSIONS[place]):
        keys.play(piano(pitch + (12 if pitch < _LOWEST_VOICE else 0), seconds, 0.55), beat, 0.5, -0.35)


def _upright(pitch: float, rng: np.random.Generator, seconds: float = 0.5) -> Samples:
    return pluck(pitch, seconds, rng, _GUT)

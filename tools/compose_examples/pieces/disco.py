"""Disco: four on the floor, a bass in octaves, open hats off the beat, strings, a scratched guitar."""

from functools import partial

import numpy as np

from tools.compose_examples import drums
from tools.compose_examples.mixing import Finish, master, reverb
from tools.compose_examples.score import Clock, Stem, chord_of, melody, pitch_of
from tools.compose_examples.synthesis import PluckedString, Samples, bandpass, bass, electric_piano, ensemble, pluck

_GUITAR = PluckedString(ring_s=0.6, damping=0.1)
_INTRO_BARS = 2
_HARMONY = ("Am7", "Dm7", "G7", "Cmaj7", "Fmaj7", "Dm7", "E7", "Am7")
_ROOTS = ("A1", "D2", "G1", "C2", "F1", "D2", "E1", "A1")
_STRINGS = (
    "E5:2 D5:0.5 C5:1.5 D5:2 A4:2 B4:1.5 D5:0.5 G5:2 E5:3 R:1 "
    "A5:2 G5:0.5 F5:1.5 F5:1 E5:1 D5:2 E5:1.5 G#4:0.5 B4:2 C5:1 B4:1 A4:2"
)


def compose(rng: np.random.Generator, bars: int = 18) -> Samples:
    """Compose ``bars`` bars and a final chord; the strings enter in the third bar."""
    clock = Clock(bpm=118.0)
    kit, low, keys, guitar, strings = (Stem(clock, 4.0 * bars, rng, looseness_s=0.002) for _ in range(5))
    for bar in range(bars):
        _beat(kit, 4.0 * bar)
        place = (bar - _INTRO_BARS) % len(_HARMONY)
        for step, (octave, level) in enumerate(((0, 1.0), (1, 0.8), (0, 0.9), (1, 0.8)) * 2):
            pitch = pitch_of(_ROOTS[place]) + 12 * octave
            low.play(bass(pitch, 0.2, tone_hz=900.0), 4.0 * bar + step / 2.0, level)
        _chords(keys, guitar, chord_of(_HARMONY[place], 4), 4.0 * bar)
    for start in range(_INTRO_BARS, bars, len(_HARMONY)):
        _strings(strings, 4.0 * start)
    kit.play(drums.kick(0.28), 4.0 * bars)
    low.play(bass(pitch_of(_ROOTS[-1]), 1.2, tone_hz=900.0), 4.0 * bars)
    for pitch in chord_of(_HARMONY[-1], 4):
        keys.play(electric_piano(pitch, 1.5, 0.8), 4.0 * bars, 0.3, -0.35)
    return master(
        [
            (1.0, kit.samples),
            (0.4, low.samples),
            (0.14, reverb(keys.samples, rng)),
            (0.2, bandpass(guitar.samples, 700.0, 5000.0)),
            (0.4, reverb(strings.samples, rng, seconds=1.8, wet=0.35)),
        ],
        rng,
        Finish(low=-0.4, high=1.0, loudness=2.0),
    )


def _beat(kit: Stem, start: float) -> None:
    kit.pattern("X...X...X...X...", lambda: drums.kick(0.28), start)
    kit.pattern("....X.......X...", lambda: drums.snare(kit.rng), start, 0.6, 0.05)
    kit.pattern("....x.......x...", lambda: drums.clap(kit.rng), start, 0.45, -0.1)
    kit.pattern("x.-.x.-.x.-.x.-.", lambda: drums.hat(kit.rng), start, 0.22, 0.3)
    kit.pattern("..X...X...X...X.", lambda: drums.hat(kit.rng, 0.2), start, 0.42, 0.3)


def _chords(keys: Stem, guitar: Stem, chord: tuple[int, ...], start: float) -> None:
    for pitch in chord:
        for beat in (0.0, 1.5, 2.5):
            keys.play(electric_piano(pitch, 0.35, 0.8), start + beat, 0.3, -0.35)
    for pitch in chord[1:]:
        scratch = partial(pluck, pitch, 0.09, guitar.rng, _GUITAR)
        guitar.pattern("X.XX.XX.X.XX.XXX", scratch, start, 0.4, 0.5)


def _strings(strings: Stem, start: float) -> None:
    for beat, length, pitch in melody(_STRINGS):
        for voice in (pitch, pitch - 12):
            seconds = strings.clock.lasting_s(length)
            strings.play(ensemble(voice, seconds, strings.rng, attack_s=0.05, tone_hz=4000.0), start + beat, 0.6)

"""Reggae: one drop, guitar and organ off the beat, a sparse bass, and a distant voice."""

from functools import partial

import numpy as np

from tools.compose_examples import drums
from tools.compose_examples.mixing import Finish, echo, master, reverb
from tools.compose_examples.score import Clock, Stem, chord_of, melody
from tools.compose_examples.synthesis import PluckedString, Samples, bandpass, bass, organ, pluck, syllable

_GUITAR = PluckedString(ring_s=1.0, damping=0.15)
_INTRO_BARS = 2
_HARMONY = ("Am", "Dm", "Am", "G")
#: Off-beats, in sixteenths.
_SKANK = "..X...X...X...X."
_BASS = (
    "A1:0.75 A1:0.25 R:0.5 C2:0.5 E2:0.5 D2:0.5 C2:1",
    "D2:0.75 D2:0.25 R:0.5 F2:0.5 A2:0.5 G2:0.5 F2:1",
    "A1:0.75 A1:0.25 R:0.5 C2:0.5 E2:0.5 D2:0.5 C2:1",
    "G1:0.75 G1:0.25 R:0.5 B1:0.5 D2:0.5 B1:0.5 G1:1",
)
_TUNE = (
    "E5:1 D5:0.5 C5:0.5 A4:1.5 R:0.5 F5:0.5 E5:0.5 D5:1 A4:1.5 R:0.5 C5:0.5 D5:0.5 E5:1 A4:1 R:1 B4:1 D5:0.5 B4:0.5 "
    "G4:1.5 R:0.5"
)


def compose(rng: np.random.Generator, bars: int = 12) -> Samples:
    """Compose ``bars`` bars; the voice enters in the third."""
    clock = Clock(bpm=76.0, swing=0.56)
    beats = 4.0 * bars
    kit, low, guitar, keys, voice = (Stem(clock, beats, rng) for _ in range(5))
    for bar in range(bars):
        _beat(kit, 4.0 * bar)
        place = (bar - _INTRO_BARS) % len(_HARMONY)
        for beat, length, pitch in melody(_BASS[place]):
            low.play(bass(pitch, clock.lasting_s(length) * 1.1, tone_hz=250.0, ring_s=2.5), 4.0 * bar + beat)
        for pitch in chord_of(_HARMONY[place], 4):
            guitar.pattern(_SKANK, partial(pluck, pitch, 0.12, rng, _GUITAR), 4.0 * bar, 0.5, 0.4)
            keys.pattern(_SKANK, partial(organ, pitch, 0.13), 4.0 * bar, 0.3, -0.4)
    for start in range(_INTRO_BARS, bars, len(_HARMONY)):
        for beat, length, pitch in melody(_TUNE):
            if 4.0 * start + beat < beats:
                voice.play(syllable(pitch - 12, clock.lasting_s(length) * 0.9, rng, glide=-0.5), 4.0 * start + beat)
    return master(
        [
            (0.55, kit.samples),
            (0.3, low.samples),
            (1.0, reverb(bandpass(guitar.samples, 500.0, 5000.0), rng)),
            (0.45, reverb(keys.samples, rng)),
            (0.25, reverb(echo(voice.samples, clock.lasting_s(0.75)), rng)),
        ],
        rng,
        Finish(low=-0.4, high=1.2, loudness=4.0),
    )


def _beat(kit: Stem, start: float) -> None:
    kit.pattern("....X.......X...", lambda: drums.kick(0.35), start)
    kit.pattern("....X.......X...", lambda: drums.rim(kit.rng), start, 0.7, 0.1)
    kit.pattern("x.-.x.-.x.-.x.-x", lambda: drums.hat(kit.rng), start, 0.45, 0.3)

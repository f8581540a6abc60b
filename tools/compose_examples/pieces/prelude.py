"""A piano prelude in C minor in baroque style: broken chords under a slow upper voice."""

import numpy as np

from tools.compose_examples.mixing import Finish, master, reverb
from tools.compose_examples.score import Clock, Stem, chord_of, pitch_of
from tools.compose_examples.synthesis import Samples, piano

#: Bass note and broken chord of each bar.
_HARMONY = (
    *(("C2", "Cm"), ("C2", "Fm"), ("B1", "Bdim7"), ("C2", "Cm"), ("Ab1", "Ab"), ("F1", "Fm"), ("G1", "G7")),
    *(("C2", "Cm"), ("Bb1", "Eb"), ("Ab1", "Abmaj7"), ("F#1", "F#dim7"), ("G1", "G7"), ("C2", "Cm")),
)
_UPPER = ("G4", "Ab4", "Ab4", "G4", "C5", "C5", "B4", "C5", "Bb4", "C5", "C5", "B4", "C5")
_FIGURE = (0, 1, 2, 3, 2, 1, 2, 1)


def compose(rng: np.random.Generator, bars: int = len(_HARMONY), *, first_bar: int = 0) -> Samples:
    """Compose ``bars`` bars from ``first_bar`` on; the last one rings out."""
    clock = Clock(bpm=88.0)
    stem = Stem(clock, 4.0 * bars, rng, tail_s=3.0, looseness_s=0.008)
    for bar, ((low, chord), upper) in enumerate(list(zip(_HARMONY, _UPPER, strict=True))[first_bar : first_bar + bars]):
        start = 4.0 * bar
        is_last = bar == bars - 1
        swell = 0.5 + 0.3 * np.sin(np.pi * bar / bars)
        stem.play(piano(pitch_of(low), 4.5, 0.6), start, 0.8, -0.3)
        stem.play(piano(pitch_of(low) + 12, 4.0, 0.5), start + (0.0 if is_last else 2.0), 0.5, -0.25)
        voices = sorted(52 + (pitch - 52) % 12 for pitch in chord_of(chord))  # close to the previous chord
        voices.append(voices[0] + 12)
        for step in range(4 if is_last else 16):
            pitch = voices[_FIGURE[step % 8] % len(voices)]
            stem.play(piano(pitch, 1.2, swell), start + step / 4.0, 0.42, -0.1)
        stem.play(piano(pitch_of(upper), 3.2, swell + 0.15), start, 0.7, 0.25)
        if not is_last:
            stem.play(piano(pitch_of(upper) + 12, 1.5, swell), start + 3.0, 0.35, 0.3)
    return master([(1.0, reverb(stem.samples, rng, seconds=2.2, wet=0.3))], rng, Finish(loudness=0.6, fade_out_s=2.0))

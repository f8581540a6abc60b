"""Hip-hop: a boom-bap beat, a deep bass, chopped keys, and nonsense rap."""

import numpy as np

from tools.compose_examples import drums
from tools.compose_examples.mixing import Finish, master, reverb
from tools.compose_examples.score import Clock, Stem, chord_of, pitch_of
from tools.compose_examples.synthesis import Samples, bass, electric_piano, lowpass, syllable

_INTRO_BARS = 2
_HARMONY = ("Fm9", "Dbmaj7", "Bbm7", "C7")
_FLOW = ("x.xxX.x.xxx.X...", "xxx.X.xxx.x.X.x.", "x.xxXxx.x.xxX...", "..xxX.xxxxx.X...")
_ROOTS = ("F1", "Db2", "Bb1", "C2")


def compose(rng: np.random.Generator, bars: int = 14) -> Samples:
    """Compose ``bars`` bars; the rap enters in the third."""
    clock = Clock(bpm=92.0, swing=0.54)
    kit, low, keys, voice = (Stem(clock, 4.0 * bars, rng, looseness_s=0.006) for _ in range(4))
    for bar in range(bars):
        start = 4.0 * bar
        _beat(kit, bar)
        for beat, length in ((0.0, 0.9), (1.5, 0.4), (2.5, 0.9), (3.75, 0.2)):
            note = bass(pitch_of(_ROOTS[bar % 4]), clock.lasting_s(length), tone_hz=160.0, ring_s=3.0)
            low.play(note, start + beat)
        for pitch in chord_of(_HARMONY[bar % 4], 4):
            for beat, length in ((0.0, 1.4), (1.75, 0.5), (2.5, 1.2)):
                keys.play(electric_piano(pitch, clock.lasting_s(length), 0.9), start + beat, 0.5, -0.2)
        if bar >= _INTRO_BARS:
            voice.pattern(_FLOW[bar % 4], lambda: syllable(rng.normal(49.0, 2.0), clock.lasting_s(0.3), rng), start)
    return master(
        [
            (1.0, kit.samples),
            (0.2, low.samples),
            (0.14, lowpass(reverb(keys.samples, rng), 4000.0)),
            (0.75, reverb(voice.samples, rng, seconds=0.4, wet=0.2)),
        ],
        rng,
        Finish(low=0.6, high=1.0, hiss=0.003, loudness=1.5),
    )


def _beat(kit: Stem, bar: int) -> None:
    kicks = "X.x....x..X....." if bar % 2 else "X.....x...X....."
    kit.pattern(kicks, lambda: drums.kick(0.4, click=0.5), 4.0 * bar)
    kit.pattern("....X.......X...", lambda: drums.snare(kit.rng, 0.22, wires=0.9), 4.0 * bar, 0.9)
    kit.pattern("x.x.x.x.x.x.x.xx", lambda: drums.hat(kit.rng, 0.05), 4.0 * bar, 0.4, 0.2)

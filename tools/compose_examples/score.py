"""Notes in time: beats to seconds, and stems to place sounds on."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np

from tools.compose_examples.synthesis import RATE_HZ, Samples

#: Semitones above the root.
CHORDS: Final[dict[str, tuple[int, ...]]] = {
    "": (0, 4, 7),
    "m": (0, 3, 7),
    "7": (0, 4, 7, 10),
    "m7": (0, 3, 7, 10),
    "maj7": (0, 4, 7, 11),
    "m7b5": (0, 3, 6, 10),
    "m9": (0, 3, 10, 14),
    "dim7": (0, 3, 6, 9),
}
_NAMES = {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}


@dataclass(frozen=True, slots=True)
class Clock:
    """The tempo.

    Attributes
    ----------
    bpm
        Beats per minute.
    swing
        Start of the second half of a beat: 0.5 is straight, 0.66 a triplet.
    """

    bpm: float
    swing: float = 0.5

    def at_s(self, beat: float) -> float:
        """Return the time of a beat in seconds."""
        whole, part = divmod(beat, 1.0)
        bent = part * 2.0 * self.swing if part < 0.5 else 1.0 - (1.0 - part) * 2.0 * (1.0 - self.swing)
        return (whole + bent) * 60.0 / self.bpm

    def lasting_s(self, beats: float) -> float:
        """Return the duration of straight beats in seconds."""
        return beats * 60.0 / self.bpm


class Stem:
    """The part of one instrument: a stereo recording to which sounds are added.

    Parameters
    ----------
    clock
        The tempo.
    beats
        Length in beats.
    rng
        Varies the time and strength of every sound, as a player does.
    tail_s
        Time after the last beat, for decaying sounds.
    looseness_s
        Standard deviation of the times.
    """

    def __init__(
        self, clock: Clock, beats: float, rng: np.random.Generator, *, tail_s: float = 2.0, looseness_s: float = 0.004
    ) -> None:
        self.clock = clock
        self.rng = rng
        self._looseness_s = looseness_s
        self.samples: Samples = np.zeros((2, round((clock.lasting_s(beats) + tail_s) * RATE_HZ)))

    def play(self, sound: Samples, beat: float, gain: float = 1.0, pan: float = 0.0) -> None:
        """Add a mono sound at a beat; ``pan`` is -1 (left) to 1 (right), at constant power."""
        start = max(0, round((self.clock.at_s(beat) + self.rng.normal(0.0, self._looseness_s)) * RATE_HZ))
        room = self.samples.shape[1] - start
        if room <= 0:
            return
        strength = gain * self.rng.uniform(0.88, 1.0)
        angle = (pan + 1.0) * np.pi / 4.0
        for side, share in zip(self.samples, (np.cos(angle), np.sin(angle)), strict=True):
            side[start : start + sound.size] += strength * share * sound[:room]

    def pattern(
        self, steps: str, stroke: Callable[[], Samples], start: float, gain: float = 1.0, pan: float = 0.0
    ) -> None:
        """Add a bar written in sixteenths: ``X`` strong, ``x`` normal, ``-`` soft, anything else a rest."""
        for number, step in enumerate(steps):
            level = {"X": 1.0, "x": 0.7, "-": 0.4}.get(step)
            if level:
                self.play(stroke(), start + number / 4.0, gain * level, pan)


def pitch_of(name: str) -> int:
    """Return the MIDI pitch of a note such as ``"F#3"`` or ``"Bb1"``; ``"C4"`` is 60."""
    letter, rest = name[0], name[1:]
    shift = {"#": 1, "b": -1}.get(rest[0], 0)
    return _NAMES[letter] + shift + 12 * (int(rest[1:] if shift else rest) + 1)


def chord_of(name: str, octave: int = 3) -> tuple[int, ...]:
    """Return the MIDI pitches of a chord such as ``"Am7"`` or ``"Bb"``, with its root in ``octave``."""
    n_root = 2 if len(name) > 1 and name[1] in "#b" else 1
    root = pitch_of(f"{name[:n_root]}{octave}")
    return tuple(root + step for step in CHORDS[name[n_root:]])


def melody(line: str) -> Iterator[tuple[float, float, int]]:
    """Parse a tune such as ``"A4:1 R:0.5 C5:1.5"`` into (start beat, beats, pitch); ``R`` is a rest."""
    beat = 0.0
    for word in line.split():
        name, length = word.split(":")
        if name != "R":
            yield beat, float(length), pitch_of(name)
        beat += float(length)

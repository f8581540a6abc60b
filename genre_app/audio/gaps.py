"""Gaps in the time stamps of a recording, as a pause or a lost piece leaves them."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from av.audio.frame import AudioFrame

from genre_app.formatting import clock

#: Time stamps are rounded, and clocks drift: less than this is none.
_SHORTEST_GAP_S: Final = 0.2
#: A longer one is no pause, but a time stamp that is wrong.
LONGEST_GAP_S: Final = 600.0


def with_gaps(frames: Iterable[AudioFrame], time_base_s: float) -> Iterator[tuple[float, AudioFrame]]:
    """Find out how long nothing was recorded before each frame, by the time stamps.

    A single frame whose time stamp differs from those around it has a wrong one. So a gap counts once the frame behind
    it is followed by the next one.

    Parameters
    ----------
    frames : iterable of AudioFrame
        Consecutive frames of one recording.
    time_base_s : float
        The unit of their time stamps.

    Yields
    ------
    tuple of float and AudioFrame
        Seconds of the gap before the frame, mostly 0; and the frame.
    """
    expected_s: float | None = None
    doubtful: tuple[AudioFrame, float, float] | None = None  # a frame after a jump, the jump, and the frame's end
    for frame in frames:
        length_s = frame.samples / frame.sample_rate
        start_s = None if frame.pts is None else frame.pts * time_base_s
        if doubtful:
            before, jump_s, end_s = doubtful
            is_confirmed = start_s is not None and abs(start_s - end_s) < _SHORTEST_GAP_S
            yield (max(0.0, jump_s) if is_confirmed else 0.0), before
            expected_s = end_s if is_confirmed else end_s - jump_s
            doubtful = None
        if start_s is None:
            yield 0.0, frame
            expected_s = None if expected_s is None else expected_s + length_s
        elif expected_s is None or abs(start_s - expected_s) < _SHORTEST_GAP_S:
            yield 0.0, frame
            expected_s = start_s + length_s
        else:
            doubtful = frame, start_s - expected_s, start_s + length_s
    if doubtful:
        yield 0.0, doubtful[0]


@dataclass(slots=True)
class GapCount:
    """The gaps of a file.

    Attributes
    ----------
    n_filled, filled_s
        Gaps that silence stands in for, and its length.
    first_start_s
        Where the first of them is.
    n_jumps, jumped_s
        Gaps too long to be one, and their length.
    first_jump_s
        Where the first of those is.
    """

    n_filled: int = 0
    filled_s: float = 0.0
    first_start_s: float = 0.0
    n_jumps: int = 0
    jumped_s: float = 0.0
    first_jump_s: float = 0.0

    def count(self, gap_s: float, start_s: float) -> float:
        """Count a gap; return how many seconds of silence shall fill it."""
        if gap_s > LONGEST_GAP_S:
            self.first_jump_s = self.first_jump_s if self.n_jumps else start_s
            self.n_jumps += 1
            self.jumped_s += gap_s
            return 0.0
        self.first_start_s = self.first_start_s if self.n_filled else start_s
        self.n_filled += 1
        self.filled_s += gap_s
        return gap_s

    @property
    def notes(self) -> Iterator[str]:
        """Sentences for the user."""
        if self.n_filled == 1:
            yield f"There is a gap of {self.filled_s:.1f} s at {clock(self.first_start_s)}; silence stands in for it."
        elif self.n_filled:
            yield f"There are {self.n_filled} gaps, {self.filled_s:.1f} s in all; silence stands in for them."
        if self.n_jumps:
            yield (
                f"The file's clock jumps by {clock(self.jumped_s)} at {clock(self.first_jump_s)}; "
                "what follows was moved up to there."
            )

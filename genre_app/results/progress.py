"""What a track's caller is told while it waits."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Progress:
    """How far the work on one track is.

    Attributes
    ----------
    stage : {"reading", "listening", "done"}
        Opening the file; decoding and scoring, which overlap; finished.
    fraction : float or None
        Share of the track that is scored, 0 to 1; None where the file does not say how long it is.
    listened_s : float
        Seconds of the track that are scored.
    """

    stage: Literal["reading", "listening", "done"]
    fraction: float | None
    listened_s: float = 0.0


ProgressListener = Callable[[Progress], None]

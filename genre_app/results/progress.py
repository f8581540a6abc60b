"""How far the work on one track is."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Progress:
    """How far the work on one track is.

    Attributes
    ----------
    stage : {"reading", "scoring", "done"}
        Opening the file; decoding and scoring, which overlap; finished.
    fraction : float or None
        Share of the track that is scored, 0 to 1; None where the file does not state its length.
    scored_s : float
        Seconds of the track that are scored.
    """

    stage: Literal["reading", "scoring", "done"]
    fraction: float | None
    scored_s: float = 0.0


ProgressCallback = Callable[[Progress], None]


def no_progress(progress: Progress) -> None:
    """Ignore progress updates."""

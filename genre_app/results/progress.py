"""How far the work on one track is."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

from genre_app.results.build import TrackAnalysis


@dataclass(frozen=True, slots=True)
class Progress:
    """How far the work on one track is.

    Attributes
    ----------
    stage : {"reading", "waiting", "scoring", "done"}
        Opening the file; waiting for other tracks; decoding and scoring, which overlap; finished.
    fraction : float or None
        Share of the track that is scored, 0 to 1; None where the file does not state its length.
    scored_s : float
        Seconds of the track that are scored.
    n_ahead : int
        While it waits: tracks that come before it, those under way not counted.
    wait_s : float or None
        While it waits: about how long; None where nobody knows.
    so_far : TrackAnalysis or None
        The part that is scored, from the start of the track; None where there is none yet.
    """

    stage: Literal["reading", "waiting", "scoring", "done"]
    fraction: float | None
    scored_s: float = 0.0
    n_ahead: int = 0
    wait_s: float | None = None
    so_far: TrackAnalysis | None = field(default=None, repr=False, compare=False)


ProgressCallback = Callable[[Progress], None]


def no_progress(progress: Progress) -> None:
    """Ignore progress updates."""

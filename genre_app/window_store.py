"""Scored windows on disk, each by its place in its track."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel

from genre_app.inference.cache import ScoreCache
from genre_app.results.schema import SliceOptions
from genre_app.results.windows import plan_windows


@dataclass(frozen=True, slots=True)
class Span:
    """Where a window lies on a track, in samples."""

    start: int
    n_samples: int


class Recording(BaseModel):
    """What must be known of a file to look its windows up without decoding it."""

    n_samples: int
    source_rate_hz: int
    warnings: tuple[str, ...] = ()


def spans_of(n_samples: int, rate_hz: int, options: SliceOptions) -> list[Span]:
    """Lay windows over a track of so many samples, as `genre_app.results.windows.plan_windows` does over seconds."""
    plan = plan_windows(n_samples / rate_hz, options.window_seconds, options.overlap, options.max_chunks)
    length = round(options.window_seconds * rate_hz)
    starts = [round(start_s * rate_hz) for start_s in plan.starts_s.tolist()]
    return [Span(start, min(length, n_samples - start)) for start in starts]


class WindowStore:
    """The cache's windows of one file under one model.

    Parameters
    ----------
    cache : ScoreCache or None
        Where they are kept; None keeps nothing.
    prefix : str
        Names file, model and rate.
    """

    def __init__(self, cache: ScoreCache | None, prefix: str) -> None:
        self._cache = cache
        self._prefix = prefix

    def recording(self) -> Recording | None:
        """Return what is known of the file, if it was decoded before."""
        text = self._cache.get_text(f"{self._prefix}:recording") if self._cache else None
        return Recording.model_validate_json(text) if text else None

    def remember(self, recording: Recording) -> None:
        """Keep what is known of the file."""
        if self._cache:
            self._cache.put_text(f"{self._prefix}:recording", recording.model_dump_json())

    def find(self, spans: list[Span]) -> dict[Span, NDArray[np.float32]]:
        """Return the logits, shape (n_columns,), of the windows that are there."""
        if self._cache is None:
            return {}
        found = ((span, self._cache.get_logits(self._key(span))) for span in spans)
        return {span: logits for span, logits in found if logits is not None}

    def keep(self, span: Span, logits: NDArray[np.float32]) -> None:
        """Keep a window's logits."""
        if self._cache:
            self._cache.put_logits(self._key(span), logits)

    def _key(self, span: Span) -> str:
        return f"{self._prefix}:{span.start}+{span.n_samples}"

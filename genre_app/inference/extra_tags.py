"""Moods, instruments and styles beside the genre, from the tagging model."""

import os
import threading
from dataclasses import dataclass, replace
from typing import Final

from genre_app.inference.classifier import GenreClassifier
from genre_app.results.build import TrackAnalysis, leading_tags
from genre_app.results.window_plan import options_scored
from genre_app.results.windows import slice_track

#: The model that names them.
TAGGER: Final = "tags"


@dataclass(frozen=True, slots=True)
class Models:
    """The models that analyse a track.

    Attributes
    ----------
    classifier : GenreClassifier
        Names its genre.
    tagger : GenreClassifier or None
        Adds tags beside the genre, if wanted.
    """

    classifier: GenreClassifier
    tagger: GenreClassifier | None = None


def wants_tags(scored: TrackAnalysis) -> bool:
    """Return whether the track's own model gives no tags."""
    return not scored.track.tags and scored.model.name != TAGGER


def with_moods(
    scored: TrackAnalysis,
    path: str | os.PathLike[str] | None,
    tagger: GenreClassifier,
    *,
    cancel: threading.Event | None = None,
) -> TrackAnalysis:
    """Add the tags of another model to a track that has none.

    Parameters
    ----------
    scored : TrackAnalysis
        The track.
    path : path-like or None
        Its file; None only looks into the cache.
    tagger : GenreClassifier
        Answers with the model `TAGGER`.
    cancel : threading.Event, optional
        Once set, the work stops soon.

    Raises
    ------
    AudioError, ScoringError, EngineClosedError, CancelledError
        As `GenreClassifier.score_file`.
    """
    if not wants_tags(scored):
        return scored
    tagged = tagger.score_file(path, cancel=cancel) if path else tagger.recall(scored.audio_sha256, name=scored.name)
    if tagged is None:
        return scored
    windows = slice_track(tagged.track, options_scored(tagged.track))
    return replace(scored, tags=tuple(leading_tags(windows.labels, windows.track_scores)))

"""What else is heard: moods, instruments and styles, by the model that names tags."""

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
    """The models that hear a track.

    Attributes
    ----------
    classifier : GenreClassifier
        Names its genre.
    tagger : GenreClassifier or None
        Says what else is heard, where that is wanted.
    """

    classifier: GenreClassifier
    tagger: GenreClassifier | None = None


def wants_tags(scored: TrackAnalysis) -> bool:
    """Tell whether a track's own model says nothing beside the genre."""
    return not scored.track.tags and scored.model.name != TAGGER


def with_moods(
    scored: TrackAnalysis,
    path: str | os.PathLike[str] | None,
    tagger: GenreClassifier,
    *,
    cancel: threading.Event | None = None,
) -> TrackAnalysis:
    """Return a scored track with the tags of another model; its own, where it has any, are left alone.

    Parameters
    ----------
    scored : TrackAnalysis
        The track.
    path : path-like or None
        Its file; None looks only for what was heard before.
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
    heard = tagger.score_file(path, cancel=cancel) if path else tagger.recall(scored.audio_sha256, name=scored.name)
    if heard is None:
        return scored
    windows = slice_track(heard.track, options_scored(heard.track))
    return replace(scored, tags=tuple(leading_tags(windows.labels, windows.track_scores)))

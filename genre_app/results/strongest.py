"""Where each genre that the answer names is strongest, and what is heard there."""

from collections.abc import Sequence
from typing import Final

import numpy as np

from genre_app.results.moments import sigmoid
from genre_app.results.schema import Strongest, TrackFacts
from genre_app.results.stretches import clearest_part
from genre_app.results.track_logits import TrackLogits

#: More words are no help.
_MOST_WORDS: Final = 3
#: From these tempi on, in beats a minute, a listener would say so.
_FAST_FROM_BPM: Final = 132.0
_SLOW_TO_BPM: Final = 78.0


def strongest_of(
    track: TrackLogits, genres: Sequence[str], *, named_from: float, facts: TrackFacts | None
) -> list[Strongest]:
    """Find the ten seconds in which each genre is strongest, with the moods and instruments of these seconds.

    Parameters
    ----------
    track : TrackLogits
        The track.
    genres : sequence of str
        Labels of the track.
    named_from : float
        Least score of a tag that is named.
    facts : TrackFacts or None
        Adds whether the music is fast or slow.

    Returns
    -------
    list of Strongest
        In the order of the genres; empty where nothing sounds.
    """
    found = []
    for genre in genres:
        span = clearest_part(track, track.labels.index(genre))
        if span is not None:
            heard = _tags_between(track, span.start, span.end, named_from)
            found.append(Strongest(genre=genre, start=span.start, end=span.end, heard=[*heard, *_pace(facts)]))
    return found


def _tags_between(track: TrackLogits, start_s: float, end_s: float, named_from: float) -> list[str]:
    """Name the tags of a stretch, the likeliest first."""
    if track.tag_logits is None:
        return []
    overlap_s = np.minimum(track.starts_s + track.patch_seconds, end_s) - np.maximum(track.starts_s, start_s)
    weights = np.maximum(overlap_s, 0.0) * track.has_sound
    if not weights.any():
        return []
    scores = sigmoid(np.average(track.tag_logits.astype(np.float64), axis=0, weights=weights))
    order = np.argsort(-scores, kind="stable")[:_MOST_WORDS]
    return [track.tags[i] for i in order if scores[i] >= max(named_from, 0.5)]


def _pace(facts: TrackFacts | None) -> list[str]:
    if facts is None or facts.tempo_bpm is None:
        return []
    if facts.tempo_bpm >= _FAST_FROM_BPM:
        return ["fast"]
    return ["slow"] if facts.tempo_bpm <= _SLOW_TO_BPM else []

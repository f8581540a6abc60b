"""The same recording in several files, such as an MP3 and the FLAC that it was made from.

Two tracks are taken for one recording if they are of the same length, get louder and quieter at the same moments, and
sound alike. `docs/similar.md` says how the thresholds were chosen and how often the rule is right.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from genre_app.collection.embedding_table import EmbeddingTable
from genre_app.results.embedding import TrackEmbedding

#: Encoders add silence at the ends, and players cut it off.
_LENGTHS_DIFFER_S: Final = 2.0
#: At 64 kbit/s the highs are gone, which moves an embedding further than many another track is away.
_LEAST_COSINE: Final = 0.6
#: Root mean square of the differences between two courses, each divided by its mean: a gain changes nothing.
_COURSES_DIFFER: Final = 0.04
#: The embeddings of one sound, rounded to half precision, or scored on another machine.
_ONE_SOUND_COSINE: Final = 0.9999
_ONE_SOUND_S: Final = 0.001
#: A course that hardly moves is that of a thousand other tracks.
_LEAST_CORRELATION: Final = 0.9


def same_recordings(table: EmbeddingTable) -> list[tuple[str, ...]]:
    """Find the recordings that a collection holds more than once.

    Returns
    -------
    list of tuple of str
        For each the paths of its tracks, in the table's order; recordings in the order of their first track.
    """
    order = np.argsort(table.durations_s, kind="stable")
    by_length = table.sorted(order)
    ends = np.searchsorted(by_length.durations_s, by_length.durations_s + _LENGTHS_DIFFER_S, side="right")
    group = np.arange(len(table))
    for place, end in enumerate(ends.tolist()):
        others = slice(place + 1, end)
        for other in order[others][is_same(by_length, by_length.row(place), others)]:
            group[group == group[other]] = group[order[place]]
    return _groups(table, group)


def is_same(table: EmbeddingTable, track: TrackEmbedding, rows: NDArray[np.int64] | slice) -> NDArray[np.bool_]:
    """Return which of some rows of the table are the recording that another track is, shape (number of rows,)."""
    is_alike: NDArray[np.bool_] = np.abs(table.durations_s[rows] - track.duration_s) <= _LENGTHS_DIFFER_S
    is_alike &= table.vectors[rows] @ track.vector >= _LEAST_COSINE
    if is_alike.any():
        is_alike[is_alike] = _have_same_course(table.courses[rows][is_alike], track.course)
    return is_alike


def has_same_sound(table: EmbeddingTable, track: TrackEmbedding) -> NDArray[np.bool_]:
    """Return which rows of the table are the very sound of another track, whatever their files' tags, shape (n,)."""
    same: NDArray[np.bool_] = np.abs(table.durations_s - np.float32(track.duration_s)) <= _ONE_SOUND_S
    same &= table.vectors @ track.vector >= _ONE_SOUND_COSINE
    same &= (table.courses == track.course).all(axis=1) & bool(track.course.any())  # without a course nobody knows
    return same


def _have_same_course(courses: NDArray[np.uint8], course: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """Compare the courses of n tracks with that of another one; shape (n,)."""
    theirs, ours = _relative(courses), _relative(course[None])
    differ = np.sqrt(((theirs - ours) ** 2).mean(axis=1))
    moving, our_moving = theirs - theirs.mean(axis=1, keepdims=True), ours - ours.mean()
    length = np.linalg.norm(moving, axis=1) * np.linalg.norm(our_moving)
    correlation = np.divide((moving * our_moving).sum(axis=1), length, out=np.zeros(len(length)), where=length > 0)
    is_same: NDArray[np.bool_] = (differ <= _COURSES_DIFFER) & (correlation >= _LEAST_CORRELATION)
    return is_same


def _relative(courses: NDArray[np.uint8]) -> NDArray[np.float64]:
    means = courses.mean(axis=1, keepdims=True)
    relative: NDArray[np.float64] = np.divide(courses, means, out=np.zeros(courses.shape), where=means > 0)
    return relative


def _groups(table: EmbeddingTable, group: NDArray[np.int64]) -> list[tuple[str, ...]]:
    members: dict[int, list[str]] = {}
    for track, number in zip(table.tracks, group.tolist(), strict=True):
        members.setdefault(number, []).append(track)
    return [tuple(tracks) for tracks in members.values() if len(tracks) > 1]

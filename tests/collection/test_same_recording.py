"""Which files are the same recording, and which are only alike."""

import numpy as np
import pytest

from genre_app.collection.embedding_table import NO_EMBEDDINGS, EmbeddingTable
from genre_app.collection.same_recording import same_recordings
from genre_app.results.embedding import COURSE_POINTS, TrackEmbedding
from tests.collection.embeddings import song, table_of

VECTOR = (1.0, 0.2, 0.0)
WAVY = 120 + 40 * np.sin(np.linspace(0, 9, COURSE_POINTS))
ORIGINAL = song(VECTOR, course=WAVY)

SAME = {
    "itself": ORIGINAL,
    "encoded anew": song((1.0, 0.5, 0.1), course=WAVY + np.resize((1.5, -1.5), COURSE_POINTS)),
    "with an encoder's padding": song(VECTOR, duration_s=201.5, course=WAVY),
    "at a quarter of the level": song(VECTOR, course=WAVY / 2),
}
OTHERS = {
    "longer": song(VECTOR, duration_s=202.5, course=WAVY),
    "another sound": song((0.0, 0.2, 1.0), course=WAVY),
    "another course": song(VECTOR, course=np.roll(WAVY, 12)),
    "no course measured": song(VECTOR, course=np.zeros(COURSE_POINTS)),
}


@pytest.mark.parametrize("copy", SAME.values(), ids=SAME)
def test_the_same_recording_is_found(copy: TrackEmbedding) -> None:
    assert same_recordings(table_of(a=ORIGINAL, b=copy)) == [("a.mp3", "b.mp3")]


@pytest.mark.parametrize("other", OTHERS.values(), ids=OTHERS)
def test_other_tracks_are_not_taken_for_it(other: TrackEmbedding) -> None:
    assert same_recordings(table_of(a=ORIGINAL, b=other)) == []


def test_a_steady_tone_is_like_every_other_and_the_same_as_none() -> None:
    steady = song(VECTOR, course=np.full(COURSE_POINTS, 120))
    assert same_recordings(table_of(a=steady, b=steady)) == []


def test_copies_stand_together_in_the_order_of_the_collection() -> None:
    other = song((0.0, 1.0, 0.0), duration_s=90, course=WAVY[::-1])
    table = table_of(z=other, a=ORIGINAL, m=song((0, 0, 1.0)), b=SAME["encoded anew"], y=other, c=ORIGINAL)
    assert same_recordings(table) == [("z.mp3", "y.mp3"), ("a.mp3", "b.mp3", "c.mp3")]


def test_an_empty_collection_has_no_copies() -> None:
    assert same_recordings(NO_EMBEDDINGS) == []
    assert same_recordings(EmbeddingTable.of([])) == []

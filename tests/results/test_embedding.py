"""What a track sounds like: the mean over its music, and the course of its loudness."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from genre_app.results.embedding import COURSE_POINTS, embedding_of, mean_embedding
from tests.results.answers import MODEL, NO_SOUND, Section, analysis_of

MUSIC, SPEECH, SILENCE = (3.0, 4.0), (0.0, 9.0), (7.0, 0.0)


def patches(*rows: tuple[int, tuple[float, float]]) -> NDArray[np.float32]:
    return np.concatenate([np.tile(np.array(row, np.float32), (n, 1)) for n, row in rows])


def test_only_music_counts_and_the_length_is_one() -> None:
    track = analysis_of(Section(40), Section(40, sound="speech"), Section(10, is_silent=True)).track
    # A moment takes in its surroundings: what is next to the music may count as music too.
    found = mean_embedding(track, patches((50, MUSIC), (30, SPEECH), (10, SILENCE)), MODEL.rule)
    assert found is not None
    np.testing.assert_allclose(found, (0.6, 0.8), atol=1e-6)


def test_what_is_all_speech_has_the_embedding_of_speech() -> None:
    track = analysis_of(Section(20, sound="speech")).track
    found = mean_embedding(track, patches((20, SPEECH)), MODEL.rule)
    assert found is not None
    assert found.tolist() == [0.0, 1.0]


def test_silence_sounds_like_nothing() -> None:
    track = analysis_of(*NO_SOUND).track
    assert mean_embedding(track, patches((20, MUSIC)), MODEL.rule) is None
    assert embedding_of(track) is None


def test_the_course_has_as_many_points_whatever_the_length() -> None:
    track = replace(analysis_of(Section(20)).track, embedding=np.array([1.0, 0.0], np.float32))
    for n_bins in (1, 63, 64, 1999):
        rising = np.linspace(0, 255, n_bins).round().astype(np.uint8)
        found = embedding_of(replace(track, peaks=np.column_stack([rising, rising])))
        assert found is not None
        assert found.course.shape == (COURSE_POINTS,)
        assert (np.diff(found.course.astype(int)) >= 0).all()
        np.testing.assert_allclose(found.course.mean(), rising.mean(), atol=0.6)
    unmeasured = embedding_of(track)
    assert unmeasured is not None
    assert not unmeasured.course.any()

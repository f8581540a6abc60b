"""What else is heard, by a second model."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from genre_app import GenreClassifier, Settings
from genre_app.inference.extra_tags import with_moods
from genre_app.results.build import build_result
from genre_app.results.schema import SliceOptions
from tests.fakes import LABELS, RATE_HZ, Array, FakeBackend, loudness_logits
from tests.sounds import tone, write_wav


def _with_first_column_again(patches: Array) -> Array:
    logits = loudness_logits(patches)
    return np.column_stack([logits, logits[:, 0]])


class Tagger(FakeBackend):
    """Stands for the model that names tags."""

    def __init__(self) -> None:
        super().__init__(revision="tagger")
        self.info = replace(self.info, name="tags", activation="sigmoid")


class Styled(FakeBackend):
    """A model with a tag of its own, which is a copy of its first column."""

    def __init__(self) -> None:
        super().__init__(answer=_with_first_column_again)
        self.info = replace(self.info, tags=("Rock: Punk",))


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(cache_dir=tmp_path / "cache")


@pytest.fixture
def tagger(settings: Settings) -> Iterator[GenreClassifier]:
    with GenreClassifier(settings, backend=Tagger()) as tagger:
        yield tagger


@pytest.fixture
def track(tmp_path: Path) -> Path:
    return write_wav(tmp_path / "loud.wav", tone(3, RATE_HZ, amplitude=0.9), RATE_HZ)


def test_another_model_s_labels_become_tags_in_falling_order(
    settings: Settings, tagger: GenreClassifier, track: Path
) -> None:
    with GenreClassifier(settings, backend=FakeBackend()) as classifier:
        scored = with_moods(classifier.score_file(track), track, tagger)
    tags = build_result(scored, SliceOptions()).tags
    assert {tag.tag for tag in tags} == set(LABELS)
    assert [tag.score for tag in tags] == sorted((tag.score for tag in tags), reverse=True)
    assert sum(tag.score for tag in tags) != pytest.approx(1.0, abs=0.01)


def test_a_model_s_own_tags_are_left_alone(settings: Settings, tagger: GenreClassifier, track: Path) -> None:
    with GenreClassifier(settings, backend=Styled()) as classifier:
        scored = with_moods(classifier.score_file(track), track, tagger)
        again = classifier.score_file(track)
    assert [tag.tag for tag in build_result(scored, SliceOptions()).tags] == ["Rock: Punk"]
    assert again.cache_hit
    assert build_result(again, SliceOptions()).tags == build_result(scored, SliceOptions()).tags


def test_the_tagger_is_not_asked_about_itself(tagger: GenreClassifier, track: Path) -> None:
    scored = tagger.score_file(track)
    assert with_moods(scored, track, tagger) is scored


def test_without_the_file_only_what_was_heard_before_is_known(
    settings: Settings, tagger: GenreClassifier, track: Path
) -> None:
    with GenreClassifier(settings, backend=FakeBackend()) as classifier:
        scored = classifier.score_file(track)
    assert with_moods(scored, None, tagger).tags == ()
    heard = with_moods(scored, track, tagger)
    assert with_moods(scored, None, tagger).tags == heard.tags != ()

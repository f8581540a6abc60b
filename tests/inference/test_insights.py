"""Facts and reasons on demand: found once, kept on disk, and given up when nobody waits."""

import threading
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from genre_app import GenreClassifier, Settings
from genre_app.errors import CancelledError, EmptyFileError, InvalidOptionError
from genre_app.inference import insights
from genre_app.inference.cache import ScoreCache
from genre_app.results.model_info import ModelInfo
from genre_app.results.schema import TrackFacts
from tests.fakes import RATE_HZ, FakeBackend
from tests.music.tunes import MAJOR_PROGRESSIONS, progression
from tests.music.tunes import RATE_HZ as TUNE_RATE_HZ
from tests.sounds import tone, write_wav

Open = Callable[[FakeBackend], GenreClassifier]


class ExplainingBackend(FakeBackend):
    """Counts the patches that it is shown."""

    def explain(self, patches: Iterable[NDArray[np.float32]], label: str) -> list[str]:
        return [f"{label}: {sum(1 for _ in patches)} patches"]


@pytest.fixture
def open_classifier(tmp_path: Path) -> Iterator[Open]:
    opened: list[GenreClassifier] = []

    def open_one(backend: FakeBackend) -> GenreClassifier:
        opened.append(GenreClassifier(Settings(cache_dir=tmp_path / "cache"), backend=backend))
        return opened[-1]

    yield open_one
    for classifier in opened:
        classifier.close()


@pytest.fixture
def tune(tmp_path: Path) -> Path:
    return write_wav(tmp_path / "tune.wav", progression(9, MAJOR_PROGRESSIONS[0]), TUNE_RATE_HZ)


def test_facts_are_found_once_and_kept(
    open_classifier: Open, backend: FakeBackend, tune: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    facts = open_classifier(backend).facts_file(tune)
    assert facts.key == "A major"
    monkeypatch.setattr(insights, "compute_facts", lambda audio: pytest.fail("computed again"))
    assert open_classifier(backend).facts_file(tune.rename(tune.with_name("other.wav"))) == facts
    assert backend.n_patches == 0


def test_naming_the_genre_does_not_wait_for_facts(
    open_classifier: Open, backend: FakeBackend, tune: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(insights, "compute_facts", lambda audio: pytest.fail("nobody asked"))
    result = open_classifier(backend).classify_file(tune)
    assert (result.facts, result.explanation) == (None, [])


def test_facts_come_without_a_cache(backend: FakeBackend, tune: Path) -> None:
    with GenreClassifier(Settings(cache_mb=0), backend=backend) as classifier:
        assert classifier.facts_file(tune).key == "A major"


def test_a_damaged_entry_is_computed_again(tmp_path: Path) -> None:
    cache = ScoreCache(tmp_path / "cache", 1)
    cache.put_text("key", "é")
    assert (cache.get_text("key"), cache.get_text("other")) == ("é", None)
    assert cache._store is not None
    cache._store.set("key", cache._store.get("key")[:-1] + b"!")
    assert cache.get_text("key") is None
    cache.close()


def test_whoever_cancels_gets_no_facts(open_classifier: Open, backend: FakeBackend, tune: Path) -> None:
    cancel = threading.Event()
    cancel.set()
    with pytest.raises(CancelledError):
        open_classifier(backend).facts_file(tune, cancel=cancel)


def test_a_file_that_is_no_track_is_refused(open_classifier: Open, backend: FakeBackend, tmp_path: Path) -> None:
    (tmp_path / "empty.wav").touch()
    with pytest.raises(EmptyFileError):
        open_classifier(backend).facts_file(tmp_path / "empty.wav")


def test_a_model_that_can_explain_is_asked_once_for_all_patches(open_classifier: Open, tmp_path: Path) -> None:
    track = write_wav(tmp_path / "track.wav", tone(2.5, RATE_HZ), RATE_HZ)
    backend = ExplainingBackend()
    assert open_classifier(backend).explain_file(track, "jazz") == ["jazz: 3 patches"]
    assert backend.n_patches == 0
    backend.explain = lambda patches, label: pytest.fail("asked again")  # type: ignore[method-assign]
    assert open_classifier(backend).explain_file(track, "jazz") == ["jazz: 3 patches"]


def test_other_weights_explain_anew(open_classifier: Open, tmp_path: Path) -> None:
    track = write_wav(tmp_path / "track.wav", tone(2.5, RATE_HZ), RATE_HZ)
    open_classifier(ExplainingBackend()).explain_file(track, "jazz")
    other = ExplainingBackend(revision="2")
    other.explain = lambda patches, label: ["anew"]  # type: ignore[method-assign]
    assert open_classifier(other).explain_file(track, "jazz") == ["anew"]


def test_a_model_that_cannot_explain_says_nothing(open_classifier: Open, backend: FakeBackend, tune: Path) -> None:
    assert open_classifier(backend).explain_file(tune, "jazz") == []


def test_a_genre_that_the_model_does_not_know_is_refused(
    open_classifier: Open, backend: FakeBackend, tune: Path
) -> None:
    assert isinstance(backend.info, ModelInfo)
    with pytest.raises(InvalidOptionError, match="no genre called 'polka'"):
        open_classifier(backend).explain_file(tune, "polka")


def test_facts_read_back_are_the_same() -> None:
    facts = TrackFacts(tempo_bpm=120.5, key="A minor", key_confidence=0.5, analysed_seconds=3.0)
    assert TrackFacts.model_validate_json(facts.model_dump_json()) == facts

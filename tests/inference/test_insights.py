"""Facts and reasons on demand: found once, kept on disk, and given up when nobody waits."""

import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
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
    """Measures each patch beside its logits, and lists the measures as its reasons."""

    def __init__(self) -> None:
        super().__init__()
        self.info = replace(self.info, n_measures=1)

    def score(self, patches: NDArray[np.float32]) -> NDArray[np.float32]:
        return np.hstack([super().score(patches), np.abs(patches).max(axis=1, keepdims=True)])

    def explain(self, measures: NDArray[np.float32], label: str) -> list[str]:
        return [f"{label}: {', '.join(f'{measure:.1f}' for measure in measures[:, 0])}"]


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


def test_reasons_come_from_the_pass_that_scored(open_classifier: Open, tmp_path: Path) -> None:
    sound = np.concatenate([tone(1, RATE_HZ), np.zeros(4 * RATE_HZ, np.float32), tone(1, RATE_HZ, amplitude=0.2)])
    track = write_wav(tmp_path / "track.wav", sound, RATE_HZ)
    backend = ExplainingBackend()
    reasons = open_classifier(backend).explain_file(track, "jazz")
    assert reasons[0].startswith("jazz: 0.5")
    assert "0.0" not in reasons[0], "silence is no reason"
    n_patches = backend.n_patches
    again = open_classifier(backend)
    assert again.explain_file(track, "jazz") == reasons
    assert backend.n_patches == n_patches, "the cache holds what the reasons rest on"
    recalled = again.recall(again.score_file(track).audio_sha256, name="track.wav")
    assert recalled is not None
    assert again.recall_insights(recalled).explanation == again.with_insights(recalled, track).explanation != ()


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

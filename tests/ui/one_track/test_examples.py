"""The example recordings: one click analyses one, and the verdict matches its title."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import expect

from genre_app import GenreClassifier, Settings
from genre_app.examples import EXAMPLES, Example
from genre_app.ui.one_track.examples import ExampleScores
from tests.fakes import FakeBackend
from tests.sounds import tone, write_wav
from tests.ui.one_track.test_player import audio, click_at, scrubber, time_s
from tests.ui.visit import Visit


class Pool:
    """A pool with one classifier."""

    def __init__(self, classifier: GenreClassifier) -> None:
        self.settings = classifier.settings
        self._classifier = classifier

    @contextmanager
    def acquire(self) -> Iterator[GenreClassifier]:
        yield self._classifier


def scores_ahead(classifier: GenreClassifier, paths: list[Path], *, head_start_s: float = 0.0) -> ExampleScores:
    examples = [Example(path, path.stem, "A tone.", ()) for path in paths]
    return ExampleScores(Pool(classifier), examples, head_start_s=head_start_s)  # type: ignore[arg-type]


@pytest.fixture
def tones(tmp_path: Path) -> list[Path]:
    return [write_wav(tmp_path / f"{hz}.wav", tone(3, 8000, frequency_hz=hz), 8000) for hz in (300, 400)]


def test_examples_are_in_the_cache_before_a_click(tones: list[Path], tmp_path: Path, backend: FakeBackend) -> None:
    missing = tmp_path / "missing.wav"
    with GenreClassifier(Settings(cache_dir=tmp_path / "cache"), backend=backend) as classifier:
        ahead = scores_ahead(classifier, [tones[0], missing, tones[1]])
        ahead.start()
        ahead.join()
        n_patches = backend.n_patches
        assert all(classifier.score_file(path).cache_hit for path in tones)
        assert backend.n_patches == n_patches == 6


def test_without_a_cache_nothing_is_scored_ahead(tones: list[Path], backend: FakeBackend) -> None:
    with GenreClassifier(Settings(cache_mb=0), backend=backend) as classifier:
        ahead = scores_ahead(classifier, tones)
        ahead.start()
        ahead.join()
    assert backend.batches == []


def test_the_end_of_the_app_ends_it(tones: list[Path], tmp_path: Path, backend: FakeBackend) -> None:
    backend.gate.clear()
    with GenreClassifier(Settings(cache_dir=tmp_path / "cache"), backend=backend) as classifier:
        ahead = scores_ahead(classifier, tones)
        ahead.start()
        assert backend.busy.wait(30)
        backend.gate.set()
        ahead.stop()
        assert not ahead.is_alive
        sleeping = scores_ahead(classifier, tones, head_start_s=3600)
        sleeping.start()
        sleeping.stop()
        assert not sleeping.is_alive


@pytest.mark.browser
def test_a_click_leads_to_a_result_that_plays(visit: Visit) -> None:
    example = next(example for example in EXAMPLES if "Jazz" in example.title)
    button = visit.page.locator("#examples .example > button", has_text=example.title)
    expect(button).to_contain_text(example.description, use_inner_text=True)

    button.focus()
    visit.page.keyboard.press("Enter")

    visit.wait_for_result(example.path.name)
    assert visit.genres_in_headline() == ["jazz"]
    assert visit.n_uploads == 0
    visit.wait_for(lambda: (audio(visit) or {}).get("duration_s", 0) > 10, "the player knows the length")
    length_s = (audio(visit) or {})["duration_s"]
    click_at(visit, scrubber(visit), 0.5)
    visit.wait_for(lambda: abs(time_s(visit) - 0.5 * length_s) < 0.5, "the audio in the middle")

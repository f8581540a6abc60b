"""Models of one process: lent, shared, and put away."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import replace
from typing import Any

import pytest

from genre_app import Settings
from genre_app.audio.decoder import Decoder
from genre_app.errors import EngineClosedError, ModelUnavailableError
from genre_app.inference import model_pool
from genre_app.inference.classifier import GenreClassifier
from genre_app.inference.model_pool import ModelPool
from genre_app.inference.running_model import ModelRunner, RunningModel, run_model
from genre_app.inference.waiting_line import WaitingLine
from genre_app.models.registry import LoadedModel
from tests.fakes import FakeBackend


class Loads:
    """Stands for the classifier and counts how often each model is loaded."""

    def __init__(self) -> None:
        self.names: list[str] = []
        self.closed: list[str] = []

    def __call__(
        self,
        settings: Settings,
        *,
        runner: ModelRunner | None = None,
        decoder: Decoder | None = None,
        line: WaitingLine | None = None,
    ) -> GenreClassifier:
        if settings.model == "missing":
            raise ModelUnavailableError("The model missing is not on this machine.")
        self.names.append(settings.model)
        backend = FakeBackend()
        if settings.model == "second":
            backend.info = replace(backend.info, name="other")
        classifier = GenreClassifier(settings, backend=backend, decoder=decoder, line=line)
        close = classifier.close

        def note_and_close() -> None:
            self.closed.append(settings.model)
            close()

        classifier.close = note_and_close  # type: ignore[method-assign]
        return classifier


@pytest.fixture(autouse=True)
def any_name(monkeypatch: pytest.MonkeyPatch) -> None:
    """Offer models that only these tests know."""
    names = ("fake", "first", "second", "missing", *"abcdef")
    monkeypatch.setattr(ModelPool, "offered", lambda _: names)


@pytest.fixture
def loads(monkeypatch: pytest.MonkeyPatch) -> Loads:
    loads = Loads()
    monkeypatch.setattr(model_pool, "GenreClassifier", loads)
    return loads


@pytest.fixture
def models(loads: Loads) -> Iterator[ModelPool]:
    with ModelPool(Settings(model="first")) as models:
        yield models


@pytest.mark.parametrize("name", [None, "first", "fake"])
def test_the_first_choice_is_there_under_all_its_names(models: ModelPool, loads: Loads, name: str | None) -> None:
    with models.acquire(name) as classifier:
        assert classifier is models.default
    assert loads.names == ["first"]


def test_another_model_is_loaded_once_however_many_ask_at_the_same_time(models: ModelPool, loads: Loads) -> None:
    def ask(_: int) -> Any:
        with models.acquire("second") as classifier:
            return classifier

    with ThreadPoolExecutor(8) as pool:
        assert len(set(map(id, pool.map(ask, range(8))))) == 1
    assert loads.names == ["first", "second"]


def test_the_model_that_nobody_asked_for_longest_makes_room(models: ModelPool, loads: Loads) -> None:
    for name in ("a", "b", "c", "a", "d"):
        with models.acquire(name):
            pass
    assert loads.closed == ["b"]


def test_a_model_in_use_is_never_closed(models: ModelPool, loads: Loads) -> None:
    with ExitStack() as stack:
        for name in ("a", "b", "c", "d", "e"):
            stack.enter_context(models.acquire(name))
        assert loads.closed == []
    with models.acquire("f"):
        assert sorted(loads.closed) == ["a", "b", "c"]


def test_a_model_that_is_not_here_fails_alone(models: ModelPool) -> None:
    with pytest.raises(ModelUnavailableError, match="not on this machine"), models.acquire("missing"):
        pass
    with models.acquire("second"):
        pass


def test_closing_closes_all(models: ModelPool, loads: Loads) -> None:
    with models.acquire("second"):
        pass
    models.close()
    assert {"first", "second"} <= set(loads.closed)
    with pytest.raises(EngineClosedError):
        models.default.classify_waveform([0.1] * 8000, 8000)


@pytest.mark.parametrize("name", ["/etc", "../../weights", "someone/else", ""])
def test_visitors_reach_nothing_that_is_not_offered(models: ModelPool, loads: Loads, name: str) -> None:
    with pytest.raises(ModelUnavailableError, match="choose one of: fake"), models.acquire(name):
        pass
    assert loads.names == ["first"]


def test_the_first_choice_stands_in_and_says_why(models: ModelPool) -> None:
    with models.acquire_or_default("missing") as (classifier, reason):
        assert classifier is models.default
    assert reason == "The model missing is not on this machine. Until then, fake answers."
    with models.acquire_or_default("second") as (classifier, reason):
        assert classifier is not models.default
    assert reason is None


def test_a_new_version_of_the_first_choice_answers_and_the_old_one_ends_its_work(
    models: ModelPool, loads: Loads
) -> None:
    with models.acquire("fake") as old:
        models.replace_default("a")
        assert old.classify_waveform([0.1] * 8000, 8000).predicted_genre, "it is under way"
        with models.acquire("fake") as new, models.acquire() as default:
            assert new is default is models.default is not old
        assert new.line is old.line
    models.close()
    assert sorted(loads.closed) == ["a", "first"]


def test_a_version_of_another_name_is_refused(models: ModelPool, loads: Loads) -> None:
    before = models.default
    with pytest.raises(ModelUnavailableError, match="must have its name"):
        models.replace_default("second")
    assert models.default is before
    assert loads.closed == ["second"]


def test_models_run_where_the_runner_puts_them() -> None:
    asked: list[str] = []

    def run(settings: Settings) -> RunningModel:
        asked.append(settings.model)
        return run_model(LoadedModel(FakeBackend()))

    with ModelPool(Settings(model="first", cache_mb=0), run) as models, models.acquire("second"):
        assert asked == ["first", "second"]

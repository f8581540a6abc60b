"""The page's side of a scoring replica, with replicas that fail on purpose."""

import warnings
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any

import numpy as np
import pytest

from genre_app.errors import EngineClosedError, ModelUnavailableError, ScoringError
from genre_app.models.base import PatchGrid
from genre_app.results.model_info import ModelInfo

pytest.importorskip("ray", reason="Ray is not installed: .venv/bin/pip install -r requirements-ray.txt")

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # Ray uses what is deprecated in pydantic
    from ray.exceptions import ActorDiedError, RayTaskError

    from deploy import remote_engine
    from deploy.remote_engine import Description, RemoteEngine

PATCHES = np.zeros((2, 10), np.float32)
INFO = ModelInfo(name="fake", revision="7", labels=("a",), device="cpu")
DESCRIPTION = Description(INFO, PatchGrid(1000, 10, 10), 32, is_explaining=False, fallback_reason=None)


class Replicas:
    """Stands for a deployment's handle: each call ends as the next of these outcomes says."""

    def __init__(self, *outcomes: Any) -> None:
        self._outcomes = iter((DESCRIPTION, *outcomes))
        self.models: list[str] = []
        self.revisions: list[str] = []

    def options(self, *, multiplexed_model_id: str) -> "Replicas":
        self.models.append(multiplexed_model_id)
        return self

    def __getattr__(self, name: str) -> "Replicas":
        return self

    def remote(self, *arguments: Any, **named: Any) -> "Future[Any]":
        self.revisions += named.values()
        response: Future[Any] = Future()
        outcome = next(self._outcomes)
        if isinstance(outcome, Exception):
            response.set_exception(outcome)
        else:
            response.set_result(outcome)
        return response


def failed(cause: Exception) -> RayTaskError:
    return RayTaskError("score", "a traceback", cause)


@pytest.fixture(autouse=True)
def no_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(remote_engine, "_RETRY_PAUSE_S", 0)


def test_it_is_described_by_a_replica_and_asks_for_its_weights() -> None:
    replicas = Replicas("logits")
    engine = RemoteEngine(replicas, "owner/name")
    assert (engine.info, engine.grid, engine.max_patches) == (INFO, DESCRIPTION.grid, 32)
    assert engine.submit(PATCHES).result() == "logits"
    assert replicas.models == ["owner/name"]
    assert replicas.revisions == ["7"]


@pytest.mark.parametrize("death", [ActorDiedError, lambda: failed(EngineClosedError("It ends."))])
def test_a_call_is_made_again_where_its_replica_died(death: Callable[[], Exception]) -> None:
    engine = RemoteEngine(Replicas(death(), death(), "logits"), "fake")
    assert engine.submit(PATCHES).result() == "logits"


def test_it_gives_up_in_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    engine = RemoteEngine(Replicas(ActorDiedError()), "fake")
    monkeypatch.setattr(remote_engine, "_LONGEST_RETRY_S", -1)
    with pytest.raises(ScoringError, match="No machine is there"):
        engine.submit(PATCHES).result()


def test_the_app_s_own_errors_arrive_as_they_are() -> None:
    engine = RemoteEngine(Replicas(failed(ModelUnavailableError("Not here.")), failed(KeyError("a fault"))), "fake")
    with pytest.raises(ModelUnavailableError, match=r"^Not here\.$"):
        engine.submit(PATCHES).result()
    with pytest.raises(ScoringError, match="The model failed"):
        engine.submit(PATCHES).result()


def test_a_closed_one_says_so() -> None:
    engine = RemoteEngine(Replicas(), "fake")
    engine.close()
    with pytest.raises(EngineClosedError):
        engine.submit(PATCHES).result()

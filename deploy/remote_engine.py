"""The engine that a page uses when its models run in Ray Serve's replicas."""

import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from ray.exceptions import RayActorError, RayError, RayTaskError
from ray.serve.exceptions import RayServeException
from ray.serve.handle import DeploymentHandle, DeploymentResponse

from genre_app.errors import EngineClosedError, GenreAppError, ScoringError
from genre_app.inference.contracts import MODEL_FAILED, Logits
from genre_app.inference.running_model import RunningModel
from genre_app.models.base import Grid
from genre_app.results.model_info import ModelInfo
from genre_app.settings import Settings

#: How long a call is repeated while replicas die or start: a new one takes some 10 s to load its model.
_LONGEST_RETRY_S: Final = 120.0
_RETRY_PAUSE_S: Final = 0.25
#: Calls under way of one model: each track has three stacks on the way, and 32 tracks are analysed at once.
_MOST_CALLS: Final = 96


@dataclass(frozen=True, slots=True)
class Description:
    """What a replica says of a model that it runs.

    Attributes
    ----------
    info : ModelInfo
        For results.
    grid : Grid
        How patches lie on a track.
    max_patches : int
        Size of a full batch.
    is_explaining : bool
        Whether the model can explain its answers.
    fallback_reason : str or None
        Why it is not the first choice.
    """

    info: ModelInfo
    grid: Grid
    max_patches: int
    is_explaining: bool
    fallback_reason: str | None


class RemoteEngine:
    """Scores patches with a model in the replicas of a deployment; see `genre_app.inference.contracts.Engine`.

    Scoring depends on nothing but the patches, so a call whose replica died is simply made again.

    Parameters
    ----------
    replicas : DeploymentHandle
        The deployment `deploy.ray_serve.Scorer`.
    model : str
        As in `Settings.model`.

    Raises
    ------
    ModelUnavailableError, DeviceUnavailableError
        The replicas cannot run the model.
    ScoringError
        There is no replica.
    """

    def __init__(self, replicas: DeploymentHandle, model: str) -> None:
        self._replicas = replicas.options(multiplexed_model_id=model)
        self._calls = ThreadPoolExecutor(_MOST_CALLS, thread_name_prefix="ray-call")
        # In a thread of its own: Ray refuses to wait in one that runs an event loop, as a replica's constructor does.
        try:
            self.description: Description = self._calls.submit(self._call, self._replicas.describe.remote).result()
        except GenreAppError:
            self.close()
            raise

    @property
    def info(self) -> ModelInfo:
        """What a result says of the model."""
        return self.description.info

    @property
    def grid(self) -> Grid:
        """How patches lie on a track, or which windows the model takes."""
        return self.description.grid

    @property
    def max_patches(self) -> int:
        """Size of a full batch in a replica."""
        return self.description.max_patches

    def submit(self, patches: NDArray[np.float32]) -> "Future[Logits]":
        """Have patches scored by whichever replica has the least to do."""
        try:
            return self._calls.submit(
                self._call, lambda: self._replicas.score.remote(patches, revision=self.info.revision)
            )
        except RuntimeError:  # the threads have ended
            closed: Future[Logits] = Future()
            closed.set_exception(EngineClosedError("The app is shutting down; please try again in a moment."))
            return closed

    def explain(self, measures: NDArray[np.float32], label: str) -> list[str]:
        """List the reasons for a label; see `genre_app.models.base.Explaining`."""
        return self._calls.submit(self._call, lambda: self._replicas.explain.remote(measures, label)).result()

    def close(self) -> None:
        """Make no more calls; the replicas belong to Ray."""
        self._calls.shutdown(wait=False, cancel_futures=True)

    def _call(self, send: Callable[[], DeploymentResponse]) -> Any:
        """Make a call and wait for its answer, on another replica where one dies over it."""
        give_up_at = time.monotonic() + _LONGEST_RETRY_S
        while True:
            try:
                return send().result()
            except RayTaskError as error:
                cause = error.cause
                if not isinstance(cause, EngineClosedError):  # it was about to end
                    raise cause if isinstance(cause, GenreAppError) else ScoringError(MODEL_FAILED) from error
                failure: Exception = error
            except (RayActorError, RayServeException) as error:
                failure = error
            except RayError as error:
                raise ScoringError(MODEL_FAILED) from error
            if time.monotonic() > give_up_at:
                raise ScoringError("No machine is there to score the track; please try again later.") from failure
            time.sleep(_RETRY_PAUSE_S)


def run_remotely(replicas: DeploymentHandle, settings: Settings) -> RunningModel:
    """Run the model that the settings name in replicas; see `genre_app.inference.running_model.ModelRunner`."""
    engine = RemoteEngine(replicas, settings.model)
    described = engine.description
    return RunningModel(engine, engine if described.is_explaining else None, described.fallback_reason)

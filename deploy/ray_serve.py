"""The page and its models on Ray Serve: ``serve run deploy.ray_serve:build``.

The page is one replica: it holds what its visitors' sessions hold, takes their uploads and decodes them. The models are
as many replicas as there is work for. See docs/scaling.md.
"""

import asyncio
from contextlib import ExitStack
from functools import partial
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, Field
from ray import serve
from ray.serve import Application
from ray.serve.config import AutoscalingConfig
from ray.serve.handle import DeploymentHandle
from starlette.types import ASGIApp

from deploy.remote_engine import Description, run_remotely
from genre_app.errors import InvalidOptionError, ScoringError
from genre_app.inference.contracts import Logits
from genre_app.inference.running_model import run_here
from genre_app.settings import Settings

#: Models that a replica keeps in memory; visitors rarely choose another than the first.
_MODELS_PER_REPLICA: Final = 4
#: Failures of the model, one after another, from which on a replica is replaced: its GPU may be in a state that no
#: further call gets through.
_SICK_FROM: Final = 3
#: Every open page holds a stream.
_MOST_STREAMS: Final = 10_000


class Options(BaseModel):
    """What ``serve run deploy.ray_serve:build name=value …`` takes.

    Attributes
    ----------
    model : str
        As `Settings.model`. Another folder of the same name updates the weights while the app runs.
    min_replicas, max_replicas : int
        How many replicas score.
    ongoing_requests : float
        Stacks of at most 32 patches that a replica has at a time; beyond that another one starts.
    gpus, cpus : float
        What a scoring replica takes of its machine; several share a GPU with ``gpus=0.5``.
    page_cpus : float
        Cores that the page takes, mostly for decoding.
    """

    model: str = Field(default_factory=lambda: Settings().model)
    min_replicas: int = Field(default=1, ge=1)
    max_replicas: int = Field(default=2, ge=1)
    ongoing_requests: float = Field(default=4.0, gt=0)
    gpus: float = Field(default=0.0, ge=0)
    cpus: float = Field(default=1.0, ge=0)
    page_cpus: float = Field(default=0.0, ge=0)


class RunningHere:
    """A model in this replica, which ends when Ray drops it.

    Parameters
    ----------
    settings : Settings
        Name the model.
    """

    def __init__(self, settings: Settings) -> None:
        running = run_here(settings)
        self.engine = running.engine
        self.explaining = running.explaining
        self.description = Description(
            running.engine.info,
            running.engine.grid,
            running.engine.max_patches,
            running.explaining is not None,
            running.fallback_reason,
        )

    def __del__(self) -> None:
        if hasattr(self, "engine"):
            self.engine.close()


@serve.deployment(
    max_ongoing_requests=64,
    health_check_period_s=5,
    health_check_timeout_s=30,
    graceful_shutdown_wait_loop_s=1,
    graceful_shutdown_timeout_s=60,
)
class Scorer:
    """Scores patches with the app's own engine, which gathers the requests of all pages into batches.

    Parameters
    ----------
    settings : Settings
        Device, precision and threads.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._n_failures = 0

    async def reconfigure(self, config: dict[str, Any]) -> None:
        """Load the first choice, or a new version of it, before it is asked for; the old one answers what is sent."""
        await self._running(config["model"])

    @serve.multiplexed(max_num_models_per_replica=_MODELS_PER_REPLICA)
    async def _running(self, model: str) -> RunningHere:
        return await asyncio.to_thread(RunningHere, self._settings.model_copy(update={"model": model}))

    async def describe(self) -> Description:
        """Describe the model that the request is for."""
        return (await self._running(serve.get_multiplexed_model_id())).description

    async def score(self, patches: NDArray[np.float32], *, revision: str) -> Logits:
        """Score patches, shape (n, n_samples), with the weights of a revision.

        Raises
        ------
        ScoringError
            The model failed, or its weights were replaced.
        """
        running = await self._running(serve.get_multiplexed_model_id())
        if running.description.info.revision != revision:
            raise ScoringError("The model was replaced while it scored the track; please try again.")
        try:
            # A copy: what arrives lies in Ray's shared memory, which torch may not write to.
            logits = await asyncio.wrap_future(running.engine.submit(np.array(patches)))
        except ScoringError as error:
            self._n_failures += error.__cause__ is not None
            raise
        self._n_failures = 0
        return logits

    async def explain(self, measures: NDArray[np.float32], label: str) -> list[str]:
        """List a model's reasons for a label."""
        explaining = (await self._running(serve.get_multiplexed_model_id())).explaining
        if explaining is None:
            raise InvalidOptionError("The model cannot explain its answers.")
        return explaining.explain(measures, label)

    def check_health(self) -> None:
        """Fail where the model fails again and again; Ray then replaces this replica."""
        if self._n_failures >= _SICK_FROM:
            raise RuntimeError(f"the model failed {self._n_failures} times in a row")


@serve.deployment(
    num_replicas=1,
    max_ongoing_requests=_MOST_STREAMS,
    health_check_period_s=5,
    graceful_shutdown_wait_loop_s=1,
    graceful_shutdown_timeout_s=60,
)
@serve.ingress()
class Page:
    """The page, in front of the models.

    Parameters
    ----------
    scorers : DeploymentHandle
        Of `Scorer`.
    settings : Settings
        Of the page; name the first choice.
    """

    def __init__(self, scorers: DeploymentHandle, settings: Settings) -> None:
        # Gradio reads its environment when it is imported.
        from genre_app.ui.environment import prepared_environment  # noqa: PLC0415
        from genre_app.ui.listening import Place  # noqa: PLC0415

        self._model = settings.model
        self._open = ExitStack()
        run = self._open.enter_context(prepared_environment(settings, Place("127.0.0.1", 0)))

        from genre_app.inference.model_pool import ModelPool  # noqa: PLC0415
        from genre_app.ui.server import Server  # noqa: PLC0415

        self._pool = self._open.enter_context(ModelPool(settings, partial(run_remotely, scorers)))
        self._application = Server(self._pool, run).application()

    def __serve_build_asgi_app__(self) -> ASGIApp:
        """Return what answers HTTP; Ray calls this."""
        return self._application

    async def reconfigure(self, config: dict[str, Any]) -> None:
        """Let a new version of the first choice answer tracks that come from now on."""
        if config["model"] != self._model:
            await asyncio.to_thread(self._pool.replace_default, config["model"])
            self._model = config["model"]

    def __del__(self) -> None:
        if hasattr(self, "_open"):
            self._open.close()


def build(options: Options) -> Application:
    """Put the page and the models together; Ray calls this."""
    scorer: Any = Scorer  # the decorators made deployments of them
    page: Any = Page
    settings = Settings().model_copy(update={"model": options.model})
    user_config = {"model": options.model}
    device = "cuda" if options.gpus else "cpu"
    threads = max(1, round(options.cpus))
    scorers = scorer.options(
        user_config=user_config,
        ray_actor_options={"num_cpus": options.cpus, "num_gpus": options.gpus},
        autoscaling_config=AutoscalingConfig(
            min_replicas=options.min_replicas,
            max_replicas=options.max_replicas,
            target_ongoing_requests=options.ongoing_requests,
        ),
    ).bind(settings.model_copy(update={"model": "auto", "device": device, "threads": threads}))
    return page.options(user_config=user_config, ray_actor_options={"num_cpus": options.page_cpus}).bind(
        scorers, settings
    )

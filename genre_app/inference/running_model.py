"""A model that is loaded, and the engine that runs it: in this process, or wherever somebody else put it."""

from collections.abc import Callable
from dataclasses import dataclass

from genre_app.inference.contracts import Engine
from genre_app.inference.zerogpu_engine import engine_for
from genre_app.models.base import Explaining
from genre_app.models.registry import LoadedModel, load_model
from genre_app.settings import Settings


@dataclass(frozen=True, slots=True)
class RunningModel:
    """An engine, and what is known of its model beside.

    Attributes
    ----------
    engine : Engine
        Scores; whoever holds the running model closes it.
    explaining : Explaining or None
        Gives the reasons for an answer, where the model can.
    fallback_reason : str or None
        Why it is not the first choice, in a sentence for the user; None if it is.
    """

    engine: Engine
    explaining: Explaining | None = None
    fallback_reason: str | None = None


#: Runs the model that the settings name; raises `ModelUnavailableError` or `DeviceUnavailableError` where it cannot.
ModelRunner = Callable[[Settings], RunningModel]


def run_model(loaded: LoadedModel) -> RunningModel:
    """Run a loaded model in this process."""
    backend = loaded.backend
    explaining = backend if isinstance(backend, Explaining) else None
    return RunningModel(engine_for(backend), explaining, loaded.fallback_reason)


def run_here(settings: Settings) -> RunningModel:
    """Load the model that the settings name and run it in this process; see `ModelRunner`."""
    return run_model(load_model(settings))

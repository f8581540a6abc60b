"""Find a model by its name."""

from dataclasses import dataclass
from typing import Final

from safetensors import SafetensorError

from genre_app.backends.base import Backend
from genre_app.backends.device import resolve_device
from genre_app.backends.tagging import MusicnnBackend
from genre_app.errors import ModelUnavailableError
from genre_app.settings import Settings

#: Models that are part of this repository.
EMBEDDED: Final[tuple[str, ...]] = (MusicnnBackend.name,)
AUTO: Final = "auto"


@dataclass(frozen=True, slots=True)
class LoadedModel:
    """A model that is ready, and why it is not the one that was asked for, where it is not."""

    backend: Backend
    fallback_reason: str | None = None


def load_model(settings: Settings) -> LoadedModel:
    """Load the model that the settings name.

    Raises
    ------
    ModelUnavailableError
        The name is unknown, or the model's files are missing or damaged.
    DeviceUnavailableError
        The device is not here.
    """
    device = resolve_device(settings.device)
    if settings.model not in {AUTO, *EMBEDDED}:
        known = ", ".join((AUTO, *EMBEDDED))
        raise ModelUnavailableError(f"There is no model called {settings.model!r}; choose one of: {known}.")
    try:
        backend = MusicnnBackend(device, threads=settings.threads, precision=settings.precision)
    except (OSError, ValueError, RuntimeError, SafetensorError) as error:
        raise ModelUnavailableError(
            "The files of the model musicnn are missing or damaged; please install the app again."
        ) from error
    return LoadedModel(backend)

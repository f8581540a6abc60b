"""Find a model by its name."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from safetensors import SafetensorError

from genre_app.backends.base import Backend
from genre_app.errors import ModelUnavailableError
from genre_app.settings import Settings

AUTO: Final = "auto"
_MUSICNN: Final = "musicnn"
_FEATURES: Final = "features"
_CNN: Final = "cnn"
_FALLBACK_REASON: Final = (
    "The model musicnn could not be started on this machine, so the simpler model features answers; "
    "it is right less often."
)


@dataclass(frozen=True, slots=True)
class LoadedModel:
    """A model that is ready, and why it is not the one that was asked for, where it is not."""

    backend: Backend
    fallback_reason: str | None = None


def load_model(settings: Settings) -> LoadedModel:
    """Load the model that the settings name.

    ``auto`` is musicnn and, where that cannot be started because its files or torch are missing or damaged, features.

    Raises
    ------
    ModelUnavailableError
        The name is unknown, or what the model needs is missing or damaged.
    DeviceUnavailableError
        The device is not here.
    """
    if settings.model == AUTO:
        try:
            return LoadedModel(_load(_MUSICNN, settings))
        except ModelUnavailableError as first:
            try:
                return LoadedModel(_load(_FEATURES, settings), _FALLBACK_REASON)
            except ModelUnavailableError:
                raise first from first.__cause__
    return LoadedModel(_load(settings.model, settings))


def _load(name: str, settings: Settings) -> Backend:
    if name not in _LOADERS:
        known = ", ".join((AUTO, *EMBEDDED))
        raise ModelUnavailableError(f"There is no model called {name!r}; choose one of: {known}.")
    try:
        return _LOADERS[name](settings)
    except (ImportError, OSError, ValueError, KeyError, TypeError, RuntimeError, SafetensorError) as error:
        raise ModelUnavailableError(
            f"The files of the model {name} are missing or damaged; please install the app again."
        ) from error


def _load_musicnn(settings: Settings) -> Backend:
    """Import torch, which the other models do without, and load MusiCNN."""
    from genre_app.backends.device import resolve_device, resolve_precision  # noqa: PLC0415
    from genre_app.backends.tagging import MusicnnBackend  # noqa: PLC0415

    device = resolve_device(settings.device)
    precision = resolve_precision(settings.precision, device)
    return MusicnnBackend(device, threads=settings.threads, precision=precision)


def _load_features(settings: Settings) -> Backend:  # noqa: ARG001 - it runs on one core of any processor
    from genre_app.backends.features import FeaturesBackend  # noqa: PLC0415

    return FeaturesBackend()


def _load_cnn(settings: Settings) -> Backend:
    from genre_app.backends.cnn import CnnBackend  # noqa: PLC0415
    from genre_app.backends.device import resolve_device  # noqa: PLC0415

    return CnnBackend(resolve_device(settings.device), threads=settings.threads)


_LOADERS: Final[dict[str, Callable[[Settings], Backend]]] = {
    _MUSICNN: _load_musicnn,
    _FEATURES: _load_features,
    _CNN: _load_cnn,
}
#: Models that are part of this repository.
EMBEDDED: Final[tuple[str, ...]] = tuple(_LOADERS)

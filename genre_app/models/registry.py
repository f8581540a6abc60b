"""Load a model by its name: embedded, in the local cache of the hub, or in a folder. Nothing is downloaded."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from safetensors import SafetensorError

from genre_app.errors import GenreAppError, ModelNotHereError, ModelUnavailableError
from genre_app.models.base import Backend
from genre_app.models.catalogue import entry_of
from genre_app.models.hub import find_local, is_model_id
from genre_app.settings import Settings

AUTO: Final = "auto"
#: The model behind ``auto`` if its files are on this machine, as on a Space that preloads them.
PREFERRED: Final = "storylinez/audio-genre-classifier"
_STANDARD: Final = "standard"
_MUSICNN: Final = "musicnn"
_FEATURES: Final = "features"
_CNN: Final = "cnn"
_TAGS: Final = "tags"
_CONFIG: Final = "config.json"


@dataclass(frozen=True, slots=True)
class LoadedModel:
    """A loaded model.

    Attributes
    ----------
    backend : Backend
        The model.
    fallback_reason : str or None
        Why it is not the first choice, in a sentence for the user; None if it is.
    """

    backend: Backend
    fallback_reason: str | None = None


def load_model(settings: Settings) -> LoadedModel:
    """Load the model that the settings name, without using the network.

    ``auto`` is `PREFERRED` if its files are on this machine, else standard, else (if torch or the files of standard are
    missing or damaged) features.

    Raises
    ------
    ModelUnavailableError
        The name is unknown, or files or packages of the model are missing or damaged.
    DeviceUnavailableError
        The requested device is not on this machine.
    """
    return _load_first_choice(settings) if settings.model == AUTO else LoadedModel(_load(settings.model, settings))


def _load_first_choice(settings: Settings) -> LoadedModel:
    reason = f"The model {PREFERRED} is not on this machine, so the app's own model {_STANDARD} answers."
    if find_local(PREFERRED):
        try:
            return LoadedModel(_load(PREFERRED, settings))
        except GenreAppError as error:
            reason = f"{error} Until then the app's own model {_STANDARD} answers."
    try:
        return LoadedModel(_load(_STANDARD, settings), reason)
    except ModelUnavailableError as first:
        reason = f"{first} Until then the simpler model {_FEATURES} answers, which is right less often."
        try:
            return LoadedModel(_load(_FEATURES, settings), reason)
        except ModelUnavailableError:
            raise first from first.__cause__


def _load(name: str, settings: Settings) -> Backend:
    if name in _LOADERS:
        try:
            return _LOADERS[name](settings)
        except (ImportError, OSError, ValueError, KeyError, TypeError, RuntimeError, SafetensorError) as error:
            raise ModelUnavailableError(
                f"The files of the model {name} are missing or damaged; please install the app again."
            ) from error
    folder = _folder_of(name, settings)
    # Results carry the folder's own name, not its path, which is private.
    return _load_folder(folder, folder.resolve().name if folder == Path(name) else name, settings)


def _folder_of(name: str, settings: Settings) -> Path:
    """Find the folder of a model that is not embedded."""
    entry = entry_of(name)
    hub_id, revision = (entry.hub_id or name, entry.revision) if entry else (name, None)
    if entry is None and (Path(name) / _CONFIG).is_file():
        return Path(name)
    if entry is None and (not is_model_id(name) or "/" not in name):
        known = ", ".join((AUTO, *EMBEDDED))
        raise ModelUnavailableError(
            f"There is no model called {name!r}; choose one of: {known}, a model of Hugging Face as owner/name, "
            "or a folder that holds one."
        )
    folder = find_local(hub_id, revision, maest_revision=settings.maest_revision)
    if folder is None:
        raise ModelNotHereError(f"The model {name} is not on this machine.")
    return folder


def _load_folder(folder: Path, name: str, settings: Settings) -> Backend:
    try:
        from genre_app.models.huggingface.backend import HuggingFaceBackend  # noqa: PLC0415
        from genre_app.models.huggingface.model_folder import is_maest  # noqa: PLC0415
        from genre_app.models.maest.backend import MaestBackend  # noqa: PLC0415
        from genre_app.models.runtime.device import resolve_device  # noqa: PLC0415
    except ImportError as error:
        raise ModelUnavailableError(
            f"The model {name} needs packages that are missing; please install the app again."
        ) from error
    device = resolve_device(settings.device)
    if is_maest(folder):
        return MaestBackend(folder, device=device, threads=settings.threads)
    return HuggingFaceBackend(folder, name=name, device=device, threads=settings.threads)


def _load_standard(settings: Settings) -> Backend:
    """Import torch, which the models' descriptions do without, and load both networks."""
    from genre_app.models.runtime.device import resolve_device, resolve_precision  # noqa: PLC0415
    from genre_app.models.standard.backend import StandardBackend  # noqa: PLC0415

    device = resolve_device(settings.device)
    precision = resolve_precision(settings.precision, device)
    return StandardBackend(device, threads=settings.threads, precision=precision)


def _load_musicnn(settings: Settings) -> Backend:
    from genre_app.models.musicnn.backend import MusicnnBackend  # noqa: PLC0415
    from genre_app.models.runtime.device import resolve_device, resolve_precision  # noqa: PLC0415

    device = resolve_device(settings.device)
    precision = resolve_precision(settings.precision, device)
    return MusicnnBackend(device, threads=settings.threads, precision=precision)


def _load_features(settings: Settings) -> Backend:  # noqa: ARG001 - runs on one core of a CPU
    from genre_app.models.features.backend import FeaturesBackend  # noqa: PLC0415

    return FeaturesBackend()


def _load_cnn(settings: Settings) -> Backend:
    from genre_app.models.cnn.backend import CnnBackend  # noqa: PLC0415
    from genre_app.models.runtime.device import resolve_device  # noqa: PLC0415

    return CnnBackend(resolve_device(settings.device), threads=settings.threads)


def _load_tags(settings: Settings) -> Backend:
    from genre_app.models.musicnn.tags_backend import MusicnnTagsBackend  # noqa: PLC0415
    from genre_app.models.runtime.device import resolve_device, resolve_precision  # noqa: PLC0415

    device = resolve_device(settings.device)
    precision = resolve_precision(settings.precision, device)
    return MusicnnTagsBackend(device, threads=settings.threads, precision=precision)


_LOADERS: Final[dict[str, Callable[[Settings], Backend]]] = {
    _STANDARD: _load_standard,
    _MUSICNN: _load_musicnn,
    _FEATURES: _load_features,
    _CNN: _load_cnn,
    _TAGS: _load_tags,
}
#: Models whose weights are part of the package.
EMBEDDED: Final[tuple[str, ...]] = tuple(_LOADERS)

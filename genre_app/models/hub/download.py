"""Download a model from the hub into the cache."""

import contextlib
import json
import shutil
import threading
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Final

from genre_app.errors import (
    DownloadBusyError,
    HubUnreachableError,
    ModelNotFoundError,
    ModelStorageError,
    UnsuitableModelError,
)
from genre_app.models.hub.cache import MAIN, CachedModel, find_local, is_commit, is_model_id, is_revision
from genre_app.models.hub.failures import translated_errors
from genre_app.models.hub.files import (
    CONFIG,
    EXTRACTOR,
    INDEX,
    is_audio_classifier,
    pick_weights,
    pickled_revision,
    shards,
)
from genre_app.models.hub.remote import Hub, Listing, RemoteFile, is_offline, wait_for
from genre_app.models.hub.transfer import DownloadProgress, ProgressTracker, Transfer

_MB: Final = 1_000_000


def no_progress(_progress: DownloadProgress) -> None:
    """Ignore progress updates."""


def download(
    model_id: str,
    *,
    revision: str | None = None,
    maest_revision: str = "",
    on_progress: Callable[[DownloadProgress], None] = no_progress,
    cancel: threading.Event | None = None,
) -> Path:
    """Download a model into the hub's cache, resuming earlier downloads.

    Only the configurations of model and feature extractor and the weights are downloaded: safetensors, no code, and no
    pickle except at ``maest_revision``. Every file is verified with the hash that the hub states.

    Parameters
    ----------
    model_id : str
        ``owner/name``.
    revision : str or None
        Branch, tag or full commit hash; by default ``maest_revision`` for MAEST where it is set, else ``main``.
    maest_revision : str
        Commit of MAEST whose pickled weights may be used; empty for none.
    on_progress : callable
        Called after every chunk, in the calling thread.
    cancel : threading.Event or None
        Stops the download when set; the bytes so far are kept.

    Returns
    -------
    Path
        The snapshot folder.

    Raises
    ------
    HubUnreachableError, ModelNotFoundError, ModelForbiddenError, UnsuitableModelError, DownloadInterruptedError
    DamagedDownloadError, ModelStorageError, DownloadBusyError
        See `genre_app.errors`; all are `ModelUnavailableError`.
    CancelledError
        ``cancel`` was set.
    """
    if not is_model_id(model_id):
        raise ModelNotFoundError(f"{model_id!r} is no name of a model on the hub: those look like owner/name.")
    revision = revision or pickled_revision(model_id, maest_revision) or MAIN
    if not is_revision(revision):
        raise ModelNotFoundError(f"{revision!r} is no name of a revision: give a branch, a tag or a commit.")
    if is_commit(revision) or is_offline():
        if folder := find_local(model_id, revision, maest_revision=maest_revision):
            return folder
        if is_offline():
            raise HubUnreachableError(f"{model_id} is not on this machine, and HF_HUB_OFFLINE forbids to fetch it.")
    tracker = ProgressTracker(on_progress, cancel or threading.Event())
    hub, listing = _list_files(model_id, revision, tracker.cancel)
    model = CachedModel.of(model_id)
    with translated_errors(model_id, is_under_way=True), _locked(model):
        weights = pick_weights(model_id, listing.commit, listing.files, maest_revision=maest_revision)
        folder = _fetch_all(Transfer(hub, model, listing.commit, tracker), listing, weights)
        model.store_revision(revision, listing.commit)
    return folder


def _list_files(model_id: str, revision: str, cancel: threading.Event) -> tuple[Hub, Listing]:
    """Request the list of files from the hub."""

    def request() -> tuple[Hub, Listing]:
        hub = Hub.of_environment()
        return hub, hub.list_files(model_id, revision)

    with translated_errors(model_id, is_under_way=False):
        return wait_for(request, cancel)


@contextlib.contextmanager
def _locked(model: CachedModel) -> Iterator[None]:
    """Exclude other downloads of the model, in this and other processes."""
    from filelock import FileLock, Timeout  # noqa: PLC0415

    lock = model.lock()
    lock.parent.mkdir(parents=True, exist_ok=True)
    try:
        with FileLock(lock, timeout=0):
            yield
    except Timeout as error:
        raise DownloadBusyError(
            f"{model.model_id} is being downloaded already: wait until that is done, then try again."
        ) from error


def _fetch_all(transfer: Transfer, listing: Listing, weights_name: str | None) -> Path:
    """Fetch the files that describe the model, check that it is an audio classifier, then fetch its weights."""
    model_id, commit = transfer.model.model_id, listing.commit
    config, extractor, weights = (_file(listing, model_id, name) for name in (CONFIG, EXTRACTOR, weights_name))
    path = transfer.fetch(config)
    if not is_audio_classifier(_parsed_config(path, model_id)):
        raise UnsuitableModelError(f"{model_id} is no model that sorts sounds into classes: choose another one.")
    transfer.fetch(extractor)
    if weights.name == INDEX:
        path = transfer.fetch(weights)
        files = [_file(listing, model_id, name) for name in _parsed_index(path, model_id)]
    else:
        files = [weights]
    _check_disk_space(transfer, files)
    transfer.tracker.total_bytes = transfer.tracker.done_bytes + sum(file.n_bytes for file in files)
    for file in files:
        transfer.fetch(file)
    return transfer.model.snapshot(commit)


def _file(listing: Listing, model_id: str, name: str | None) -> RemoteFile:
    if name is None:
        raise UnsuitableModelError(
            f"{model_id} has no weights in the safetensors format, the only one that the app takes from the hub."
        )
    if name not in listing.files:
        raise UnsuitableModelError(f"{model_id} is no model that the app can load: it has no file {name}.")
    return listing.files[name]


def _parsed_config(path: Path, model_id: str) -> dict[str, object]:
    content: object = None
    with contextlib.suppress(ValueError):
        content = json.loads(path.read_text(encoding="utf-8"))
    if not isinstance(content, dict):
        raise UnsuitableModelError(f"{model_id} is no model that the app can load: its {path.name} cannot be read.")
    return content


def _parsed_index(path: Path, model_id: str) -> tuple[str, ...]:
    try:
        return shards(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise UnsuitableModelError(
            f"{model_id} is no model that the app can load: its {path.name} cannot be read."
        ) from error


def _check_disk_space(transfer: Transfer, files: Iterable[RemoteFile]) -> None:
    """Raise an error early if the files do not fit on the disk."""
    folder = transfer.model.folder
    missing = (file for file in files if not transfer.model.blob(file.digest).is_file())
    n_bytes = sum(file.n_bytes - transfer.model.n_partial_bytes(file.digest) for file in missing)
    n_free = shutil.disk_usage(folder).free
    if n_bytes > n_free:
        raise ModelStorageError(
            f"There is no room for {transfer.model.model_id}: it needs {n_bytes / _MB:.0f} MB, and {folder} has "
            f"{n_free / _MB:.0f} MB. Make room, or set HF_HOME to another folder."
        )

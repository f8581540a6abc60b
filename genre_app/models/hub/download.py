"""Getting a model from the hub into the cache."""

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
from genre_app.models.hub.failures import in_sentences
from genre_app.models.hub.files import (
    CONFIG,
    EXTRACTOR,
    INDEX,
    is_audio_classifier,
    pick_weights,
    pickled_revision,
    shards,
)
from genre_app.models.hub.remote import Hub, Listing, RemoteFile, answered, is_offline
from genre_app.models.hub.transfer import DownloadProgress, Transfer, Watch

_MB: Final = 1_000_000


def _tell_nobody(_progress: DownloadProgress) -> None:
    pass


def download(
    model_id: str,
    *,
    revision: str | None = None,
    maest_revision: str = "",
    on_progress: Callable[[DownloadProgress], None] = _tell_nobody,
    cancel: threading.Event | None = None,
) -> Path:
    """Fetch a model into the hub's cache; what an earlier try brought is not fetched again.

    Only the configuration, the feature extractor's and the weights (safetensors) are fetched: no code, and no pickle
    but known ones. Every file is compared with the hash that the hub gives for it.

    Parameters
    ----------
    model_id : str
        ``owner/name``.
    revision : str or None
        Branch, tag or full commit hash; by default ``maest_revision`` for MAEST where it is set, else ``main``.
    maest_revision : str
        Commit of MAEST whose pickled weights may be used; empty for none.
    on_progress : callable
        Told after every piece that arrived, in the calling thread.
    cancel : threading.Event or None
        Stops the download when it is set; what came is kept.

    Returns
    -------
    Path
        The snapshot folder.

    Raises
    ------
    HubUnreachableError, ModelNotFoundError, ModelForbiddenError, UnsuitableModelError, DownloadInterruptedError
    DamagedDownloadError, ModelStorageError, DownloadBusyError
        As they say; all are `ModelUnavailableError`.
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
    watch = Watch(on_progress, cancel or threading.Event())
    hub, listing = _ask(model_id, revision, watch.cancel)
    model = CachedModel.of(model_id)
    with in_sentences(model_id, is_under_way=True), _held(model):
        weights = pick_weights(model_id, listing.commit, listing.files, maest_revision=maest_revision)
        folder = _fetch_all(Transfer(hub, model, listing.commit, watch), listing, weights)
        model.remember(revision, listing.commit)
    return folder


def _ask(model_id: str, revision: str, cancel: threading.Event) -> tuple[Hub, Listing]:
    """Ask the hub what there is to fetch."""

    def question() -> tuple[Hub, Listing]:
        hub = Hub.of_environment()
        return hub, hub.list_files(model_id, revision)

    with in_sentences(model_id, is_under_way=False):
        return answered(question, cancel)


@contextlib.contextmanager
def _held(model: CachedModel) -> Iterator[None]:
    """Keep other downloads of the model out, in this process and in others."""
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
    path = transfer.bring(config)
    if not is_audio_classifier(_parsed_config(path, model_id)):
        raise UnsuitableModelError(f"{model_id} is no model that sorts sounds into classes: choose another one.")
    transfer.bring(extractor)
    if weights.name == INDEX:
        path = transfer.bring(weights)
        files = [_file(listing, model_id, name) for name in _parsed_index(path, model_id)]
    else:
        files = [weights]
    _make_sure_of_room(transfer, files)
    transfer.watch.total_bytes = transfer.watch.done_bytes + sum(file.n_bytes for file in files)
    for file in files:
        transfer.bring(file)
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


def _make_sure_of_room(transfer: Transfer, files: Iterable[RemoteFile]) -> None:
    """Say early that the disk is too full."""
    folder = transfer.model.folder
    missing = (file for file in files if not transfer.model.blob(file.digest).is_file())
    n_bytes = sum(file.n_bytes - transfer.model.n_partial_bytes(file.digest) for file in missing)
    n_free = shutil.disk_usage(folder).free
    if n_bytes > n_free:
        raise ModelStorageError(
            f"There is no room for {transfer.model.model_id}: it needs {n_bytes / _MB:.0f} MB, and {folder} has "
            f"{n_free / _MB:.0f} MB. Make room, or set HF_HOME to another folder."
        )

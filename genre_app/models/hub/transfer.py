"""Download one file, resuming an earlier download, and verify it."""

import contextlib
import hashlib
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from genre_app.errors import CancelledError, DamagedDownloadError, DownloadInterruptedError
from genre_app.models.hub.cache import CachedModel
from genre_app.models.hub.remote import Hub, RemoteFile, wait_for


@dataclass(frozen=True, slots=True)
class DownloadProgress:
    """Progress of a download.

    Attributes
    ----------
    done_bytes : int
        Bytes on this machine, including those of earlier downloads.
    total_bytes : int or None
        Bytes of all files; None while unknown.
    """

    done_bytes: int
    total_bytes: int | None


@dataclass(slots=True)
class ProgressTracker:
    """Counts the bytes of a download, reports them, and raises an error when the caller cancels.

    Attributes
    ----------
    on_progress : callable
        Called after each chunk.
    cancel : threading.Event
        Set by the caller to cancel.
    done_bytes, total_bytes : int
        As in `DownloadProgress`.
    """

    on_progress: Callable[[DownloadProgress], None]
    cancel: threading.Event
    done_bytes: int = 0
    total_bytes: int | None = None

    def add(self, n_bytes: int) -> None:
        """Add to the count of bytes on this machine.

        Raises
        ------
        CancelledError
            The caller cancelled.
        """
        if self.cancel.is_set():
            raise CancelledError("The download was cancelled.")
        self.done_bytes += n_bytes
        self.on_progress(DownloadProgress(self.done_bytes, self.total_bytes))


@dataclass(frozen=True, slots=True)
class Transfer:
    """Downloads files of one commit of a model into the cache.

    Attributes
    ----------
    hub : Hub
        Source.
    model : CachedModel
        Destination.
    commit : str
        Full commit hash.
    tracker : ProgressTracker
        Counts the bytes.
    """

    hub: Hub
    model: CachedModel
    commit: str
    tracker: ProgressTracker

    def fetch(self, file: RemoteFile) -> Path:
        """Download a file unless it is in the cache, and return its path in the snapshot.

        Raises
        ------
        DamagedDownloadError
            The content does not match the hub's hash; nothing is kept.
        DownloadInterruptedError
            The response ended early; the bytes so far are kept.
        CancelledError
            The caller cancelled; the bytes so far are kept.
        """
        blob = self.model.blob(file.digest)
        if _size(blob) == file.n_bytes:
            self.tracker.add(file.n_bytes)
        else:
            partial = self.model.partial(file.digest)
            partial.parent.mkdir(parents=True, exist_ok=True)
            self._fill(partial, file)
            self._check(partial, file)
            partial.replace(blob)
        self.model.link(file.digest, self.commit, file.name)
        return self.model.snapshot(self.commit) / file.name

    def _fill(self, partial: Path, file: RemoteFile) -> None:
        """Download the missing bytes of a file."""
        n_bytes = self.model.n_partial_bytes(file.digest)
        if n_bytes >= file.n_bytes:
            self.tracker.add(file.n_bytes)
            return
        opened = self.hub.opened(self.model.model_id, self.commit, file.name, n_bytes)
        with contextlib.ExitStack() as stack:
            response = wait_for(
                lambda: stack.enter_context(opened), self.tracker.cancel, discard=lambda late: late.close()
            )
            n_bytes = n_bytes if response.status_code == 206 else 0
            with partial.open("ab" if n_bytes else "wb") as sink:
                self.tracker.add(n_bytes)
                for chunk in response.iter_bytes():
                    sink.write(chunk)
                    n_bytes += len(chunk)
                    self.tracker.add(len(chunk))
                    if n_bytes > file.n_bytes:
                        break
        if n_bytes < file.n_bytes:
            raise DownloadInterruptedError(
                f"The download of {self.model.model_id} broke off: try again, and it goes on from where it stopped."
            )

    def _check(self, partial: Path, file: RemoteFile) -> None:
        """Compare the file with the hub's size and hash, and remove it if they differ."""
        if _size(partial) == file.n_bytes and _digest(partial, file) == file.digest:
            return
        partial.unlink()
        raise DamagedDownloadError(
            f"The file {file.name} of {self.model.model_id} arrived damaged and was removed: try again, on another "
            "network if it happens twice."
        )


def _size(path: Path) -> int | None:
    return path.stat().st_size if path.is_file() else None


def _digest(path: Path, file: RemoteFile) -> str:
    """Hash a file as the hub does: SHA-256 of a large file, git blob hash of a small one."""
    if file.is_large:
        with path.open("rb") as source:
            return hashlib.file_digest(source, "sha256").hexdigest()
    content = path.read_bytes()
    return hashlib.sha1(b"blob %d\0" % len(content) + content, usedforsecurity=False).hexdigest()

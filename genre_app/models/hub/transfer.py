"""Fetching one file: from where an earlier try stopped, and only if it is what the hub announced."""

import contextlib
import hashlib
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from genre_app.errors import CancelledError, DamagedDownloadError, DownloadInterruptedError
from genre_app.models.hub.cache import CachedModel
from genre_app.models.hub.remote import Hub, RemoteFile, answered


@dataclass(frozen=True, slots=True)
class DownloadProgress:
    """How far a download is.

    Attributes
    ----------
    done_bytes : int
        What is here, including what an earlier try brought.
    total_bytes : int or None
        What the model needs altogether; None while that is not known.
    """

    done_bytes: int
    total_bytes: int | None


@dataclass(slots=True)
class Watch:
    """Counts the bytes of a download, tells a listener, and stops when the caller wants.

    Attributes
    ----------
    tell : callable
        Called after each piece that arrived.
    cancel : threading.Event
        Set by the caller to stop.
    done_bytes, total_bytes : int
        As in `DownloadProgress`.
    """

    tell: Callable[[DownloadProgress], None]
    cancel: threading.Event
    done_bytes: int = 0
    total_bytes: int | None = None

    def move(self, n_bytes: int) -> None:
        """Count bytes that are here now.

        Raises
        ------
        CancelledError
            The caller cancelled.
        """
        if self.cancel.is_set():
            raise CancelledError("The download was cancelled.")
        self.done_bytes += n_bytes
        self.tell(DownloadProgress(self.done_bytes, self.total_bytes))


@dataclass(frozen=True, slots=True)
class Transfer:
    """Brings files of one commit of a model into the cache.

    Attributes
    ----------
    hub : Hub
        Where they come from.
    model : CachedModel
        Where they go.
    commit : str
        Full commit hash.
    watch : Watch
        Who is told.
    """

    hub: Hub
    model: CachedModel
    commit: str
    watch: Watch

    def bring(self, file: RemoteFile) -> Path:
        """Make a file of the repository appear in the snapshot, and return its path there.

        Raises
        ------
        DamagedDownloadError
            Its content is not what the hub announced; nothing of it is kept.
        DownloadInterruptedError
            It ended too early; what came is kept.
        CancelledError
            The caller cancelled; what came is kept.
        """
        blob = self.model.blob(file.digest)
        if _size(blob) == file.n_bytes:
            self.watch.move(file.n_bytes)
        else:
            partial = self.model.partial(file.digest)
            partial.parent.mkdir(parents=True, exist_ok=True)
            self._fill(partial, file)
            self._check(partial, file)
            partial.replace(blob)
        self.model.publish(file.digest, self.commit, file.name)
        return self.model.snapshot(self.commit) / file.name

    def _fill(self, partial: Path, file: RemoteFile) -> None:
        """Add what is missing to a file that is partly here."""
        n_here = self.model.n_partial_bytes(file.digest)
        if n_here >= file.n_bytes:
            self.watch.move(file.n_bytes)
            return
        opened = self.hub.opened(self.model.model_id, self.commit, file.name, n_here)
        with contextlib.ExitStack() as stack:
            response = answered(
                lambda: stack.enter_context(opened), self.watch.cancel, discard=lambda late: late.close()
            )
            n_here = n_here if response.status_code == 206 else 0
            with partial.open("ab" if n_here else "wb") as sink:
                self.watch.move(n_here)
                for chunk in response.iter_bytes():
                    sink.write(chunk)
                    n_here += len(chunk)
                    self.watch.move(len(chunk))
                    if n_here > file.n_bytes:
                        break
        if n_here < file.n_bytes:
            raise DownloadInterruptedError(
                f"The download of {self.model.model_id} broke off: try again, and it goes on from where it stopped."
            )

    def _check(self, partial: Path, file: RemoteFile) -> None:
        """Compare the file with the hash that the hub gave, and remove it where they differ."""
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
    """Hash a file as the hub does: SHA-256 if it is large, else as git hashes a blob."""
    if file.is_large:
        with path.open("rb") as source:
            return hashlib.file_digest(source, "sha256").hexdigest()
    content = path.read_bytes()
    return hashlib.sha1(b"blob %d\0" % len(content) + content, usedforsecurity=False).hexdigest()

"""Track logits and short texts on disk, without pickle."""

import contextlib
import hashlib
import io
import json
import logging
import os
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Final, TypeVar

import diskcache
import numpy as np
from numpy.typing import NDArray

from genre_app.results.track_logits import TrackLogits

T = TypeVar("T")

_log = logging.getLogger(__name__)

_DIGEST_BYTES: Final = 16
#: A database that is damaged again and again lies on a disk that is.
_MOST_REPAIRS: Final = 3
#: SQLite's names for a file that is no database, or is damaged.
_DAMAGE: Final = ("SQLITE_NOTADB", "SQLITE_CORRUPT")
#: What diskcache raises at settings in the database that it does not know.
_PLANTED: Final = (AttributeError, LookupError, TypeError, ValueError)
#: Where diskcache puts values that are too large for the database.
_VALUES: Final = "[0-9a-f][0-9a-f]/[0-9a-f][0-9a-f]/*.val"
#: Arrays that a model may leave out.
_OPTIONAL: Final = (
    *("music_logits", "tag_logits", "style_logits", "sound_logits"),
    *("levels_dbfs", "measures", "peaks", "embedding"),
)


class PickleRefusedError(ValueError):
    """The cache's database asks for a pickle to be read or written."""


class BytesDisk(diskcache.Disk):  # type: ignore[misc] # diskcache carries no types
    """A diskcache disk that stores strings and bytes as they are and refuses to pickle or unpickle anything.

    The library's own disks unpickle what a row of the database says is a pickle, even ``JSONDisk`` (CVE-2025-69872):
    write access to the directory would be enough to run code.
    """

    def put(self, key: object) -> tuple[object, bool]:
        """Accept text keys only."""
        if type(key) is not str:
            raise PickleRefusedError("cache keys are strings")
        return key, True

    def get(self, key: object, raw: bool) -> object:  # noqa: FBT001 - the library's signature
        """Return a text key; refuse a pickled one."""
        if not raw or type(key) is not str:
            raise PickleRefusedError("the cache's database holds a pickled key")
        return key

    def store(self, value: object, read: bool, key: object = diskcache.UNKNOWN) -> Any:  # noqa: FBT001 - the library's signature
        """Accept bytes only."""
        if type(value) is not bytes or read:
            raise PickleRefusedError("cache values are bytes")
        return super().store(value, read, key=key)

    def fetch(self, mode: int, filename: str | None, value: object, read: bool) -> Any:  # noqa: FBT001 - the library's signature
        """Return bytes; refuse every other mode, and files outside the cache's directory."""
        if mode not in {diskcache.core.MODE_RAW, diskcache.core.MODE_BINARY} or read:
            raise PickleRefusedError("the cache's database holds something else than bytes")
        if filename is not None and not self._is_inside(filename):
            raise PickleRefusedError("the cache's database points outside its directory")
        return super().fetch(mode, filename, value, read)

    def remove(self, file_path: str) -> None:
        """Remove a value's file; leave alone what lies outside the cache's directory."""
        if self._is_inside(file_path):
            super().remove(file_path)

    def _is_inside(self, filename: str) -> bool:
        place = Path(self._directory).resolve()
        return place in (place / filename).resolve().parents


class ScoreCache:
    """Keeps track logits across restarts; never the reason why a track fails.

    Whatever goes wrong with the directory, its database or an entry is a warning in the log, once, and a miss; a
    damaged database is replaced by an empty one.

    Parameters
    ----------
    directory : Path
        Created with access for its owner only, which is also given to an empty one.
    size_mb : int
        What was used least recently is dropped beyond this.
    """

    def __init__(self, directory: Path, size_mb: int) -> None:
        self._directory = directory
        self._size_mb = size_mb
        self._warned = False
        self._n_repairs = 0
        self._lock = threading.Lock()
        self._store: diskcache.Cache | None = None
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="cache")
        try:
            directory.mkdir(mode=0o700, parents=True, exist_ok=True)
            # A folder that serves other things too, such as /tmp, keeps its mode.
            if not any(directory.iterdir()) or (directory / diskcache.core.DBNAME).exists():
                with contextlib.suppress(OSError):  # a network share, or another user's folder: it works all the same
                    directory.chmod(0o700)
            if not os.access(directory, os.W_OK):
                raise PermissionError(f"no permission to write to {directory}")
            self._store = self._ask(self._open)
        except Exception as error:  # noqa: BLE001 - a planted or damaged database raises anything
            self._repair(error, is_damaged=_is_damage(error) or isinstance(error, _PLANTED))

    def get(self, key: str) -> TrackLogits | None:
        """Return the track logits stored under a key, or None where there is none that can be trusted."""
        return self._read(key, decode)

    def put(self, key: str, track: TrackLogits) -> None:
        """Store track logits under a key."""
        self._write(key, lambda: encode(track))

    def get_text(self, key: str) -> str | None:
        """Return the text stored under a key, or None where there is none that can be trusted."""
        return self._read(key, lambda data: _unsealed(data).decode())

    def put_text(self, key: str, text: str) -> None:
        """Store a text under a key."""
        self._write(key, lambda: _sealed(text.encode()))

    def get_logits(self, key: str) -> NDArray[np.float32] | None:
        """Return the logits of one window stored under a key, shape (n_columns,), or None."""
        return self._read(key, lambda data: np.frombuffer(_unsealed(data), np.float32))

    def put_logits(self, key: str, logits: NDArray[np.float32]) -> None:
        """Store the logits of one window under a key."""
        self._write(key, lambda: _sealed(logits.astype(np.float32).tobytes()))

    def _read(self, key: str, decoded: Callable[[bytes], T]) -> T | None:
        if self._store is None:
            return None
        try:
            data = self._ask(self._store.get, key)
            return None if data is None else decoded(data)
        except Exception as error:  # noqa: BLE001 - a planted or damaged database raises anything
            self._repair(error, is_damaged=_is_damage(error))
            return None

    def _write(self, key: str, encoded: Callable[[], bytes]) -> None:
        if self._store is None:
            return
        try:
            self._ask(self._store.set, key, encoded())
        except Exception as error:  # noqa: BLE001 - a planted or damaged database raises anything
            self._repair(error, is_damaged=_is_damage(error))

    def close(self) -> None:
        """Close the database."""
        with self._lock:
            store, self._store = self._store, None
        if store is not None:
            self._ask(store.close)
        self._thread.shutdown()

    def _ask(self, work: Callable[..., Any], *arguments: object) -> Any:
        """Work on the database in the cache's own thread: diskcache opens it anew, three files, in each thread."""
        return self._thread.submit(work, *arguments).result()

    def _open(self) -> diskcache.Cache:
        aside = self._directory / diskcache.core.DBNAME
        if aside.is_dir():
            aside.rename(aside.with_name(f"{aside.name}.{time.time_ns()}.unusable"))
        return diskcache.Cache(
            str(self._directory),
            disk=BytesDisk,
            size_limit=self._size_mb * 2**20,
            eviction_policy="least-recently-used",
            timeout=5,
        )

    def _repair(self, error: Exception, *, is_damaged: bool) -> None:
        """Say what is wrong, once, and begin a new database in place of a damaged one."""
        self._warn(error)
        with self._lock:
            if not is_damaged or self._n_repairs >= _MOST_REPAIRS:
                return
            self._n_repairs += 1
            try:
                if self._store is not None:
                    self._ask(self._store.close)
                for file in _files_of_the_cache(self._directory):
                    file.unlink(missing_ok=True)
                self._store = self._ask(self._open)
            except Exception as second:  # noqa: BLE001 - then it stays as it is
                _log.warning("The cache in %s cannot be begun anew (%s).", self._directory, second)

    def _warn(self, error: Exception) -> None:
        if not self._warned:
            self._warned = True
            _log.warning("The cache in %s cannot be used as it should (%s); going on.", self._directory, error)


def _is_damage(error: Exception) -> bool:
    """Return whether the database is damaged, or something else; not whether it is locked, full or out of reach."""
    name = str(getattr(error, "sqlite_errorname", ""))
    return name.startswith(_DAMAGE) or (name == "SQLITE_ERROR" and str(error).startswith("no such"))


def _files_of_the_cache(directory: Path) -> list[Path]:
    """List the database and the values beside it."""
    database = [directory / f"{diskcache.core.DBNAME}{end}" for end in ("", "-wal", "-shm", "-journal")]
    return [*database, *directory.glob(_VALUES)]


def encode(track: TrackLogits) -> bytes:
    """Write track logits as a checksum followed by an npz archive."""
    facts = {
        "patch_seconds": track.patch_seconds,
        "duration_s": track.duration_s,
        "labels": track.labels,
        "model_name": track.model_name,
        "weights_revision": track.weights_revision,
        "source_sample_rate_hz": track.source_sample_rate_hz,
        "warnings": track.warnings,
        "activation": track.activation,
        "tags": track.tags,
        "styles": track.styles,
        "sounds": track.sounds,
    }
    archive = io.BytesIO()
    arrays: dict[str, NDArray[Any]] = {
        "logits": track.logits,
        "starts_s": track.starts_s,
        "facts": np.array(json.dumps(facts)),
    }
    arrays |= {name: array for name in _OPTIONAL if (array := getattr(track, name)) is not None}
    np.savez_compressed(archive, **arrays)  # type: ignore[arg-type] # numpy types its own keyword arguments too
    return _sealed(archive.getvalue())


def decode(data: bytes) -> TrackLogits:
    """Read what `encode` wrote.

    Raises
    ------
    ValueError
        The bytes are damaged or not ours.
    """
    with np.load(io.BytesIO(_unsealed(data)), allow_pickle=False) as archive:
        facts = json.loads(str(archive["facts"]))
        return TrackLogits(
            logits=archive["logits"],
            starts_s=archive["starts_s"],
            patch_seconds=facts["patch_seconds"],
            duration_s=facts["duration_s"],
            labels=tuple(facts["labels"]),
            model_name=facts["model_name"],
            weights_revision=facts["weights_revision"],
            source_sample_rate_hz=facts["source_sample_rate_hz"],
            warnings=tuple(facts["warnings"]),
            activation=facts["activation"],
            tags=tuple(facts["tags"]),
            styles=tuple(facts["styles"]),
            sounds=tuple(facts["sounds"]),
            **{name: archive.get(name) for name in _OPTIONAL},
        )


def _digest(body: bytes) -> bytes:
    return hashlib.blake2b(body, digest_size=_DIGEST_BYTES).digest()


def _sealed(body: bytes) -> bytes:
    """Put a checksum before an entry."""
    return _digest(body) + body


def _unsealed(data: bytes) -> bytes:
    """Return an entry without its checksum; a wrong one is a ValueError."""
    body = data[_DIGEST_BYTES:]
    if data[:_DIGEST_BYTES] != _digest(body):
        raise ValueError("an entry of the cache is damaged")
    return body

"""The hub's cache on this machine.

The layout is that of huggingface_hub ("Understand caching" in its documentation): ``models--owner--name/`` holds
``blobs`` (files by hash), ``snapshots/<commit>`` (links to blobs by file name) and ``refs`` (commits of branches).
"""

import json
import os
import re
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from genre_app.models.hub.files import (
    CONFIG,
    EXTRACTOR,
    INDEX,
    is_audio_classifier,
    pick_weights,
    pickled_revision,
    shards,
)

MAIN: Final = "main"
_COMMIT: Final = re.compile(r"[0-9a-f]{40}")
_MODEL_ID: Final = re.compile(r"(?:\w[\w.-]*/)?\w[\w.-]*")
_REVISION: Final = re.compile(r"\w[\w./-]*")


def is_commit(revision: str) -> bool:
    """Return whether a revision is a full commit hash, whose files never change, and not a branch or tag."""
    return _COMMIT.fullmatch(revision) is not None


def is_model_id(name: str) -> bool:
    """Return whether a name has the form ``owner/name``, or that of one of the few models without an owner."""
    return _MODEL_ID.fullmatch(name) is not None and ".." not in name and "--" not in name


def is_revision(name: str) -> bool:
    """Return whether a name can be that of a branch, tag or commit."""
    return _REVISION.fullmatch(name) is not None and ".." not in name


def cache_dir() -> Path:
    """Return the hub's cache folder, from the environment variables that huggingface_hub reads."""
    home = os.environ.get("HF_HOME") or str(Path(os.environ.get("XDG_CACHE_HOME") or "~/.cache") / "huggingface")
    folder = os.environ.get("HF_HUB_CACHE") or os.environ.get("HUGGINGFACE_HUB_CACHE") or str(Path(home) / "hub")
    return Path(os.path.expandvars(folder)).expanduser()


@dataclass(frozen=True, slots=True)
class CachedModel:
    """The paths of one model in the cache; they need not exist.

    Attributes
    ----------
    model_id : str
        ``owner/name``.
    folder : Path
        The model's folder.
    """

    model_id: str
    folder: Path

    @classmethod
    def of(cls, model_id: str) -> "CachedModel":
        """Return the paths of a model; the name must satisfy `is_model_id`."""
        return cls(model_id, cache_dir() / f"models--{model_id.replace('/', '--')}")

    def blob(self, digest: str) -> Path:
        """Return the path of a file with this hash."""
        return self.folder / "blobs" / digest

    def partial(self, digest: str) -> Path:
        """Return the path of a file with this hash during its download."""
        return self.folder / "blobs" / f"{digest}.genre-app.incomplete"

    def n_partial_bytes(self, digest: str) -> int:
        """Return the number of bytes of a file that an interrupted download left."""
        partial = self.partial(digest)
        return partial.stat().st_size if partial.is_file() else 0

    def lock(self) -> Path:
        """Return the path of the lock that a download of this model holds."""
        return self.folder.parent / ".locks" / self.folder.name / "genre-app.lock"

    def snapshot(self, commit: str) -> Path:
        """Return the folder of a commit's files, by name."""
        return self.folder / "snapshots" / commit

    def commit_of(self, revision: str) -> str | None:
        """Return the commit of a branch or tag as of the last download, or None."""
        if is_commit(revision):
            return revision
        if not is_revision(revision):
            return None
        try:
            commit = (self.folder / "refs" / revision).read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError):
            return None
        return commit if is_commit(commit) else None

    def store_revision(self, revision: str, commit: str) -> None:
        """Store the commit of a branch or tag."""
        if revision == commit:
            return
        reference = self.folder / "refs" / revision
        reference.parent.mkdir(parents=True, exist_ok=True)
        draft = reference.with_name(f"{reference.name}.{os.getpid()}")
        draft.write_text(commit, encoding="utf-8")
        draft.replace(reference)

    def link(self, digest: str, commit: str, name: str) -> None:
        """Link a blob under its file name in the snapshot of a commit."""
        pointer = self.snapshot(commit) / name
        if pointer.is_file():
            return
        pointer.parent.mkdir(parents=True, exist_ok=True)
        pointer.unlink(missing_ok=True)  # a link to a removed blob
        try:
            pointer.symlink_to(os.path.relpath(self.blob(digest), pointer.parent))
        except OSError:  # Windows without developer mode, or a file system without links
            draft = pointer.with_name(f".{name}.{os.getpid()}")
            shutil.copyfile(self.blob(digest), draft)
            draft.replace(pointer)

    def complete_snapshot(self, commit: str, *, maest_revision: str) -> Path | None:
        """Return the snapshot folder of a commit if it holds all files that the model needs."""
        folder = self.snapshot(commit)
        try:
            present = {file.name for file in folder.iterdir() if file.is_file()}
            weights = pick_weights(self.model_id, commit, present, maest_revision=maest_revision)
            if weights is None or not {CONFIG, EXTRACTOR} <= present:
                return None
            if weights == INDEX and not set(shards((folder / INDEX).read_text(encoding="utf-8"))) <= present:
                return None
        except (OSError, ValueError):
            return None
        return folder


def find_local(model_id: str, revision: str | None = None, *, maest_revision: str = "") -> Path | None:
    """Find a model on this machine, without using the network.

    Parameters
    ----------
    model_id : str
        ``owner/name``.
    revision : str or None
        Branch, tag or full commit hash; by default ``maest_revision`` for MAEST where it is set, else ``main``.
    maest_revision : str
        Commit of MAEST whose pickled weights may be used; empty for none.

    Returns
    -------
    Path or None
        The snapshot folder if it holds all files that the model needs; None after an interrupted download.
    """
    if not is_model_id(model_id):
        return None
    model = CachedModel.of(model_id)
    commit = model.commit_of(revision or pickled_revision(model_id, maest_revision) or MAIN)
    return model.complete_snapshot(commit, maest_revision=maest_revision) if commit else None


def find_all_local(*, maest_revision: str = "") -> tuple[str, ...]:
    """List the audio classifiers on this machine that `find_local` finds, in alphabetical order."""
    prefix = "models--"
    names = [folder.name.removeprefix(prefix).replace("--", "/") for folder in cache_dir().glob(f"{prefix}*")]
    return tuple(
        sorted(name for name in names if _is_audio_classifier_in(find_local(name, maest_revision=maest_revision)))
    )


def _is_audio_classifier_in(folder: Path | None) -> bool:
    if folder is None:
        return False
    try:
        config = json.loads((folder / CONFIG).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    return isinstance(config, dict) and is_audio_classifier(config)

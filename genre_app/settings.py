"""Settings of an installation, each overridden by an environment variable ``GENRE_<NAME>``."""

import os
from pathlib import Path
from typing import Annotated, Literal

import platformdirs
from pydantic import Field, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

DeviceName = Literal["auto", "cpu", "cuda"]
Precision = Literal["auto", "float32", "bfloat16"]


def _default_cache_dir() -> Path:
    return Path(platformdirs.user_cache_dir("genre-app", appauthor=False))


def _available_cores() -> int:
    """Count the cores that this process may use; in a container they are fewer than the machine's."""
    affinity = getattr(os, "sched_getaffinity", None)
    return len(affinity(0)) if affinity else os.cpu_count() or 1


class Settings(BaseSettings):
    """Options of a deployment.

    Attributes
    ----------
    model : str
        Name of the model, or ``auto``.
    device : str
        ``auto`` uses CUDA where it is available.
    precision : str
        Number type of the network's products on a CPU. ``auto`` is ``bfloat16`` where the processor has matrix tiles
        for it, which is twice as fast; on held-out clips the answers are the same (``noise_on_tag_logits`` in
        ``weights/musicnn_head.metrics.json``).
    threads : int
        Threads for the network on a CPU; by default one for each core that the process may use.
    decoders : int or "auto"
        Worker processes that decode tracks; 0 decodes in the app's own threads. ``auto`` takes as many as pay: one for
        each core beside a GPU, one for every second core where the network runs on them, and none for less than two.
    tracks_at_once : int
        Tracks that are analysed at the same time; others wait in line. By default two for each thread, 4 to 32.
    max_minutes : float
        Longest track to accept.
    max_file_mb : int
        Largest upload that the page accepts, in megabytes.
    max_visit_mb : int
        Megabytes of uploads that one visit may hold at a time.
    max_uploads_mb : int
        Megabytes of uploads that all visits may hold together.
    cache_dir : Path
        Folder of the cached scores; by default in the user's cache folder.
    cache_mb : int
        Size limit of the cache in megabytes; 0 disables it.
    allow_downloads : bool
        Whether models may be downloaded from Hugging Face; where not, the app connects to nothing outside at all.
    login : str
        ``name:password`` for the page; empty for none.
    vocabulary : Path or None
        TOML file that says what genres, styles and moods are called (``docs/vocabulary.md``).
    maest_revision : str
        Commit of MAEST whose pickled weights may be used, where its repository has no others; empty for none.
    """

    model_config = SettingsConfigDict(env_prefix="GENRE_", frozen=True, env_ignore_empty=True)

    model: str = "auto"
    device: DeviceName = "auto"
    precision: Precision = "auto"
    threads: int = Field(default_factory=_available_cores, ge=1)
    decoders: Annotated[int, Field(ge=0)] | Literal["auto"] = "auto"
    tracks_at_once: int = Field(default_factory=lambda given: min(32, max(4, 2 * given["threads"])), ge=1)
    max_minutes: float = Field(default=120.0, gt=0)
    max_file_mb: int = Field(default=500, ge=1)
    max_visit_mb: int = Field(default=5000, ge=1)
    max_uploads_mb: int = Field(default=50_000, ge=1)
    cache_dir: Path = Field(default_factory=_default_cache_dir)
    cache_mb: int = Field(default=256, ge=0)
    allow_downloads: bool = True
    login: str = Field(default="", pattern=r"^([^:]+:.+)?$", repr=False)
    vocabulary: Path | None = None
    maest_revision: str = Field(default="", pattern=r"^([0-9a-f]{40})?$")

    @property
    def credentials(self) -> tuple[str, str] | None:
        """Name and password of the login; the password may hold colons."""
        name, _, password = self.login.partition(":")
        return (name, password) if self.login else None


def wrong_setting(error: ValidationError) -> str:
    """Describe the first invalid setting in a sentence that names its environment variable, without secrets."""
    first = error.errors()[0]
    name = str(first["loc"][0])
    variable = f"The environment variable GENRE_{name.upper()}"
    if name == "login":
        return f"{variable} must be a name and a password with a colon between them, such as ana:secret."
    message = f"{first['msg'][:1].lower()}{first['msg'][1:]}"
    return f"{variable} cannot be {first['input']!r}: {message}."

"""What a run over a collection is asked to do."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from genre_app.results.schema import SliceOptions
from genre_app.settings import Settings

Tagging = Literal["none", "preview", "copies"]


@dataclass(frozen=True, slots=True)
class Destination:
    """Where the results go.

    Attributes
    ----------
    folder : Path or None
        The output folder, which exists; None prints results.
    formats : tuple of str
        Formats of the reports in the folder.
    tagging : {"none", "preview", "copies"}
        Whether tags are written into copies, or only shown.
    is_resumed : bool
        Whether what a run before finished in the folder is kept.
    """

    folder: Path | None = None
    formats: tuple[str, ...] = ("json",)
    tagging: Tagging = "none"
    is_resumed: bool = False


@dataclass(frozen=True, slots=True)
class RunOptions:
    """A run over files and folders.

    Attributes
    ----------
    paths : tuple of Path
        Files and folders.
    slicing : SliceOptions
        Windows and top-k.
    settings : Settings
        Model and device.
    destination : Destination
        Where the results go.
    with_facts : bool
        Whether tempo, key and chords are found as well.
    with_moods : bool
        Whether moods and instruments are found as well.
    n_workers : int
        Tracks that are worked on at a time.
    is_quiet : bool
        Whether only errors are said.
    resume_command : str
        What to type to go on after an interruption.
    """

    paths: tuple[Path, ...]
    slicing: SliceOptions
    settings: Settings
    destination: Destination
    with_facts: bool
    with_moods: bool
    n_workers: int
    is_quiet: bool
    resume_command: str

"""Options of a run over a collection."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from genre_app.collection.tagging.fields import TagOptions
from genre_app.results.schema import SliceOptions
from genre_app.settings import Settings

Tagging = Literal["none", "copies", "in_place"]


@dataclass(frozen=True, slots=True)
class Destination:
    """The destination of the results.

    Attributes
    ----------
    folder : Path or None
        An existing output folder; None prints the results.
    formats : tuple of str
        Report formats.
    tagging : {"none", "copies", "in_place"}
        Whether tags are written to copies or to the tracks themselves.
    is_preview : bool
        Whether it is only printed what would be written.
    tags : TagOptions
        Which tags, and what becomes of those that are there.
    is_resumed : bool
        Whether tracks that an earlier run finished are skipped.
    is_restarted : bool
        Whether they are done again, even if that run did not come to its end.
    is_json_wanted : bool
        Whether results are printed as JSON even in a terminal.
    with_playlists : bool
        Whether playlists are written.
    """

    folder: Path | None = None
    formats: tuple[str, ...] = ("json",)
    tagging: Tagging = "none"
    is_preview: bool = False
    tags: TagOptions = field(default_factory=TagOptions)
    is_resumed: bool = False
    is_restarted: bool = False
    is_json_wanted: bool = False
    with_playlists: bool = False

    @property
    def output_folder(self) -> Path | None:
        """The folder that something is written to; None where the run only prints."""
        return None if self.is_preview else self.folder


@dataclass(frozen=True, slots=True)
class RunOptions:
    """The options of a run.

    Attributes
    ----------
    paths : tuple of Path
        Files and folders.
    slicing : SliceOptions
        Windows and top-k.
    settings : Settings
        Model and device.
    destination : Destination
        Destination of the results.
    with_facts : bool
        Whether tempo, key and chords are found as well.
    with_moods : bool
        Whether moods and instruments are found as well.
    n_workers : int
        Tracks that are analysed at the same time.
    is_quiet : bool
        Whether only errors are printed.
    is_watching : bool
        Whether the run goes on with what is new or changed in its folders, until it is interrupted.
    resume_command : str
        Command line that resumes the run after an interruption.
    restart_command : str
        Command line that begins it anew.
    """

    paths: tuple[Path, ...]
    slicing: SliceOptions
    settings: Settings
    destination: Destination
    with_facts: bool
    with_moods: bool
    n_workers: int
    is_quiet: bool
    is_watching: bool
    resume_command: str
    restart_command: str

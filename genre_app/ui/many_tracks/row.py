"""A row of the list of many tracks."""

from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from typing import Literal

from genre_app.collection.record import TrackRecord
from genre_app.results.build import TrackAnalysis
from genre_app.results.leaders import Stretch
from genre_app.results.progress import Progress

State = Literal["waiting", "scoring", "done", "failed", "cancelled"]


@dataclass(frozen=True, slots=True)
class Row:
    """A track of the list and its state.

    Attributes
    ----------
    key, name : str
        As in `Announced`.
    model : str
        Name of the model.
    state : {"waiting", "scoring", "done", "failed", "cancelled"}
        The last three are final.
    path : Path or None
        The file, once it has arrived.
    progress : Progress or None
        While it is being scored.
    scored : TrackAnalysis or None
        Of a track that is done.
    record : TrackRecord or None
        Of a track that is done or failed.
    genres : tuple of str
        What the verdict says that the track is, for its colours.
    course : tuple of Stretch
        What a track that is done is when; empty where the verdict names no genre.
    size_bytes : int
        As in `Announced`.
    """

    key: str
    name: str
    model: str
    state: State = "waiting"
    path: Path | None = None
    progress: Progress | None = None
    scored: TrackAnalysis | None = None
    record: TrackRecord | None = None
    genres: tuple[str, ...] = ()
    course: tuple[Stretch, ...] = ()
    size_bytes: int = 0

    @property
    def is_settled(self) -> bool:
        """Whether the state is final."""
        return self.state in {"done", "failed", "cancelled"}

    def failing(self, reason: str) -> "Row":
        """Return the row of a track that cannot be analysed, with the reason for its visitor."""
        return replace(self, state="failed", record=TrackRecord.failure(self.name, reason), progress=None)


def base_name(name: str) -> str:
    """Return a file's name without folders and lone surrogates."""
    whole = name.encode("utf-8", "replace").decode("utf-8")
    return PurePosixPath(whole.replace("\\", "/")).name or "track"

"""What the page of many tracks sends, as anybody may send it: read with care."""

import logging
from typing import Annotated, Final, TypeVar

import gradio as gr
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from genre_app.ui.many_tracks.skipped import MOST_NAMED, Named, Skipped

Sent = TypeVar("Sent", bound=BaseModel)

_log = logging.getLogger(__name__)

#: The longest list.
MAX_TRACKS: Final = 500
#: A file's name as a browser sends it.
FileName = Annotated[str, Field(max_length=1000)]


class Announced(BaseModel):
    """A file that the browser is about to send.

    Attributes
    ----------
    key : str
        The browser's unique key for it.
    name : str
        The file's name on the visitor's machine.
    size_bytes : int
        Zero or more.
    """

    model_config = ConfigDict(frozen=True)

    key: str = Field(pattern=r"^[0-9-]{1,40}$")
    name: FileName
    size_bytes: int = Field(ge=0)


class Announcement(BaseModel):
    """What the upload box sends ahead of the files.

    Attributes
    ----------
    files : list of Announced
        In the order of the list.
    n_left_out : int
        Files that the box has left out, as the list is full.
    skipped, unreadable : list of str
        Names of the first few files that are no recordings, and of what the browser cannot read.
    n_skipped, n_unreadable : int
        All of them.
    """

    files: list[Announced] = Field(max_length=MAX_TRACKS)
    n_left_out: int = Field(default=0, ge=0)
    skipped: list[FileName] = Field(default=[], max_length=MOST_NAMED)
    n_skipped: int = Field(default=0, ge=0)
    unreadable: list[FileName] = Field(default=[], max_length=MOST_NAMED)
    n_unreadable: int = Field(default=0, ge=0)

    @property
    def all_skipped(self) -> Skipped:
        """What of the dropped folders is not among the files."""
        return Skipped(Named.of(self.skipped, self.n_skipped), Named.of(self.unreadable, self.n_unreadable))


class RowOfPage(BaseModel):
    """What the upload box sends after a file, and the table at a click.

    Attributes
    ----------
    key : str
        Of the row.
    path : str or None
        The file, if it has come.
    """

    key: str
    path: str | None = None


def read(kind: type[Sent], event: gr.EventData) -> Sent | None:
    """Read what came with an event; None where the page cannot have sent it."""
    try:
        return kind.model_validate(event._data)
    except ValidationError:
        _log.warning("what came with an event of the list is malformed")
        return None

"""The map of a collection: what the overview's page draws, one dot a track."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from genre_app.collection.embedding_table import EmbeddingTable
from genre_app.collection.growing_layout import GrowingLayout
from genre_app.collection.record import TrackRecord
from genre_app.collection.summary import OTHER_ANSWERS
from genre_app.genres import GENRES, OTHER_COLOUR, colour_of, display_name

#: One or two dots show nothing.
_FEWEST: Final = 3
_N_LISTED: Final = 5
#: Steps of the grid that places are rounded to: finer than a pixel at the largest magnification.
_GRID: Final = 20_000


@dataclass(frozen=True, slots=True)
class SoundMap:
    """What the page draws; lists rather than objects, for a page may hold 20,000 tracks.

    Attributes
    ----------
    x, y : list of int
        Places, up to 20,000 either way.
    names : list of str
        The tracks' paths.
    answers : list of int
        Places in ``legend``.
    legend : list of (str, str)
        Each answer's name and colour: the genres, then what is none and has no colour (an empty one).
    links : list of int
        Places in ``endings``: a track's report is its path with that at its end.
    endings : list of str
        The first is empty, for a track without a report.
    neighbours : list of list of int
        The tracks that sound most alike, the most alike first; empty in very large collections.
    """

    x: list[int]
    y: list[int]
    names: list[str]
    answers: list[int]
    legend: list[tuple[str, str]]
    links: list[int]
    endings: list[str]
    neighbours: list[list[int]]


def sound_map(
    table: EmbeddingTable, records: Iterable[TrackRecord], layout: GrowingLayout | None = None
) -> SoundMap | None:
    """Draw the map of a collection; None where fewer than three of its tracks have an embedding.

    Parameters
    ----------
    table : EmbeddingTable
        The tracks that are on the map.
    records : iterable of TrackRecord
        All tracks.
    layout : GrowingLayout, optional
        Keeps what was on an earlier map of the collection in its place.
    """
    if len(table) < _FEWEST:
        return None
    shown = {record.track: (_answer(record), _ending(record)) for record in records}
    answers, endings = zip(*(shown[track] for track in table.tracks), strict=True)
    legend = [answer for answer in _LEGEND if answer in set(answers)]
    kinds = ["", *sorted({*endings} - {""})]
    laid_out = (layout or GrowingLayout()).update(table)
    places = (laid_out.fitted * _GRID).round().astype(int)
    return SoundMap(
        x=places[:, 0].tolist(),
        y=places[:, 1].tolist(),
        names=list(table.tracks),
        answers=[legend.index(answer) for answer in answers],
        legend=legend,
        links=[kinds.index(ending) for ending in endings],
        endings=kinds,
        neighbours=laid_out.neighbours[:, :_N_LISTED].tolist(),
    )


def _answer(record: TrackRecord) -> tuple[str, str]:
    if record.named:
        return (display_name(record.named), colour_of(record.named)) if record.named in GENRES else _OTHER
    return OTHER_ANSWERS[record.status], ""


#: An answer of a model with labels of its own.
_OTHER: Final = ("Something else", OTHER_COLOUR)
_LEGEND: Final = (
    *((display_name(genre), colour_of(genre)) for genre in GENRES),
    *((name, "") for name in OTHER_ANSWERS.values()),
    _OTHER,
)


def _ending(record: TrackRecord) -> str:
    """Return what leads from the track's path to its report, or nothing."""
    return (record.report or record.track).removeprefix(record.track)

"""The overview page of a collection: its genres and a table of its tracks."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import PurePosixPath
from urllib.parse import quote

from genre_app.collection.record import TrackRecord
from genre_app.collection.sound_map import SoundMap
from genre_app.collection.summary import OTHER_ANSWERS, genre_counts, status_count
from genre_app.formatting import clock, percent
from genre_app.genres import NEUTRAL_COLOUR, colour_of, display_name
from genre_app.report.templates import render


@dataclass(frozen=True, slots=True)
class _Bar:
    """The number of tracks with an answer, and the width of its bar in percent of the widest."""

    name: str
    count: int
    colour: str
    width: float


@dataclass(frozen=True, slots=True)
class _Row:
    """A row of the table."""

    record: TrackRecord
    answer: str
    colour: str
    confidence: str
    length: str
    styles: str
    remarks: str
    links: tuple[tuple[str, str], ...]


def to_overview(
    records: Sequence[TrackRecord],
    sound_map: SoundMap | None = None,
    copies: Sequence[Sequence[str]] = (),
) -> str:
    """Render the self-contained page; its links lead to the tracks' reports beside it.

    Parameters
    ----------
    records : sequence of TrackRecord
        All tracks.
    sound_map : SoundMap, optional
        Where they lie on the map.
    copies : sequence of sequence of str, optional
        Tracks that are the same recording, as `genre_app.collection.same_recording.same_recordings` finds them.

    Returns
    -------
    str
        HTML.
    """
    return render(
        "overview.html",
        n_tracks=len(records),
        length=clock(sum(record.duration_seconds or 0.0 for record in records)),
        bars=_bars(records),
        map=asdict(sound_map) if sound_map else None,
        copies=copies,
        rows=[_row(record) for record in records],
        has_tempo=any(record.tempo_bpm for record in records),
        has_key=any(record.key for record in records),
        has_styles=any(record.styles for record in records),
        failed=[record for record in records if record.status == "failed"],
    )


def _bars(records: Sequence[TrackRecord]) -> list[_Bar]:
    counts = [(display_name(genre), count, colour_of(genre)) for genre, count in genre_counts(records)]
    counts += [(name, status_count(records, status), NEUTRAL_COLOUR) for status, name in OTHER_ANSWERS.items()]
    widest = max((count for _, count, _ in counts), default=1) or 1
    return [_Bar(name, count, colour, round(100 * count / widest, 2)) for name, count, colour in counts if count]


def _row(record: TrackRecord) -> _Row:
    is_named = record.status == "confident" and record.genre is not None
    return _Row(
        record=record,
        answer=display_name(record.genre or "") if is_named else OTHER_ANSWERS[record.status],
        colour=colour_of(record.genre or "") if is_named else NEUTRAL_COLOUR,
        confidence=percent(record.confidence) if is_named and record.confidence is not None else "",
        length="" if record.duration_seconds is None else clock(record.duration_seconds),
        styles=", ".join(record.styles),
        remarks=" ".join([*([] if record.status == "confident" else [record.sentence]), *record.warnings]),
        links=tuple((_link_name(output), f"./{quote(output)}") for output in sorted(record.outputs, key=_rank)),
    )


def _rank(output: str) -> int:
    """Sort the HTML report first and keep the order of the others."""
    return 0 if output.endswith(".html") else 1


def _link_name(output: str) -> str:
    return "Tagged copy" if output.startswith("tagged/") else PurePosixPath(output).suffix[1:].upper()

"""The overview page of a collection: its genres and a table of its tracks."""

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, fields
from pathlib import PurePosixPath
from typing import Any, Final, Literal
from urllib.parse import quote

from markupsafe import Markup

from genre_app.collection.record import TrackRecord
from genre_app.collection.sound_map import SoundMap
from genre_app.collection.summary import OTHER_ANSWERS, Tally
from genre_app.collection.tagging.comparison import COMPARISONS
from genre_app.formatting import clock, percent
from genre_app.genres import NEUTRAL_COLOUR, colour_of, display_name
from genre_app.report.templates import render

#: How the page's script shows and sorts the cells of a column; a cell without a value is None.
#:
#: ==========  ================================================================
#: ``name``    text, the header of its row, and the address of its report, which may be empty
#: ``answer``  name of the answer and its colour; what the page filters by
#: ``number``  value and how it is shown; the largest come first
#: ``text``    text
#: ``note``    text that is not sorted by
#: ``links``   name and address of each file
#: ==========  ================================================================
Kind = Literal["name", "answer", "number", "text", "note", "links"]


#: Recordings in several files that are listed above the table, which names them all.
_MOST_COPIES: Final = 20


@dataclass(frozen=True, slots=True)
class _Column:
    """A column of the table; it is left out where no track has a value.

    In a narrow window those that lead are on a track's first line, and the others below.
    """

    title: str
    kind: Kind
    cell: Callable[[TrackRecord], Any]
    leads: bool = False


@dataclass(frozen=True, slots=True)
class _Bar:
    """The number of tracks with an answer, and the width of its bar in percent of the widest."""

    name: str
    count: int
    colour: str
    width: float


def to_overview(
    records: Iterable[TrackRecord], tally: Tally, sound_map: SoundMap | None = None, *, has_vocabulary: bool = False
) -> str:
    """Render the self-contained page; its links lead to the tracks' reports beside it.

    The rows are data in the page, of which its script draws one part at a time: it opens at once with many thousands.

    Parameters
    ----------
    records : iterable of TrackRecord
        All tracks.
    tally : Tally
        Their counts.
    sound_map : SoundMap, optional
        Where they lie on the map.
    has_vocabulary : bool
        Whether genres and styles are shown in the words of a vocabulary as well.

    Returns
    -------
    str
        HTML.
    """
    return render(
        "overview.html",
        n_tracks=tally.n_tracks,
        length=clock(tally.duration_s),
        bars=_bars(tally),
        has_unsure_labels=tally.has_unsure_labels,
        map={field.name: getattr(sound_map, field.name) for field in fields(sound_map)} if sound_map else None,
        copies=tally.copies[:_MOST_COPIES],
        n_copies=len(tally.copies),
        failures=tally.failures,
        n_failures_unlisted=tally.n_failures_unlisted,
        table=_table(records, _columns(has_vocabulary=has_vocabulary)),
    )


def _bars(tally: Tally) -> list[_Bar]:
    counts = [(display_name(label), count, colour_of(label)) for label, count in tally.label_counts]
    counts += [(OTHER_ANSWERS[status], count, NEUTRAL_COLOUR) for status, count in tally.other_counts]
    widest = max((count for _, count, _ in counts), default=1)
    return [_Bar(name, count, colour, round(100 * count / widest, 2)) for name, count, colour in counts]


def _table(records: Iterable[TrackRecord], columns: Sequence[_Column]) -> Markup:
    """Write columns and rows as JSON that can stand in a script element; rows are text as soon as they can be."""
    used: set[str] = set()
    rows = []
    for record in records:
        cells = [column.cell(record) or None for column in columns]
        used.update(column.title for column, cell in zip(columns, cells, strict=True) if cell)
        rows.append(_script_json(cells))
    heads = [
        {"title": column.title, "kind": column.kind, "leads": column.leads, "used": column.title in used}
        for column in columns
    ]
    text = f'{{"columns":{_script_json(heads)},"rows":[{",".join(rows)}]}}'
    return Markup(text)  # noqa: S704 - escaped below


def _script_json(value: object) -> str:
    """Write JSON without ``<``: neither ``</script>`` nor ``<!--`` has a meaning in it."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c")


def _name(record: TrackRecord) -> tuple[str, str]:
    return record.track, _address(record.report) if record.report else ""


def _answer(record: TrackRecord) -> tuple[str, str]:
    if record.named:
        return display_name(record.named), colour_of(record.named)
    return OTHER_ANSWERS.get(record.status, ""), NEUTRAL_COLOUR


def _score(record: TrackRecord) -> tuple[float, str] | None:
    if not record.named or record.confidence is None:
        return None
    return record.confidence, percent(record.confidence)


def _length(record: TrackRecord) -> tuple[float, str] | None:
    return None if record.duration_seconds is None else (record.duration_seconds, clock(record.duration_seconds))


def _tempo(record: TrackRecord) -> tuple[float, str] | None:
    return (record.tempo_bpm, f"{record.tempo_bpm:.0f}") if record.tempo_bpm else None


def _remarks(record: TrackRecord) -> str:
    is_said = record.named and record.label_kind != "tag"  # by name and score; of tags the sentence names several
    verdict = [] if is_said else [f"{record.sentence.removesuffix('.')}."]
    return " ".join([*verdict, *record.warnings])


def _links(record: TrackRecord) -> list[tuple[str, str]]:
    """Link the track's files, the HTML report first."""
    outputs = sorted(record.outputs, key=lambda output: not output.endswith(".html"))
    return [(_link_name(output), _address(output)) for output in outputs]


def _address(output: str) -> str:
    return f"./{quote(output)}"


def _link_name(output: str) -> str:
    return "Tagged copy" if output.startswith("tagged/") else PurePosixPath(output).suffix[1:].upper()


def _columns(*, has_vocabulary: bool) -> tuple[_Column, ...]:
    """List the columns; with a vocabulary, genres and styles are in its words, beside what is heard."""
    written = _Column("Written as", "text", lambda record: ", ".join(record.written_genres))
    return (
        _Column("Track", "name", _name, leads=True),
        _Column("Heard", "answer", _answer, leads=True),
        _Column("Score", "number", _score, leads=True),
        *([written] if has_vocabulary else []),
        _Column("In the file", "text", lambda record: ", ".join(record.file_genres)),
        _Column("Compared", "text", lambda record: COMPARISONS[record.comparison] if record.comparison else ""),
        _Column("Length", "number", _length, leads=True),
        _Column("Tempo", "number", _tempo),
        _Column("Key", "text", lambda record: record.key),
        _Column("Styles", "text", lambda record: ", ".join(record.written_styles if has_vocabulary else record.styles)),
        _Column("Same as", "text", lambda record: ", ".join(record.same_recording_as)),
        _Column("Remarks", "note", _remarks),
        _Column("Files", "links", _links),
    )

"""All results of a list in one ZIP: every report of each track, an overview, and a table."""

import zipfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path, PurePosixPath
from typing import Final

from genre_app.collection.embedding_table import EmbeddingTable
from genre_app.collection.output_folder import OVERVIEW_NAME, SUMMARY_NAME
from genre_app.collection.overview import to_overview
from genre_app.collection.places import name_outputs, portable
from genre_app.collection.record import TrackRecord
from genre_app.collection.same_recording import same_recordings
from genre_app.collection.sound_map import sound_map
from genre_app.collection.summary import Tally, to_csv
from genre_app.collection.tracks import Track
from genre_app.report import FORMATS, ReportWriter, temporary_beside, writer_of
from genre_app.report.html_report import HtmlWriter, charts_script
from genre_app.results.embedding import TrackEmbedding, embedding_of
from genre_app.ui.many_tracks.queue import OPTIONS
from genre_app.ui.many_tracks.row import Row
from genre_app.ui.shared.downloads import report_of

#: The charts' script, which the HTML reports share: in each it would be most of the file.
_SCRIPT_NAME: Final = "plotly.min.js"


def archive_path(rows: Sequence[Row], folder: Path) -> Path:
    """Name the ZIP after the number of results, such as ``genres-12-tracks.zip``."""
    n_done = sum(row.scored is not None for row in rows)
    return folder / f"genres-{n_done}-track{'' if n_done == 1 else 's'}.zip"


def write_archive(rows: Sequence[Row], path: Path, *, has_vocabulary: bool = False) -> Iterator[float]:
    """Write the reports of each track that is done, and an overview and a table that list failures too.

    Parameters
    ----------
    rows : sequence of Row
        The list; waiting and cancelled tracks are left out.
    path : Path
        Of the ZIP, which appears once it is whole; its folder is created where it is missing.
    has_vocabulary : bool
        Whether the overview shows what the vocabulary writes.

    Yields
    ------
    float
        Share of the tracks that are written, after each.
    """
    finished = [row for row in rows if row.record is not None]
    writers = _writers()
    # The key stands in for the path: a file that is on the list twice is two tracks. Nobody knows where it is unpacked.
    places = name_outputs(
        [Track(Path(row.key), PurePosixPath(portable(row.name))) for row in finished],
        [f".{name}" for name in writers],
        taken=[SUMMARY_NAME, OVERVIEW_NAME, _SCRIPT_NAME],
    )
    path.parent.mkdir(parents=True, exist_ok=True)  # the sweep removes what is long unused
    records: list[TrackRecord] = []
    by_model: dict[str, list[tuple[str, TrackEmbedding]]] = {}
    with (
        temporary_beside(path) as temporary,
        zipfile.ZipFile(temporary, "w", compression=zipfile.ZIP_DEFLATED) as archive,
    ):
        for row, track in zip(finished, places, strict=True):
            assert row.record is not None
            outputs = []
            if row.scored is not None:
                report = report_of(row.scored, OPTIONS)
                for name, writer in writers.items():
                    outputs.append(f"{track.place}.{name}")
                    archive.writestr(outputs[-1], writer.render(report))
                if embedding := embedding_of(row.scored.track):
                    by_model.setdefault(row.scored.model.revision, []).append((str(track.place), embedding))
            records.append(row.record.model_copy(update={"track": str(track.place), "outputs": tuple(outputs)}))
            yield len(records) / len(finished)
        archive.writestr(_SCRIPT_NAME, charts_script())
        for name, text in _of_all(records, by_model, has_vocabulary=has_vocabulary).items():
            archive.writestr(name, text)


def _of_all(
    records: Sequence[TrackRecord],
    by_model: Mapping[str, Sequence[tuple[str, TrackEmbedding]]],
    *,
    has_vocabulary: bool,
) -> dict[str, str]:
    """Render summary and overview; only the tracks of that model which scored most of them can be compared."""
    most: Sequence[tuple[str, TrackEmbedding]] = max(by_model.values(), key=len, default=())
    embeddings = EmbeddingTable.of(most)
    tally = Tally.of(records, same_recordings(embeddings))
    marked = list(tally.marked(records))
    by_name = sorted(marked, key=lambda record: record.track)  # as the overview says of itself
    overview = to_overview(by_name, tally, sound_map(embeddings, records), has_vocabulary=has_vocabulary)
    return {SUMMARY_NAME: to_csv(marked), OVERVIEW_NAME: overview}


def _writers() -> dict[str, ReportWriter]:
    """Create the writer of each format."""
    return {**{name: writer_of(name) for name in FORMATS}, "html": HtmlWriter(_SCRIPT_NAME)}

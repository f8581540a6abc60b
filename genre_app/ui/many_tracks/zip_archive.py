"""All results of a list in one ZIP: a JSON file for each track and a table."""

import zipfile
from collections.abc import Sequence
from pathlib import Path, PurePosixPath
from typing import Final

from genre_app.collection.summary import to_csv
from genre_app.collection.tracks import Track, name_outputs
from genre_app.report import temporary_beside, to_json
from genre_app.results.build import build_result
from genre_app.ui.many_tracks.queue import OPTIONS, Row

_SUMMARY_NAME: Final = "summary.csv"


def write_archive(rows: Sequence[Row], folder: Path) -> Path:
    """Write a JSON file for each track that is done, and a table that lists failures too.

    Parameters
    ----------
    rows : sequence of Row
        The list; waiting and cancelled tracks are left out.
    folder : Path
        Created where it is missing.

    Returns
    -------
    Path
        Named after the number of results, such as ``genres-12-tracks.zip``.
    """
    finished = [row for row in rows if row.record is not None]
    # The key stands in for the path: a file that is on the list twice is two tracks.
    places = name_outputs(
        [Track(Path(row.key), PurePosixPath(row.name)) for row in finished], [".json"], taken=[_SUMMARY_NAME]
    )
    n_done = sum(row.scored is not None for row in finished)
    folder.mkdir(exist_ok=True)
    path = folder / f"genres-{n_done}-track{'' if n_done == 1 else 's'}.zip"
    records = []
    with (
        temporary_beside(path) as temporary,
        zipfile.ZipFile(temporary, "w", compression=zipfile.ZIP_DEFLATED) as archive,
    ):
        for row, track in zip(finished, places, strict=True):
            assert row.record is not None
            outputs: tuple[str, ...] = ()
            if row.scored is not None:
                outputs = (f"{track.place}.json",)
                archive.writestr(outputs[0], to_json(build_result(row.scored, OPTIONS)) + "\n")
            records.append(row.record.model_copy(update={"track": str(track.place), "outputs": outputs}))
        archive.writestr(_SUMMARY_NAME, to_csv(records))
    return path

"""The manifest of an evaluation: a CSV that says what each recording is."""

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from genre_app.errors import GenreAppError
from genre_app.genres import canonical
from genre_app.report.csv_text import text_of_cell


class ManifestError(GenreAppError):
    """The manifest is unusable."""


@dataclass(frozen=True, slots=True)
class Example:
    """A recording and what is known of it.

    Attributes
    ----------
    path : Path
        The file.
    genre : str or None
        One of the model's labels; None where it is none of them, or not known.
    sound : str or None
        What a recording that is not music is of, in the manifest's word; None for music.
    styles : tuple of str
        Styles of the music, in the manifest's spelling.
    """

    path: Path
    genre: str | None = None
    sound: str | None = None
    styles: tuple[str, ...] = ()


def read_manifest(path: Path, labels: Sequence[str]) -> list[Example]:
    """Read a manifest.

    Parameters
    ----------
    path : Path
        The CSV file, with the columns ``path`` (relative to the manifest's folder, or absolute) and ``genre``, and
        optionally ``sound`` and ``styles`` (separated by ``;``).
    labels : sequence of str
        The model's labels; genres are matched in any spelling ("Hip-Hop", "hip hop").

    Raises
    ------
    ManifestError
        The file or a column is missing, there are no rows, a genre is none of the labels, or a row says nothing of its
        recording, or that it is music and something else.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file)
            rows = [(reader.line_num, row) for row in reader]
            columns = set(reader.fieldnames or ())
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise ManifestError(f"The manifest {path.name} cannot be read: {error}.") from error
    if not rows or not {"path", "genre"} <= columns:
        raise ManifestError(f"The manifest {path.name} needs a header with the columns path and genre, and rows.")
    return [_example(row, path, number, labels) for number, row in rows]


def _example(row: Mapping[str, str | None], manifest: Path, number: int, labels: Sequence[str]) -> Example:
    """Read one row, which ends in line `number`."""
    line = f"Line {number} of {manifest.name}"
    genre, sound = ((row.get(column) or "").strip() for column in ("genre", "sound"))
    styles = tuple(style.strip() for style in (row.get("styles") or "").split(";") if canonical(style))
    label = {canonical(label): label for label in labels}.get(canonical(genre))
    if not row["path"] or (label is None and (genre or not (sound or styles))):
        beside = "" if {"sound", "styles"}.isdisjoint(row) else " (or, in place of a genre, a sound or styles)"
        raise ManifestError(f"{line} needs a path and one of these genres: {', '.join(labels)}{beside}.")
    if sound and (genre or styles):
        raise ManifestError(f"{line} has a sound beside a genre or styles: a recording is music, or it is not.")
    return Example(manifest.parent / text_of_cell(row["path"]), label, sound or None, styles)

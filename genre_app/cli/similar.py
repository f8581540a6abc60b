"""The command ``genre similar``: the tracks of a folder that sound most like another one."""

import json
import os
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from genre_app.cli.common import PlainOption, settings_in_force
from genre_app.collection.embedding_file import EmbeddingModel
from genre_app.collection.journal import JOURNAL_NAME
from genre_app.collection.track_name import tracks_alike, tracks_called
from genre_app.errors import (
    CancelledError,
    DeviceUnavailableError,
    GenreAppError,
    ModelUnavailableError,
    NotComparableError,
)
from genre_app.formatting import clock, output_takes_unicode, printable

if TYPE_CHECKING:
    from genre_app.collection.library import Neighbours, SimilarTrack
    from genre_app.inference.classifier import GenreClassifier
    from genre_app.results.embedding import TrackEmbedding

COMMAND: Final = "similar"
_INTERRUPTED: Final = 130
_MOST_WORKERS: Final = 4
#: Copies of the track that are named.
_MOST_COPIES: Final = 3


@click.command(COMMAND, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.argument("track")
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("-n", "n_wanted", cls=PlainOption, type=click.IntRange(1), default=10, show_default=True, metavar="N",
              help="How many tracks to list.")  # fmt: skip
@click.option("--json", "is_json", is_flag=True, help="Print the list as JSON, for programs.")
@click.option("--model", metavar="NAME",
              help="The model that listens, for a folder of music; a run has its own.  [default: auto]")  # fmt: skip
@click.option("--device", type=click.Choice(["auto", "cpu", "cuda"]), help="Where the model runs.  [default: auto]")
def similar(*, track: str, folder: Path, n_wanted: int, is_json: bool, **settings: str | None) -> None:
    """List the tracks of FOLDER that sound most like TRACK.

    FOLDER is the output folder of an earlier run (--output-dir), or a folder of music, which is scored first; what is
    in the cache is not scored again. TRACK is an audio file, in the folder or not, or the name of a track in the run
    as its overview has it.

    A similarity of 100 is the same sound, 0 has nothing in common. Files that are the same recording are named; TRACK
    itself and copies of the very same sound are left out.

    Exit status: 0, 1 if TRACK cannot be analysed, 2 for wrong usage, 130 after Ctrl-C.
    """
    chosen = {name: value for name, value in settings.items() if value is not None}
    try:
        found = _search(track, folder, n_wanted, chosen)
    except CancelledError:
        sys.exit(_INTERRUPTED)
    except (DeviceUnavailableError, ModelUnavailableError) as error:
        raise click.UsageError(str(error)) from error
    except GenreAppError as error:
        click.echo(f"error: {printable(error.about(Path(track).name))}", err=True)
        sys.exit(1)
    click.echo(_as_json(track, found) if is_json else _as_table(track, found))


def _search(track: str, folder: Path, n: int, chosen: dict[str, Any]) -> "Neighbours":
    """Find the similar tracks; the model is loaded only where something has to be scored."""
    from genre_app.collection.library import most_similar, read_run, score_folder  # noqa: PLC0415 - takes seconds

    run = read_run(folder)
    path = Path(track)
    if not os.path.isfile(path):  # noqa: PTH113 - Path.is_file raises where a name is too long
        if run is None:
            raise click.UsageError(f"There is no file {printable(track)}.")
        table, records = run[0].table, run[0].records
        name = _asked_for(track, folder, tuple(records))
        if name not in table.tracks:
            raise NotComparableError(f"The track {name} cannot be compared. {records[name].sentence.rstrip('.')}.")
        return most_similar(run[0], table.row(table.tracks.index(name)), n, leave_out=name)
    if run is None and (folder / JOURNAL_NAME).exists():
        raise click.UsageError(
            f"The run in {folder} did not keep what its tracks sound like: do it again with --resume, and with a model "
            "that can say it, such as standard."
        )
    with _classifier({**chosen, "model": run[1].model} if run else chosen) as classifier:
        if run is None:
            query = _embedding(classifier, path)
            library = score_folder(folder, classifier, n_workers=min(classifier.settings.threads, _MOST_WORKERS))
            return most_similar(library, query, n, leave_out=_place_in(folder, path))
        if EmbeddingModel.of(classifier.model) != run[1]:
            raise click.UsageError(
                f"The run in {folder} was made by another release of the model {run[1].model}, which cannot be "
                "compared with this one: do it again with --resume."
            )
        found = most_similar(run[0], _embedding(classifier, path), n)
        return replace(found, copies=_without_itself(path, found.copies))


def _asked_for(track: str, folder: Path, tracks: Sequence[str]) -> str:
    """Return the one track of a run that is meant."""
    found = tracks_called(track, tracks)
    if len(found) == 1:
        return found[0]
    if found:
        raise click.UsageError(f"Several tracks of the run are called so; ask for one of {_listed(found)}.")
    alike = tracks_alike(track, tracks)
    more = f" Did you mean {_listed(alike)}?" if alike else ""
    raise click.UsageError(
        f"There is no file {printable(track)}, and the run in {folder} has no track of this name.{more}"
    )


def _listed(tracks: Sequence[str]) -> str:
    return " or ".join(f'"{track}"' for track in tracks)


def _without_itself(path: Path, copies: Sequence[str]) -> list[str]:
    """Leave out of a file's copies the one that is where the file is."""
    whole = f"/{printable(path.resolve().as_posix())}"
    itself = max((copy for copy in copies if whole.endswith(f"/{copy}")), key=len, default=None)
    return [copy for copy in copies if copy != itself]


def _classifier(chosen: dict[str, Any]) -> "GenreClassifier":
    from genre_app.inference.classifier import GenreClassifier  # noqa: PLC0415 - torch takes seconds to import

    classifier = GenreClassifier(settings_in_force(**chosen))
    if not classifier.model.n_dimensions:
        classifier.close()
        raise click.UsageError(
            f"The model {classifier.model.name} cannot say what tracks sound like: choose another, such as standard."
        )
    return classifier


def _embedding(classifier: "GenreClassifier", path: Path) -> "TrackEmbedding":
    from genre_app.results.embedding import embedding_of  # noqa: PLC0415 - as above

    embedding = embedding_of(classifier.score_file(path).track)
    if embedding is None:
        raise NotComparableError("There is no sound in this track, so nothing sounds like it.")
    return embedding


def _place_in(folder: Path, path: Path) -> str | None:
    """Return what a file below the folder is called in it; None if it is somewhere else."""
    try:
        return printable(path.resolve().relative_to(folder.resolve()).as_posix())
    except ValueError:
        return None


def _as_table(track: str, found: "Neighbours") -> str:
    """Write the list for people; names may hold anything."""
    lines = ["There is no other track to compare it with."]
    if found.tracks:
        n_characters = max(len(printable(one.record.track)) for one in found.tracks)
        head = f"Sounds most like {printable(track)}; a similarity of 100 is the same sound:"
        lines = [head, *(_line(one, n_characters) for one in found.tracks)]
    if found.copies:
        n_more = len(found.copies) - _MOST_COPIES
        more = f" and {n_more} more" if n_more > 0 else ""
        named = ", ".join(map(printable, found.copies[:_MOST_COPIES]))
        lines.append(f"Left out, as the very same sound: {named}{more}")
    return "\n".join(lines)


def _line(one: "SimilarTrack", n_characters: int) -> str:
    name, length = printable(one.record.track), clock(one.record.duration_seconds or 0.0)
    remark = " (the same recording)" if one.is_same_recording else ""
    return f"  {one.similarity:>3}  {length:>7}  {name:<{n_characters}}  {one.record.sentence}{remark}"


def _as_json(track: str, found: "Neighbours") -> str:
    similar_tracks = [
        {
            "track": one.record.track,
            "similarity": one.similarity,
            "distance": round(1.0 - one.cosine, 4),
            "is_same_recording": one.is_same_recording,
            "answer": one.record.sentence,
            "genre": one.record.genre,
            "duration_seconds": one.record.duration_seconds,
        }
        for one in found.tracks
    ]
    answer = {"track": track, "similar": similar_tracks, "copies": found.copies}
    return json.dumps(answer, indent=2, ensure_ascii=not output_takes_unicode())

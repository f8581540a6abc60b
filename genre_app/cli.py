"""The command line: ``python -m genre_app TRACK [TRACK ...]``."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click
from pydantic import ValidationError
from tqdm import tqdm

from genre_app.errors import DeviceUnavailableError, GenreAppError, InvalidOptionError, ModelUnavailableError
from genre_app.labels import display_name
from genre_app.progress import Progress
from genre_app.report import to_json, write_atomically
from genre_app.schema import ClassificationResult, SliceOptions
from genre_app.settings import Settings
from genre_app.version import __version__
from genre_app.wording import percent

if TYPE_CHECKING:
    from genre_app.service import GenreClassifier


@click.command(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.argument("tracks", nargs=-1, required=True, metavar="TRACK...", type=click.Path(path_type=Path))
@click.option("--window-seconds", type=click.FloatRange(1, 600), default=30.0, show_default=True,
              help="Length of the windows that the track is cut into.")  # fmt: skip
@click.option("--overlap", type=click.FloatRange(0, 0.9), default=0.25, show_default=True,
              help="Share of a window that the next one repeats.")  # fmt: skip
@click.option("--top-k", type=click.IntRange(1), default=5, show_default=True,
              help="How many genres each list of scores holds.")  # fmt: skip
@click.option("--max-chunks", type=click.IntRange(1), default=None,
              help="Keep at most this many windows, spread evenly over the track.")  # fmt: skip
@click.option("--device", type=click.Choice(["auto", "cpu", "cuda"]), default=None,
              help="Where the model runs.  [default: auto, which takes a GPU where there is one]")  # fmt: skip
@click.option("--model", default=None, help="The model that answers.  [default: auto]")
@click.option("--output-dir", type=click.Path(file_okay=False, path_type=Path), default=None,
              help="Write one JSON file for each track into this folder instead of printing.")  # fmt: skip
@click.version_option(__version__, prog_name="genre_app")
def main(tracks: tuple[Path, ...], device: str | None, model: str | None, output_dir: Path | None,
         **slicing: float | int | None) -> None:  # fmt: skip
    """Name the genre of each TRACK.

    The results go to standard output, one JSON object a line (indented where that is a terminal), or with --output-dir
    into files. What happens meanwhile is said on standard error.

    Exit status: 0 if every track was classified, 1 if some failed, 2 for wrong usage.
    """
    # torch takes seconds to import: --help and wrong usage need not wait for it.
    from genre_app.service import GenreClassifier  # noqa: PLC0415

    try:
        options = SliceOptions.checked(**slicing)
        chosen = {name: value for name, value in {"device": device, "model": model}.items() if value is not None}
        classifier = GenreClassifier(Settings(**chosen))  # type: ignore[arg-type] # click checked the device
        if output_dir:
            output_dir.mkdir(parents=True, exist_ok=True)
    except (InvalidOptionError, DeviceUnavailableError, ModelUnavailableError) as error:
        raise click.UsageError(str(error)) from error
    except ValidationError as error:
        raise click.UsageError(_wrong_setting(error)) from error
    except OSError as error:
        raise click.UsageError(f"The folder {output_dir} cannot be made: {error.strerror}.") from error
    with classifier:
        names = _output_names(tracks)
        results = [_classify(classifier, track, options, output_dir and output_dir / names[track]) for track in tracks]
    sys.exit(0 if all(results) else 1)


def _wrong_setting(error: ValidationError) -> str:
    """Name the environment variable that holds what cannot be; the options were checked before."""
    first = error.errors()[0]
    message = f"{first['msg'][:1].lower()}{first['msg'][1:]}"
    return f"The environment variable GENRE_{str(first['loc'][0]).upper()} cannot be {first['input']!r}: {message}."


def _classify(
    classifier: "GenreClassifier", track: Path, options: SliceOptions, output: Path | None
) -> ClassificationResult | None:
    """Classify one track, and say on standard error how it went; None where it failed."""
    try:
        with tqdm(
            total=100, desc=track.name, unit="%", leave=False, disable=None, bar_format="{desc}: {bar} {n:.0f} %"
        ) as bar:

            def show(progress: Progress) -> None:
                bar.n = 100 * (progress.fraction or 0.0)
                bar.refresh()

            result = classifier.classify_file(track, options, on_progress=show)
        if output:
            write_atomically(output, to_json(result) + "\n")
    except GenreAppError as error:
        click.echo(f"error: {error}", err=True)
        return None
    except OSError as error:
        click.echo(f"error: {output} cannot be written: {error.strerror}.", err=True)
        return None
    click.echo(_summary(result, track), err=True)
    if not output:
        click.echo(to_json(result, indent=2 if sys.stdout.isatty() else None))
    return result


def _summary(result: ClassificationResult, track: Path) -> str:
    lines = [f"{track.name}: {display_name(result.predicted_genre)}, {percent(result.predicted_confidence)}"]
    lines += [f"  note: {warning}" for warning in result.metadata.warnings]
    return "\n".join(lines)


def _output_names(tracks: tuple[Path, ...]) -> dict[Path, str]:
    """Name each track's output after its file; equal names from different folders are numbered."""
    names: dict[Path, str] = {}
    taken: set[str] = set()
    for track in tracks:
        name, count = f"{track.name}.json", 1
        while name.casefold() in taken:
            count += 1
            name = f"{track.name}-{count}.json"
        taken.add(name.casefold())
        names.setdefault(track, name)
    return names

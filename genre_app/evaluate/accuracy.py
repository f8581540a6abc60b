"""Accuracy of a model on labelled recordings: ``python -m genre_app.evaluate MANIFEST.csv``.

`genre_app.evaluate.manifest` says what the manifest holds, `genre_app.evaluate.summary` what is measured.
"""

import json
import sys
import time
from pathlib import Path

import click
from tqdm import tqdm

from genre_app.cli.common import settings_in_force
from genre_app.errors import GenreAppError
from genre_app.evaluate.answers import answer
from genre_app.evaluate.manifest import read_manifest
from genre_app.evaluate.summary import summarise
from genre_app.evaluate.wording import describe
from genre_app.inference.classifier import GenreClassifier


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("manifest", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--model", default="auto", show_default=True, help="The model that answers.")
@click.option("--device", type=click.Choice(["auto", "cpu", "cuda"]), default="auto", show_default=True)
@click.option("--json", "json_file", type=click.Path(path_type=Path), help="Write all figures to this file.")
@click.option(
    "--output-dir",
    type=click.Path(file_okay=False, path_type=Path),
    help="Write two plots into this folder (for recordings with a genre).",
)
def main(manifest: Path, model: str, device: str, json_file: Path | None, output_dir: Path | None) -> None:
    """Measure how often the model is right on the recordings of MANIFEST, a CSV with the columns path and genre.

    A recording that is not music has what it is of in the column sound, and no genre. Styles beyond the genres stand in
    the column styles, separated by semicolons; the genre may then be empty.

    Exit status: 0 if every file was classified, 1 if some failed, 2 for wrong usage.
    """
    # Without a cache, so that speed and answers are the model's own.
    settings = settings_in_force(model=model, device=device, cache_mb=0)
    try:
        with GenreClassifier(settings) as classifier:
            examples = read_manifest(manifest, classifier.model.labels)
            started = time.perf_counter()
            answers = [answer(classifier, example) for example in tqdm(examples, unit="track", disable=None)]
            report = summarise(answers, classifier.model, time.perf_counter() - started)
    except GenreAppError as error:
        raise click.UsageError(str(error)) from error
    click.echo(describe(report))
    for one in answers:
        if one.error:
            click.echo(f"error: {one.error}", err=True)
    if json_file:
        json_file.write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")
    if output_dir and report["n"]:
        from genre_app.evaluate.plots import draw_plots  # noqa: PLC0415 - matplotlib takes a second to import

        output_dir.mkdir(parents=True, exist_ok=True)
        draw_plots(report, output_dir)
    sys.exit(1 if report["n_failed"] else 0)


if __name__ == "__main__":
    main()

"""How many answers change with what should not matter: ``python -m genre_app.evaluate.robustness FOLDER``."""

import json
import statistics
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import click
from tqdm import tqdm

from genre_app.cli.common import settings_in_force
from genre_app.collection.tracks import Track, find_tracks
from genre_app.errors import GenreAppError, OutputError
from genre_app.evaluate.recordings import Recording, open_recording
from genre_app.evaluate.variants import VARIANTS, Variant
from genre_app.inference.classifier import GenreClassifier
from genre_app.results.schema import ClassificationResult, SliceOptions


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one recording in one variant.

    Attributes
    ----------
    track, variant : str
        The recording's place in the folder, and the name of the variant; ``"original"`` where the recording itself
        could not be analysed.
    genre, verdict : tuple of str
        The predicted genre and the kind of verdict, before and after; empty where there is no answer.
    moved : float
        By how much the score of the genre that was predicted before changed; 0 to 1.
    skipped, error : str or None
        Why the variant was not made, or failed.
    """

    track: str
    variant: str
    genre: tuple[str, ...] = ()
    verdict: tuple[str, ...] = ()
    moved: float = 0.0
    skipped: str | None = None
    error: str | None = None

    @property
    def is_music(self) -> bool:
        """Whether the original was taken for music, so that its genre and score mean something."""
        return bool(self.verdict) and self.verdict[0] != "not_music"

    @property
    def genre_changed(self) -> bool:
        """Whether another genre was predicted for what was taken for music."""
        return self.is_music and self.genre[0] != self.genre[1]

    @property
    def verdict_changed(self) -> bool:
        """Whether the verdict is of another kind."""
        return bool(self.verdict) and self.verdict[0] != self.verdict[1]


def try_variants(
    classifier: GenreClassifier, track: Track, folder: Path, variants: Sequence[Variant] = VARIANTS
) -> Iterator[Outcome]:
    """Analyse a recording and its variants.

    Parameters
    ----------
    classifier : GenreClassifier
        The model.
    track : Track
        The recording.
    folder : Path
        Where the variants are written, one at a time; each is removed again.
    variants : sequence of Variant
        The changes.

    Yields
    ------
    Outcome
        One for each variant, or a single one with an error if the recording itself cannot be analysed.
    """
    place = str(track.place)
    try:
        before = classifier.classify_file(track.path, _all_labels(classifier))
        recording = open_recording(track.path)
    except GenreAppError as error:
        yield Outcome(place, "original", error=error.about(track.path.name))
        return
    for variant in variants:
        if reason := variant.why_not(recording):
            yield Outcome(place, variant.name, skipped=reason)
            continue
        try:
            after = _classify(classifier, recording, variant, folder)
        except GenreAppError as error:
            yield Outcome(place, variant.name, error=error.about(track.path.name))
        else:
            yield _compare(place, variant.name, before, after)


def _classify(
    classifier: GenreClassifier, recording: Recording, variant: Variant, folder: Path
) -> ClassificationResult:
    """Write a variant, analyse the file, and remove it."""
    path = folder / f"variant{variant.suffix}"
    try:
        variant.write(recording, path)
        return classifier.classify_file(path, _all_labels(classifier))
    except OSError as error:
        raise OutputError(f"A variant cannot be written to {folder}: {error.strerror or error}.") from error
    finally:
        path.unlink(missing_ok=True)


def _all_labels(classifier: GenreClassifier) -> SliceOptions:
    return SliceOptions(top_k=len(classifier.model.labels))


def _compare(place: str, variant: str, before: ClassificationResult, after: ClassificationResult) -> Outcome:
    scores = {prediction.genre: prediction.score for prediction in after.predictions}
    return Outcome(
        place,
        variant,
        genre=(before.predicted_genre, after.predicted_genre),
        verdict=(before.verdict.kind, after.verdict.kind),
        moved=abs(before.predicted_confidence - scores[before.predicted_genre]),
    )


def summarise(outcomes: Sequence[Outcome]) -> dict[str, Any]:
    """Count the answers that changed, by variant.

    Returns
    -------
    dict
        Ready for JSON. Genres and scores are counted where the original was taken for music (``n_music``), kinds of
        verdict for all files.
    """
    names = dict.fromkeys(one.variant for one in outcomes if one.verdict or one.skipped)
    return {
        "n_failed": sum(one.error is not None for one in outcomes),
        "variants": {name: _of_variant([one for one in outcomes if one.variant == name]) for name in names},
        "outcomes": [asdict(one) for one in outcomes],
    }


def _of_variant(outcomes: Sequence[Outcome]) -> dict[str, Any]:
    answered = [one for one in outcomes if one.verdict]
    music = [one for one in answered if one.is_music]
    return {
        "n": len(answered),
        "n_music": len(music),
        "n_genre_changed": sum(one.genre_changed for one in music),
        "n_verdict_changed": sum(one.verdict_changed for one in answered),
        "median_moved": statistics.median(one.moved for one in music) if music else None,
        "changed": [_change(one) for one in answered if one.genre_changed or one.verdict_changed],
        "skipped": [f"{one.track}: {one.skipped}" for one in outcomes if one.skipped],
    }


def _change(one: Outcome) -> str:
    pairs = [one.genre] * one.genre_changed + [one.verdict] * one.verdict_changed
    return f"{one.track}: {', '.join(' -> '.join(pair).replace('_', ' ') for pair in pairs)}"


def describe(report: dict[str, Any]) -> str:
    """Write the counts as text: a line for each variant, and below it the answers that changed."""
    lines = [f"{'variant':28} other genre   other verdict   score moved (median)"]
    for name, one in report["variants"].items():
        moved = "-" if one["median_moved"] is None else f"{one['median_moved']:.3f}"
        genre = f"{one['n_genre_changed']} of {one['n_music']}"
        verdict = f"{one['n_verdict_changed']} of {one['n']}"
        lines.append(f"{name:28} {genre:13} {verdict:15} {moved}")
        lines += [f"    {change}" for change in one["changed"]]
        lines += [f"    {reason} (left out)" for reason in one["skipped"]]
    return "\n".join(lines)


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("folder", type=click.Path(exists=True, path_type=Path))
@click.option("--model", default="auto", show_default=True, help="The model that answers.")
@click.option("--device", type=click.Choice(["auto", "cpu", "cuda"]), default="auto", show_default=True)
@click.option("--json", "json_file", type=click.Path(path_type=Path), help="Write all outcomes to this file.")
def main(folder: Path, model: str, device: str, json_file: Path | None) -> None:
    """Count the answers that change when the recordings in FOLDER are changed as no listener minds.

    Silence before and behind, a later start, 12 and 55 dB less, an offset, inverted channels, 8 kHz, MP3 at 64 kbit/s,
    and ten seconds from the middle. Each variant is written to a temporary file and analysed as any other.

    Exit status: 0 if everything was analysed, 1 if something failed, 2 for wrong usage.
    """
    found = find_tracks([folder])
    if not found.tracks:
        raise click.UsageError(" ".join([*found.problems, *found.nothing_found]))
    settings = settings_in_force(model=model, device=device, cache_mb=0)
    try:
        with GenreClassifier(settings) as classifier, tempfile.TemporaryDirectory() as scratch:
            name = classifier.model.name
            outcomes = [
                outcome
                for track in tqdm(found.tracks, unit="track", disable=None)
                for outcome in try_variants(classifier, track, Path(scratch))
            ]
    except GenreAppError as error:
        raise click.UsageError(str(error)) from error
    report = {"model": name, **summarise(outcomes)}
    click.echo(f"{len(found.tracks)} recordings, model {name}\n{describe(report)}")
    failed = [f"{one.track}, {one.variant}: {one.error}" for one in outcomes if one.error]
    for problem in [*found.problems, *failed]:
        click.echo(f"error: {problem}", err=True)
    if json_file:
        json_file.write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")
    sys.exit(1 if failed or found.problems else 0)


if __name__ == "__main__":
    main(prog_name="python -m genre_app.evaluate.robustness")

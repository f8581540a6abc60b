"""The speed of the app on this machine: ``python -m genre_app.benchmark TRACK``.

Stages and end-to-end runs are medians of several runs after a warm-up. Speeds are in times real time.
"""

import json
import resource
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from itertools import product
from pathlib import Path

import click
import numpy as np
import soxr

from genre_app.audio import load_audio, open_audio
from genre_app.cli.common import settings_in_force
from genre_app.evaluate.clients import CostlessBackend, measure_clients, measure_decoding
from genre_app.evaluate.transformers_baseline import measure_pipeline
from genre_app.inference.classifier import GenreClassifier
from genre_app.inference.framing import PatchCutter
from genre_app.models.musicnn.backend import MusicnnBackend
from genre_app.models.runtime.device import resolve_device, resolve_precision
from genre_app.results.build import TrackAnalysis
from genre_app.results.schema import SliceOptions
from genre_app.settings import Settings


@dataclass(frozen=True, slots=True)
class Plan:
    """The track, the settings, and the number of runs."""

    track: Path
    settings: Settings
    repeats: int


def median_s(work: Callable[[], object], repeats: int) -> float:
    """Run `work` once to warm up, then `repeats` times; return the median duration in seconds."""
    work()
    durations_s = []
    for _ in range(repeats):
        started = time.perf_counter()
        work()
        durations_s.append(time.perf_counter() - started)
    return statistics.median(durations_s)


def measure_stages(plan: Plan) -> dict[str, float]:
    """Measure decoding, resampling, front end and network separately.

    Returns
    -------
    dict of str to float
        Speeds in times real time, and the length of the track in seconds.
    """
    backend = _backend(plan.settings, plan.settings.threads)
    grid = backend.grid
    with open_audio(plan.track, grid.sample_rate_hz) as stream:
        source_rate_hz = stream.info.sample_rate_hz
    native = load_audio(plan.track, source_rate_hz)
    track_s = len(native) / source_rate_hz
    patches = np.stack(list(PatchCutter(grid).cut([soxr.resample(native, source_rate_hz, grid.sample_rate_hz)])))
    # In batches of the engine's size: the whole track at once would measure the allocator.
    batches = np.array_split(patches, range(backend.batching.max_patches, len(patches), backend.batching.max_patches))
    log_mels = [backend.log_mel(batch) for batch in batches]
    stages: dict[str, Callable[[], object]] = {
        "decode": lambda: load_audio(plan.track, source_rate_hz),
        "resample": lambda: soxr.resample(native, source_rate_hz, grid.sample_rate_hz),
        "mel": lambda: [backend.log_mel(batch) for batch in batches],
        "network": lambda: [backend.score_log_mel(log_mel) for log_mel in log_mels],
    }
    return {
        "track_seconds": track_s,
        **{f"{stage}_x_realtime": track_s / median_s(work, plan.repeats) for stage, work in stages.items()},
    }


def measure_end_to_end(plan: Plan, track_s: float) -> dict[str, float]:
    """Measure file to result with all threads and with one, re-slicing, and a cache hit after a restart."""
    figures: dict[str, float] = {}
    for suffix, threads in (("", plan.settings.threads), ("_one_thread", 1)):
        settings = plan.settings.model_copy(update={"cache_mb": 0, "threads": threads})
        with GenreClassifier(settings) as classifier:
            seconds = median_s(lambda c=classifier: c.classify_file(plan.track), plan.repeats)  # type: ignore[misc]
            figures[f"end_to_end{suffix}_x_realtime"] = track_s / seconds
            figures["reslice_ms"] = _worst_reslice_ms(classifier, classifier.score_file(plan.track))
    with tempfile.TemporaryDirectory() as folder:
        settings = plan.settings.model_copy(update={"cache_mb": 64, "cache_dir": Path(folder)})
        with GenreClassifier(settings) as classifier:
            classifier.classify_file(plan.track)
        with GenreClassifier(settings) as restarted:
            started = time.perf_counter()
            result = restarted.classify_file(plan.track)
            figures["cached_ms"] = 1000 * (time.perf_counter() - started)
            assert result.metadata.cache_hit
    return figures


def _worst_reslice_ms(classifier: GenreClassifier, scored: TrackAnalysis) -> float:
    """Return the time of the slowest slider setting, in milliseconds."""
    settings = product((3.0, 10.0, 30.0, 60.0), (0.0, 0.25, 0.75, 0.9), (0.0, 10.0))
    return max(
        1000
        * median_s(
            lambda w=w, o=o, s=s: classifier.slice(  # type: ignore[misc]
                scored, SliceOptions(window_seconds=w, overlap=o, smoothing_seconds=s, top_k=10)
            ),
            3,
        )
        for w, o, s in settings
    )


def _backend(settings: Settings, threads: int) -> MusicnnBackend:
    device = resolve_device(settings.device)
    return MusicnnBackend(device, threads=threads, precision=resolve_precision(settings.precision, device))


def peak_rss_mb() -> float:
    """Return the peak resident memory of this process, in mebibytes."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / 2**20 if sys.platform == "darwin" else peak / 2**10


def _numbers(_: click.Context, option: click.Parameter, value: str | None) -> tuple[int, ...]:
    """Read ``1,8,32``."""
    parts = [part.strip() for part in value.split(",")] if value else []
    if not all(part.isdecimal() and int(part) > 0 for part in parts):
        raise click.BadParameter("give numbers above 0 with commas between them, such as 1,8,32.", param=option)
    return tuple(int(part) for part in parts)


def _measure_many(
    plan: Plan, clients: tuple[int, ...], track_s: float, backend: CostlessBackend | None
) -> dict[str, float]:
    """Measure decoding alone by the number of workers, then the whole path by the number of clients."""
    workers = sorted({1, *(2**k for k in range(1, 10) if 2**k <= plan.settings.threads), plan.settings.threads})
    figures = {f"decode_{n}_workers_x_realtime": measure_decoding(plan.track, n, track_s=track_s) for n in workers}
    for n in clients:
        measured = measure_clients(plan.track, plan.settings, n, track_s=track_s, backend=backend)
        figures |= {f"clients_{n}_{name}": value for name, value in measured.items()}
    return figures


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("track", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--json", "json_file", type=click.Path(path_type=Path), help="Write the figures to this file too.")
@click.option(
    "--clients",
    callback=_numbers,
    metavar="N,N,...",
    help="Also send this many tracks at once through the whole path: one number, or several such as 1,8,32.",
)
@click.option("--costless", is_flag=True, help="Let a model without cost answer the clients: the ceiling of the rest.")
@click.option("--repeats", type=click.IntRange(1), default=5, show_default=True, help="Runs after the warm-up.")
@click.option("--skip-pipeline", is_flag=True, help="Leave out the slow comparison with transformers.")
def main(  # noqa: PLR0913 - one for each option
    track: Path, json_file: Path | None, clients: tuple[int, ...], repeats: int, *, costless: bool, skip_pipeline: bool
) -> None:
    """Measure how fast TRACK is classified on this machine."""
    plan = Plan(track, settings_in_force(), repeats)
    figures = measure_end_to_end(plan, track_s := _track_seconds(track))
    figures["peak_rss_mb"] = peak_rss_mb()  # before the stages load the whole track, and before the comparison
    figures |= measure_stages(plan)
    if clients:
        figures |= _measure_many(plan, clients, track_s, CostlessBackend() if costless else None)
    if not skip_pipeline:
        figures |= measure_pipeline(plan.track, plan.settings, track_s / figures["end_to_end_x_realtime"])
    backend = _backend(plan.settings, plan.settings.threads).info
    report = {"device": backend.device, "precision": backend.precision, "threads": plan.settings.threads}
    report |= {name: round(value, 3) for name, value in sorted(figures.items())}
    for name, value in report.items():
        click.echo(f"{name:34} {value}")
    if json_file:
        json_file.write_text(json.dumps(report, indent=2) + "\n", encoding="utf-8")


def _track_seconds(track: Path) -> float:
    return len(load_audio(track, 16_000)) / 16_000


if __name__ == "__main__":
    main()

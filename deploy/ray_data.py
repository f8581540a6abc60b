"""A library of any size on a Ray cluster: ``python -m deploy.ray_data SOURCE OUTPUT``. See docs/scaling.md."""

import sys
from pathlib import PurePosixPath
from typing import Any, Final

import click
import fsspec
import pyarrow as pa
import ray
from ray.data import ActorPoolStrategy, DataContext

from deploy.data_stages import TRACKS_AT_ONCE, Decode, Score
from deploy.parquet_tables import Tables
from genre_app.audio import SUPPORTED_EXTENSIONS
from genre_app.errors import GenreAppError
from genre_app.inference.running_model import run_here
from genre_app.results.schema import SliceOptions
from genre_app.settings import Settings

#: Tracks that travel together: few enough that their samples, 15 MB for four minutes, fit between the stages.
_TRACKS_PER_BLOCK: Final = 4


def find_tracks(source: str) -> list[str]:
    """List the audio files below an address, relative to it, without hidden ones.

    Parameters
    ----------
    source : str
        A folder, or anything that fsspec knows: ``s3://bucket/music``.
    """
    files, root = fsspec.core.url_to_fs(source)
    found = (PurePosixPath(path).relative_to(root.rstrip("/") or "/") for path in files.find(root))
    return sorted(
        str(path)
        for path in found
        if path.suffix.lower() in SUPPORTED_EXTENSIONS and not any(part.startswith(".") for part in path.parts)
    )


def analyse(  # noqa: PLR0913 - what a cluster gives to each stage
    source: str,
    tables: Tables,
    *,
    settings: Settings,
    options: SliceOptions,
    n_decoders: int,
    n_scorers: int,
    gpus: float = 0.0,
    with_facts: bool = True,
    tracks_per_file: int = 500,
) -> None:
    """Analyse what the tables do not hold yet, and write it there; each track once.

    Parameters
    ----------
    source : str
        Address of the tracks.
    tables : Tables
        Where the results go.
    settings : Settings
        Name the model.
    options : SliceOptions
        The windows.
    n_decoders, n_scorers : int
        Workers of each stage, at most; a decoder takes a core, a scorer a core or ``gpus``.
    gpus : float
        Share of a GPU for each scorer; 0 scores on cores.
    with_facts : bool
        Whether tempo, key and chords are found.
    tracks_per_file : int
        Rows in a file of the first table, about: so many tracks are begun again after a stop.

    Raises
    ------
    ModelUnavailableError, DeviceUnavailableError
        The model cannot be loaded.
    """
    done = tables.tracks_done()
    todo = [track for track in find_tracks(source) if track not in done]
    if todo:
        on_device = settings.model_copy(update={"device": "cuda" if gpus else "cpu", "threads": 1})
        rate_hz = ray.get(_sample_rate_hz.remote(on_device.model_copy(update={"device": "cpu"})))
        files, path = fsspec.core.url_to_fs(tables.tracks)
        DataContext.get_current().enable_progress_bars = sys.stderr.isatty()
        paths = ray.data.from_arrow([pa.table({"track": part}) for part in _parts(todo, _TRACKS_PER_BLOCK)])
        decoded = paths.map_batches(
            Decode,
            fn_constructor_args=(source, rate_hz),
            fn_constructor_kwargs={"max_minutes": settings.max_minutes, "with_facts": with_facts},
            batch_size=1,
            batch_format="pyarrow",
            compute=ActorPoolStrategy(min_size=1, max_size=n_decoders),
            num_cpus=1,
        )
        scored = decoded.map_batches(
            Score,
            fn_constructor_args=(on_device, options),
            batch_size=TRACKS_AT_ONCE,
            batch_format="pyarrow",
            compute=ActorPoolStrategy(min_size=1, max_size=n_scorers),
            **({"num_gpus": gpus} if gpus else {"num_cpus": 1}),
        )
        # Without a core of its own: on a small machine the two stages hold all of them.
        scored.write_parquet(path, filesystem=files, min_rows_per_file=tracks_per_file, ray_remote_args={"num_cpus": 0})
    ray.get([_write_windows.remote(tables, name) for name in tables.without_windows()])


@ray.remote(num_cpus=0)
def _sample_rate_hz(settings: Settings) -> int:
    running = run_here(settings)
    running.engine.close()
    return running.engine.grid.sample_rate_hz


@ray.remote(num_cpus=0)
def _write_windows(tables: Tables, name: str) -> None:
    tables.write_windows(name)


def _parts(tracks: list[str], size: int) -> list[list[str]]:
    return [tracks[i : i + size] for i in range(0, len(tracks), size)]


@click.command()
@click.argument("source")
@click.argument("output")
@click.option("--decoders", default=1, show_default=True, help="Workers that decode, a core each.")
@click.option("--scorers", default=1, show_default=True, help="Workers that score.")
@click.option("--gpus", default=0.0, show_default=True, help="GPUs of each scorer; 0.5 lets two share one.")
@click.option("--model", help="The model that answers.  [default: auto]")
@click.option("--window-seconds", default=30.0, show_default=True, help="Length of the windows.")
@click.option("--overlap", default=0.25, show_default=True, help="Share of a window that the next one repeats.")
@click.option("--top-k", default=5, show_default=True, help="How many genres each list of scores holds.")
@click.option("--facts/--no-facts", default=True, show_default=True, help="Tempo, key and chords as well.")
@click.option("--tracks-per-file", default=500, show_default=True, help="Rows of a file, about.")
def main(source: str, output: str, **chosen: Any) -> None:
    """Name the genre of all recordings below SOURCE, and write two Parquet tables below OUTPUT.

    Both are folders or addresses that fsspec knows, such as s3://bucket/music. What OUTPUT holds already is not done
    again. RAY_ADDRESS names the cluster; without it, this machine works alone.
    """
    settings = Settings(**({"model": chosen["model"]} if chosen["model"] else {}))
    tables = Tables(output)
    try:
        options = SliceOptions.checked(**{name: chosen[name] for name in ("window_seconds", "overlap", "top_k")})
        analyse(
            source,
            tables,
            settings=settings,
            options=options,
            n_decoders=chosen["decoders"],
            n_scorers=chosen["scorers"],
            gpus=chosen["gpus"],
            with_facts=chosen["facts"],
            tracks_per_file=chosen["tracks_per_file"],
        )
    except GenreAppError as error:
        sys.exit(str(error))
    succeeded = tables.tracks_done().values()
    click.echo(f"{sum(succeeded)} tracks done, {len(succeeded) - sum(succeeded)} failed: {output}")


if __name__ == "__main__":
    main()

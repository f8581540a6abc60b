"""Measure one and two workers of each kind on this machine, in some minutes.

``python -m tools.scaling.measure TRACK RESULT.json [app serve data inside]``, with Ray (requirements-ray.txt).
"""

import json
import os
import signal
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from genre_app.audio import open_audio
from genre_app.evaluate.clients import CostlessBackend, measure_clients, measure_decoding
from genre_app.inference.running_model import run_here
from genre_app.models.base import PatchGrid
from genre_app.settings import Settings
from tools.scaling.cluster import Cluster, cluster
from tools.scaling.load import Visitors, copies_of

_N_CLIENTS: Final = 16
_RATE_HZ: Final = 16_000
#: Tracks of the two runs over a library; their difference leaves out what starting costs.
_FEW, _MANY = 4, 32
#: Logical: the workers share the machine's two cores with the page.
_CPUS: Final = 6
_SUSTAINED_S: Final = 8.0
_PARTS: Final = ["app", "serve", "data", "inside"]

Note = Callable[[dict[str, Any]], None]


def main() -> None:
    """Measure everything, or the parts that are named, and write each figure as soon as it is there."""
    track, result, parts = Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3:] or _PARTS
    measured: dict[str, Any] = json.loads(result.read_text(encoding="utf-8")) if result.exists() else {}

    def note(part: dict[str, Any]) -> None:
        measured.update(part)
        result.write_text(json.dumps(measured, indent=2) + "\n", encoding="utf-8")
        print(json.dumps(part), flush=True)

    track_s = _duration_s(track)
    note({"track_s": track_s, "load_before": os.getloadavg()[0]})
    if "app" in parts:
        note(_measure_app(track, track_s))
    with tempfile.TemporaryDirectory(prefix="g") as name:
        folder = Path(name)
        with cluster(folder / "c", n_cpus=_CPUS, GENRE_CACHE_MB="0") as running:
            if "serve" in parts:
                _measure_serve(running, track, folder, note)
            if "data" in parts:
                _measure_data(running, track, folder, track_s, note)
            if "inside" in parts:
                _measure_inside(running, note)
    note({"load_after": os.getloadavg()[0]})


def _duration_s(track: Path) -> float:
    stream = open_audio(track, _RATE_HZ)
    return sum(map(len, stream)) / _RATE_HZ


def _measure_app(track: Path, track_s: float) -> dict[str, Any]:
    """Measure the app without Ray, and what the simulation rests on: decoding, and everything but the model."""
    settings = Settings(cache_mb=0, device="cpu", decoders=0)
    measured: dict[str, Any] = {"decode_x": measure_decoding(track, 1, track_s=track_s)}
    one = settings.model_copy(update={"threads": 1})
    costless = measure_clients(track, one, 4, track_s=track_s, backend=CostlessBackend())
    measured["page_x"] = costless["x_realtime"]
    for threads in (1, 2):
        of_threads = settings.model_copy(update={"threads": threads})
        measured[f"app_{threads}"] = measure_clients(track, of_threads, _N_CLIENTS // 2, track_s=track_s)
    return measured


def _measure_serve(running: Cluster, track: Path, folder: Path, note: Note) -> None:
    for n in (1, 2):
        running.serve(f"min_replicas={n}", f"max_replicas={n}")
        Visitors(running.page, copies_of(track, folder / "warm", 2)).wait()
        load = Visitors(running.page, copies_of(track, folder / f"s{n}", _N_CLIENTS)).wait()
        note({f"serve_{n}": asdict(load)})
    visitors = Visitors(running.page, copies_of(track, folder / "killed", _N_CLIENTS))
    while not any(future.done() for future in visitors.asked):
        time.sleep(0.05)
    os.kill(running.pids("Scorer")[0], signal.SIGKILL)
    note({"serve_2_killed": asdict(visitors.wait())})
    running.stop_serving()


def _measure_data(running: Cluster, track: Path, folder: Path, track_s: float, note: Note) -> None:
    for n in (1, 2):
        seconds = {}
        for n_tracks in (_FEW, _MANY):
            library, output = folder / f"l{n}-{n_tracks}", folder / f"o{n}-{n_tracks}"
            copies_of(track, library, n_tracks)
            workers = (f"--decoders={n}", f"--scorers={n}", "--no-facts")
            started = time.perf_counter()
            running.run("python", "-m", "deploy.ray_data", str(library), str(output), *workers)
            seconds[n_tracks] = time.perf_counter() - started
        x_realtime = (_MANY - _FEW) * track_s / (seconds[_MANY] - seconds[_FEW])
        start_s = seconds[_FEW] - _FEW * track_s / x_realtime
        note({f"data_{n}": {"x_realtime": x_realtime, "start_s": start_s}})


def _measure_inside(running: Cluster, note: Note) -> None:
    """Measure a replica with the app's engine and one with Ray's batching, and what a block of Ray Data costs."""
    os.environ.update(running.environment)
    import ray  # noqa: PLC0415 - the environment names the cluster
    from ray import serve  # noqa: PLC0415

    from deploy.ray_serve import Scorer  # noqa: PLC0415
    from tools.scaling.ray_batching import BatchedScorer  # noqa: PLC0415

    ray.init(logging_level="warning", log_to_driver=False)
    serve.start(proxy_location="Disabled")  # by handles alone
    settings = Settings(device="cpu", threads=1)
    here = run_here(settings).engine
    revision, grid = here.info.revision, here.grid
    here.close()
    assert isinstance(grid, PatchGrid)
    patches = np.random.default_rng(0).normal(0, 0.1, (32, grid.input_samples)).astype(np.float32)
    measured = {}
    rivals: tuple[tuple[str, Any], ...] = (("engine", Scorer), ("serve_batch", BatchedScorer))
    for name, deployment in rivals:
        handle = serve.run(deployment.bind(settings), name=name, route_prefix=f"/{name}")
        handle = handle.options(multiplexed_model_id=settings.model) if name == "engine" else handle
        for n_patches in (32, 4):
            send = partial(_send, handle, patches[:n_patches], revision)
            send()
            measured[f"{name}_stacks_of_{n_patches}"] = _patches_per_s(send, n_patches)
        serve.delete(name)
    note({"batching_patches_per_s": measured, "scorer_x": measured["engine_stacks_of_32"] * grid.patch_seconds})
    note({"block_s": _seconds_per_block()})
    ray.shutdown()


def _seconds_per_block() -> float:
    """Return what a block costs that goes through two stages which do nothing."""
    import ray  # noqa: PLC0415 - as above
    from ray.data import ActorPoolStrategy  # noqa: PLC0415

    seconds = []
    for n_blocks in (100, 600):
        data = ray.data.range(n_blocks, override_num_blocks=n_blocks)
        for _stage in range(2):
            data = data.map_batches(Nothing, compute=ActorPoolStrategy(size=1), num_cpus=0)
        started = time.perf_counter()
        data.materialize()
        seconds.append(time.perf_counter() - started)
    return (seconds[1] - seconds[0]) / 500


class Nothing:
    """A stage that passes everything on."""

    def __call__(self, batch: dict[str, Any]) -> dict[str, Any]:
        """Return what came."""
        return batch


def _send(handle: Any, patches: NDArray[np.float32], revision: str) -> None:
    handle.score.remote(patches, revision=revision).result()


def _patches_per_s(send: Any, n_patches: int) -> float:
    until = time.perf_counter() + _SUSTAINED_S

    def keep_sending(_: int) -> int:
        n_sent = 0
        while time.perf_counter() < until:
            send()
            n_sent += 1
        return n_sent

    started = time.perf_counter()
    with ThreadPoolExecutor(_N_CLIENTS) as callers:
        n_sent = sum(callers.map(keep_sending, range(_N_CLIENTS)))
    return n_sent * n_patches / (time.perf_counter() - started)


if __name__ == "__main__":
    main()

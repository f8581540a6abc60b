"""Simulate a page and a library on 1 to 1,000 GPUs: ``python -m tools.scaling.simulate MEASURED.json PLOT.png``.

What was measured on one machine (`tools.scaling.measure`) is checked first. What could not be measured here is an
assumption, named in `Hardware` and in docs/scaling.md.
"""

import json
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import matplotlib as mpl
import matplotlib.pyplot as plt

from tools.scaling.pipeline import Outcome, Stage, simulate

_GPUS: Final = (1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1000)
_TRACK_S: Final = 240.0
#: Decoded audio: 16 kHz in float32. Compressed: 192 kbit/s.
_DECODED_BYTES_PER_S: Final = 64_000
_COMPRESSED_BYTES_PER_S: Final = 24_000
_TRACKS_PER_BLOCK: Final = 4


@dataclass(frozen=True, slots=True)
class Hardware:
    """A cluster's parts; speeds in times real time.

    Attributes
    ----------
    gpu_x : float
        Of one GPU: an H200 with MusiCNN in float32 (measured elsewhere, see DESIGN).
    decode_x : float
        Of one core.
    page_x : float
        Of one core of the page: receiving, decoding, cutting and sending.
    cores_per_gpu, gpus_per_node, page_cores : int
        Of the nodes.
    node_bytes_per_s, storage_bytes_per_s : float
        Of a node's network, and of the storage together.
    block_s : float
        What the driver of Ray Data needs for a block.
    """

    decode_x: float
    page_x: float
    block_s: float
    gpu_x: float = 9_191
    cores_per_gpu: int = 16
    gpus_per_node: int = 8
    page_cores: int = 32
    node_bytes_per_s: float = 25e9 / 8
    storage_bytes_per_s: float = 100e9 / 8


def library(n_gpus: int, hardware: Hardware) -> Outcome:
    """Simulate Ray Data: every core decodes, and the samples cross a node's network once."""
    n_nodes = -(-n_gpus // hardware.gpus_per_node)
    decoded = _TRACK_S * _DECODED_BYTES_PER_S
    compressed = _TRACK_S * _COMPRESSED_BYTES_PER_S
    stages = [
        Stage("driver", 1, hardware.block_s / _TRACKS_PER_BLOCK),
        Stage("storage", 1, compressed / hardware.storage_bytes_per_s),
        Stage("decoding", n_gpus * hardware.cores_per_gpu, _TRACK_S / hardware.decode_x),
        Stage("network", n_nodes, decoded / hardware.node_bytes_per_s),
        Stage("GPUs", n_gpus, _TRACK_S / hardware.gpu_x),
    ]
    return simulate(stages, n_tracks=200 * n_gpus, n_under_way=2 * n_gpus * (hardware.cores_per_gpu + 2))


def page(n_gpus: int, hardware: Hardware) -> Outcome:
    """Simulate Ray Serve: one page takes all uploads and decodes them."""
    uploaded = _TRACK_S * (_COMPRESSED_BYTES_PER_S + _DECODED_BYTES_PER_S)
    stages = [
        Stage("network", 1, uploaded / hardware.node_bytes_per_s),
        Stage("page", hardware.page_cores, _TRACK_S / hardware.page_x),
        Stage("GPUs", n_gpus, _TRACK_S / hardware.gpu_x),
    ]
    return simulate(stages, n_tracks=2000, n_under_way=4 * (n_gpus + hardware.page_cores))


def check(measured: dict[str, Any]) -> dict[str, tuple[float, float]]:
    """Simulate what was measured, on two cores with one and two workers of each kind.

    Returns
    -------
    dict of str to (float, float)
        Simulated and measured, in times real time.
    """
    track_s = measured["track_s"]
    score_s = track_s / measured["scorer_x"]
    # Two threads of the app without Ray are not twice as fast as one: so much slower is a core beside a busy one.
    shared_speed = measured["app_2"]["x_realtime"] / (2 * measured["app_1"]["x_realtime"])
    rows = {}
    for kind, stage_s in (("serve", track_s / measured["page_x"]), ("data", track_s / measured["decode_x"])):
        for n in (1, 2):
            n_first = 16 if kind == "serve" else n
            stages = [Stage("first", n_first, stage_s, on_cores=True), Stage("score", n, score_s, on_cores=True)]
            outcome = simulate(stages, n_tracks=400, n_under_way=16, n_cores=2, shared_speed=shared_speed)
            rows[f"{kind}_{n}"] = (outcome.tracks_per_s * track_s, measured[f"{kind}_{n}"]["x_realtime"])
    return rows


def main() -> None:
    """Print the check and the table, and draw the plot."""
    measured = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    print("| | simulated | measured |\n|---|---|---|")
    for name, (simulated, seen) in check(measured).items():
        print(f"| {name} | {simulated:.0f} | {seen:.0f} |")
    hardware = Hardware(measured["decode_x"], measured["page_x"], measured["block_s"])
    print("\n| GPUs | library, times real time | limit | page, times real time | limit |\n|---|---|---|---|---|")
    curves: dict[str, list[Outcome]] = {"library": [], "page": []}
    for n_gpus in _GPUS:
        outcomes = library(n_gpus, hardware), page(n_gpus, hardware)
        for curve, outcome in zip(curves.values(), outcomes, strict=True):
            curve.append(outcome)
        cells = " | ".join(f"{outcome.tracks_per_s * _TRACK_S:,.0f} | {outcome.limit}" for outcome in outcomes)
        print(f"| {n_gpus} | {cells} |")
    _draw(curves, hardware, Path(sys.argv[2]))


def _draw(curves: dict[str, list[Outcome]], hardware: Hardware, path: Path) -> None:
    mpl.use("Agg")
    figure, axes = plt.subplots(figsize=(8, 5), layout="constrained")
    axes.plot(_GPUS, [n * hardware.gpu_x for n in _GPUS], ":", color="grey", label="GPUs alone")
    for (name, outcomes), marker, offset in zip(curves.items(), "os", (10, -16), strict=True):
        line = [outcome.tracks_per_s * _TRACK_S for outcome in outcomes]
        axes.plot(_GPUS, line, marker=marker, label=name)
        seen = ""
        for n_gpus, speed, outcome in zip(_GPUS, line, outcomes, strict=True):
            if outcome.limit != seen:
                axes.annotate(outcome.limit, (n_gpus, speed), textcoords="offset points", xytext=(-6, offset))
                seen = outcome.limit
    axes.set(xscale="log", yscale="log", xlabel="GPUs", ylabel="audio per time (times real time)")
    axes.legend()
    axes.grid(alpha=0.3)
    figure.savefig(path, dpi=110)


if __name__ == "__main__":
    main()

"""Where a process decodes, and how many tracks at once."""

import os

from genre_app.audio.decoder import Decoder, InProcessDecoder
from genre_app.audio.worker_pool import WorkerPool
from genre_app.inference.zerogpu_engine import is_zerogpu
from genre_app.settings import Settings


def decoders_at_once(device: str, threads: int) -> int:
    """Return how many tracks may be decoded at the same time.

    One core decodes some 650 to 1,000 times real time. Where the same cores run the network, more than every second
    one would take its time away; beside a GPU all of them decode.
    """
    return max(1, threads // 2) if device == "cpu" else threads


def decoder_for(settings: Settings, device: str) -> Decoder:
    """Return the decoder that suits the machine, or the one that the settings ask for.

    Worker processes pay where several tracks are decoded at once: threads of one process slow each other down. For one
    at a time they gain nothing, and on a ZeroGPU Space the process forks, which would keep them alive.
    """
    n_at_once = decoders_at_once(device, settings.threads)
    n_workers = settings.decoders
    if n_workers == "auto":
        n_workers = 0 if n_at_once == 1 or is_zerogpu() else n_at_once
    if n_workers == 0 or os.name != "posix":
        return InProcessDecoder(n_at_once, max_minutes=settings.max_minutes)
    return WorkerPool(n_workers, max_minutes=settings.max_minutes)

"""A simulated pipeline: tracks go through stages, each with servers of its own, and some share a machine's cores."""

from collections.abc import Generator
from dataclasses import dataclass
from typing import Any

import simpy


@dataclass(frozen=True, slots=True)
class Stage:
    """What every track goes through.

    Attributes
    ----------
    name : str
        Such as ``decode``.
    n_servers : int
        How many tracks it works on at a time.
    seconds : float
        How long a server takes for a track.
    on_cores : bool
        Whether it needs one of the machine's cores meanwhile.
    """

    name: str
    n_servers: int
    seconds: float
    on_cores: bool = False


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a simulated run went.

    Attributes
    ----------
    tracks_per_s : float
        Throughput, without the time in which the pipeline fills and empties.
    limit : str
        The stage that was busiest.
    busy : dict of str to float
        Share of the time that each stage's servers were busy.
    """

    tracks_per_s: float
    limit: str
    busy: dict[str, float]


def simulate(
    stages: list[Stage], *, n_tracks: int, n_under_way: int, n_cores: int | None = None, shared_speed: float = 1.0
) -> Outcome:
    """Send tracks through stages.

    Parameters
    ----------
    stages : list of Stage
        In their order.
    n_tracks : int
        How many tracks go through.
    n_under_way : int
        How many are in the pipeline at a time.
    n_cores : int, optional
        Cores that all stages with ``on_cores`` share.
    shared_speed : float
        Speed of a core while all of them are busy, of that of one alone: they share caches and memory.
    """
    world = simpy.Environment()
    servers = [simpy.Resource(world, stage.n_servers) for stage in stages]
    cores = simpy.Resource(world, n_cores) if n_cores else None
    doors = simpy.Resource(world, n_under_way)
    ends_s: list[float] = []

    def track() -> Generator[Any, Any, None]:
        with doors.request() as door:
            yield door
            for stage, server in zip(stages, servers, strict=True):
                with server.request() as place:
                    yield place
                    if cores and stage.on_cores:
                        with cores.request() as core:
                            yield core
                            speed = shared_speed if cores.count == n_cores else 1.0
                            yield world.timeout(stage.seconds / speed)
                    else:
                        yield world.timeout(stage.seconds)
            ends_s.append(world.now)

    for _ in range(n_tracks):
        world.process(track())
    world.run()
    first, last = n_tracks // 4, n_tracks * 3 // 4
    tracks_per_s = (last - first) / (ends_s[last] - ends_s[first])
    busy = {stage.name: tracks_per_s * stage.seconds / stage.n_servers for stage in stages}
    return Outcome(tracks_per_s, max(busy, key=lambda name: busy[name]), busy)

"""The simulation, where pencil and paper know the answer."""

import pytest

pytest.importorskip("simpy", reason="SimPy is not installed: .venv/bin/pip install -r requirements-ray.txt")

from tools.scaling.pipeline import Stage, simulate


def test_the_slowest_stage_sets_the_pace() -> None:
    stages = [Stage("fast", 1, 1.0), Stage("slow", 2, 4.0), Stage("faster", 1, 0.5)]
    outcome = simulate(stages, n_tracks=200, n_under_way=20)
    assert outcome.tracks_per_s == pytest.approx(0.5, rel=0.02)
    assert outcome.limit == "slow"
    assert outcome.busy["fast"] == pytest.approx(0.5, rel=0.02)


def test_shared_cores_are_a_limit_of_their_own() -> None:
    stages = [Stage("decode", 4, 1.0, on_cores=True), Stage("score", 4, 3.0, on_cores=True)]
    assert simulate(stages, n_tracks=200, n_under_way=20, n_cores=2).tracks_per_s == pytest.approx(0.5, rel=0.05)


def test_too_few_tracks_under_way_leave_servers_idle() -> None:
    assert simulate([Stage("score", 8, 2.0)], n_tracks=200, n_under_way=1).tracks_per_s == pytest.approx(0.5)

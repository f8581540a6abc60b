"""The page on Ray Serve: the app's own answers, from replicas that may die."""

import os
import signal
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from gradio_client import Client, handle_file

from genre_app.genres import GENRES
from tests.ui.conftest import Visitors
from tools.scaling.cluster import Cluster, wait_for_page

pytestmark = [pytest.mark.shared, pytest.mark.slow]
N_CLIENTS = 16
Answer = dict[str, Any]


@pytest.fixture(scope="module")
def page(ray_cluster: Cluster) -> Iterator[str]:
    ray_cluster.serve("min_replicas=2", "max_replicas=2")
    yield ray_cluster.page
    ray_cluster.stop_serving()


def ask(page: str, path: Path) -> Answer:
    answer: Answer = Client(page, verbose=False).predict(handle_file(str(path)), api_name="/classify")
    return answer


def copies(track: Path, folder: Path, n: int) -> list[Path]:
    """Write recordings that sound alike, each of which the app has to score."""
    paths = [folder / f"{number}{track.suffix}" for number in range(n)]
    for number, path in enumerate(paths):
        path.write_bytes(track.read_bytes() + bytes(number + 1))
    return paths


def test_the_answers_are_the_app_s_own_field_by_field(
    page: str, recordings: list[Path], own_answers: dict[str, Answer], bare: Callable[[Answer], Answer]
) -> None:
    for path in recordings:
        assert bare(ask(page, path)) == own_answers[path.name], path.name


def test_a_killed_replica_costs_no_client_its_answer(
    ray_cluster: Cluster, page: str, recordings: list[Path], own_answers: dict[str, Answer], tmp_path: Path
) -> None:
    track = next(path for path in recordings if path.name.startswith("vibe_ace"))
    clients = [Client(page, verbose=False) for _ in range(N_CLIENTS)]
    with ThreadPoolExecutor(N_CLIENTS) as threads:
        asked = [
            threads.submit(client.predict, handle_file(str(path)), api_name="/classify")
            for client, path in zip(clients, copies(track, tmp_path, N_CLIENTS), strict=True)
        ]
        while not any(future.done() for future in asked):
            time.sleep(0.05)
        victim = ray_cluster.pids("Scorer")[0]
        os.kill(victim, signal.SIGKILL)
        assert not all(future.done() for future in asked), "it has to die under load"
        answers = [future.result() for future in asked]
    own = own_answers[track.name]
    assert [answer["chunk_predictions"] for answer in answers] == [own["chunk_predictions"]] * N_CLIENTS
    deadline = time.monotonic() + 60
    while len(replicas := ray_cluster.pids("Scorer")) < 2 or victim in replicas:
        assert time.monotonic() < deadline, "Ray did not replace it"
        time.sleep(0.2)


@pytest.mark.browser
def test_a_visit_keeps_its_track_while_sliders_move(page: str, visitors: Visitors, recordings: list[Path]) -> None:
    visit = visitors.enter(page, 0, {})
    track = next(path for path in recordings if path.name.startswith("sugar_plum"))
    visit.upload(track)
    visit.wait_for_result(track.name)
    visit.slider("window").fill("10")
    result = visit.wait_for_json(lambda result: result.metadata.window_seconds == 10)
    assert len(result.chunk_predictions) > 10
    assert visit.errors == []
    assert visit.foreign_requests == []
    visitors.leave(visit)


def test_a_dead_page_comes_back_and_knows_what_was_scored(
    ray_cluster: Cluster, page: str, recordings: list[Path], bare: Callable[[Answer], Answer]
) -> None:
    track = recordings[0]
    before = ask(page, track)
    [victim] = ray_cluster.pids("default:Page")
    os.kill(victim, signal.SIGKILL)
    deadline = time.monotonic() + 60
    while not (pids := ray_cluster.pids("default:Page")) or victim in pids:
        assert time.monotonic() < deadline, "Ray did not replace it"
        time.sleep(0.2)
    wait_for_page(page)
    after = ask(page, track)
    assert bare(after) == bare(before)
    assert after["metadata"]["cache_hit"]


def test_new_weights_answer_from_now_on_without_a_restart(
    ray_cluster: Cluster, page: str, recordings: list[Path], tmp_path: Path
) -> None:
    import yaml  # type: ignore[import-untyped]

    from tests.models import tiny_models

    folders = [tiny_models.waveform_model(tmp_path / str(seed) / "tiny", GENRES, seed=seed) for seed in (1, 2)]

    def deploy(folder: Path) -> None:
        config = {
            "http_options": {"host": "127.0.0.1", "port": int(page.rpartition(":")[2])},
            "applications": [
                {
                    "name": "default",
                    "route_prefix": "/",
                    "import_path": "deploy.ray_serve:build",
                    "args": {"model": str(folders[0]), "max_replicas": 1},
                    "deployments": [
                        {"name": name, "user_config": {"model": str(folder)}} for name in ("Page", "Scorer")
                    ],
                }
            ],
        }
        path = tmp_path / "serve.yaml"
        path.write_text(yaml.safe_dump(config))
        ray_cluster.run("serve", "deploy", str(path), "--address", ray_cluster.environment["RAY_DASHBOARD_ADDRESS"])

    def revision() -> str:
        return str(ask(page, recordings[0])["metadata"]["weights_revision"])

    ray_cluster.stop_serving()
    deploy(folders[0])
    wait_for_page(page)
    first = revision()
    running = ray_cluster.pids("default:Page")
    deploy(folders[1])
    deadline = time.monotonic() + 90
    while revision() == first:  # each of these visitors gets an answer
        assert time.monotonic() < deadline, "the old weights still answer"
        time.sleep(0.5)
    assert ray_cluster.pids("default:Page") == running, "visitors keep their page"

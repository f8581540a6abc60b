"""A Ray cluster for the tests of this folder."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from genre_app import GenreClassifier, Settings, SliceOptions
from tests.paths import SHARED
from tests.ui.conftest import browser, playwright, visitors  # noqa: F401 - fixtures
from tools.scaling.cluster import Cluster, cluster


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents and item.path.name != "test_docs.py":
            item.add_marker("ray")


@pytest.fixture(scope="package")
def ray_cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """Two cores' worth of it; without Ray the test is skipped."""
    pytest.importorskip("ray", reason="Ray is not installed: .venv/bin/pip install -r requirements-ray.txt")
    folder = tmp_path_factory.mktemp("r")
    with cluster(folder) as running:
        yield running


@pytest.fixture(scope="package")
def recordings() -> list[Path]:
    """The shared recordings."""
    found = [path for path in sorted((SHARED / "audio").glob("*")) if path.suffix != ".md"]
    if not found:
        pytest.skip(f"{SHARED / 'audio'} is not here")
    return found


@pytest.fixture(scope="package")
def own_answers(recordings: list[Path]) -> dict[str, dict[str, Any]]:
    """What the app itself says of them, by name."""
    with GenreClassifier(Settings(cache_mb=0, device="cpu")) as classifier:
        return {path.name: _answer(classifier, path) for path in recordings}


def _answer(classifier: GenreClassifier, path: Path) -> dict[str, Any]:
    scored = classifier.with_insights(classifier.score_file(path, keep_excerpt=True), path)
    return without_timings(classifier.slice(scored, SliceOptions()).model_dump(mode="json"))


def without_timings(result: dict[str, Any]) -> dict[str, Any]:
    """Leave out what may differ: how long it took, and whether it came from the cache."""
    metadata = {k: v for k, v in result["metadata"].items() if k not in {"timings", "cache_hit"}}
    return {**result, "metadata": metadata}


@pytest.fixture(scope="package")
def bare() -> Callable[[dict[str, Any]], dict[str, Any]]:
    """`without_timings`."""
    return without_timings

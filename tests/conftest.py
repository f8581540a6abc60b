"""What all tests share."""

import gc
import os
import signal
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from filelock import FileLock
from numpy.typing import NDArray

from genre_app import Settings
from genre_app.inference import single_flight
from genre_app.inference.model_pool import ModelPool
from genre_app.inference.patch_strategy import PatchStrategy
from tests.fakes import FakeBackend
from tests.paths import SHARED


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    from tests.scheduling import PageFirst  # it is asked for where xdist is there

    return PageFirst(config, log) if config.getoption("dist") == "loadfile" else None


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Iterator[None]:
    """Keep the collector from looking through all modules and tests, which stay, again and again."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.enable()


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if hasattr(config, "workerinput"):
        from tests.scheduling import place_of

        items.sort(key=lambda item: place_of(item.nodeid))


@pytest.fixture(scope="session", autouse=True)
def own_settings(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Keep the user's settings and cache out of the tests, and the tests out of the user's cache."""
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.startswith("GENRE_")]:
            patch.delenv(name)
        patch.setenv("GENRE_CACHE_DIR", str(tmp_path_factory.mktemp("cache")))
        yield


@pytest.fixture(scope="session", autouse=True)
def ctrl_c() -> None:
    """Let Ctrl-C reach the programs that tests start, also where a shell started the tests in the background."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture
def random() -> np.random.Generator:
    return np.random.default_rng(0)


@pytest.fixture
def backend() -> Iterator[FakeBackend]:
    backend = FakeBackend()
    yield backend
    backend.gate.set()


@pytest.fixture
def together(monkeypatch: pytest.MonkeyPatch) -> threading.Event:
    """Let the first caller's work begin once a second one, with the same content, waits for its outcome.

    The event is set once the first caller is there.
    """
    has_leader, has_follower = threading.Event(), threading.Event()
    wait, score_file = single_flight._wait, PatchStrategy.score_file

    def wait_and_tell(*arguments: Any) -> Any:
        has_follower.set()
        return wait(*arguments)

    def score_once_followed(*arguments: Any) -> Any:
        has_leader.set()
        assert has_follower.wait(60)
        return score_file(*arguments)

    monkeypatch.setattr(single_flight, "_wait", wait_and_tell)
    monkeypatch.setattr(PatchStrategy, "score_file", score_once_followed)
    return has_leader


@pytest.fixture(scope="session")
def scored_examples(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A cache with the scores of the examples: servers that begin with it need not score them ahead."""
    from genre_app.ui.one_track.examples import ExampleScores  # Gradio takes seconds to import

    run = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        run = run.parent  # the workers of a run share it
    folder = run / "scored-examples"
    with FileLock(f"{folder}.lock"):
        if not folder.exists():
            with ModelPool(Settings(model="musicnn", cache_dir=folder)) as pool:
                scores = ExampleScores(pool, head_start_s=0)
                scores.start()
                scores.join()
    return folder


@pytest.fixture(scope="session")
def shared_audio() -> Callable[[str], Path]:
    """Path of a real recording; a test that uses it carries the marker ``shared``."""
    return lambda name: _existing(SHARED / "audio" / name)


@pytest.fixture(scope="session")
def golden() -> dict[str, NDArray[Any]]:
    """What the original MusiCNN answers; a test that uses it carries the marker ``shared``."""
    with np.load(_existing(SHARED / "musicnn" / "golden.npz")) as archive:
        return dict(archive)


def _existing(path: Path) -> Path:
    if not path.exists():
        pytest.skip(f"{path} is not here")
    return path

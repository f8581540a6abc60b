"""Visitors who bring the same bytes under different names at the same time: each reads the own name in the error."""

import asyncio
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any, cast

import gradio as gr
import pytest

from genre_app import GenreClassifier, Settings, SliceOptions
from genre_app.inference.model_pool import ModelPool
from genre_app.ui import api
from genre_app.ui.compare.events import ComparedSide
from genre_app.ui.many_tracks.messages import Announced
from genre_app.ui.many_tracks.queue import TrackQueue
from genre_app.ui.one_track.events import OneTrackEvents
from genre_app.ui.shared.analysis_threads import AnalysisThreads
from genre_app.ui.shared.sliders import values_of
from genre_app.ui.shared.visits import Visits
from tests.fakes import FakeBackend

#: Two names with characters that a page, a terminal or a sentence could trip over.
NAMES = ("<b>Ana's {name}</b>.mp3", "Bo & Größe 100 %.mp3")


class Pool:
    """Lends one classifier to everybody."""

    def __init__(self, classifier: GenreClassifier) -> None:
        self.default = classifier
        self.settings = classifier.settings

    @contextmanager
    def acquire(self, name: str | None = None) -> Iterator[GenreClassifier]:
        yield self.default

    @contextmanager
    def acquire_or_default(self, name: str) -> Iterator[tuple[GenreClassifier, None]]:
        yield self.default, None


@pytest.fixture
def pool(backend: FakeBackend) -> Iterator[ModelPool]:
    with GenreClassifier(Settings(cache_mb=0), backend=backend) as classifier:
        yield cast("ModelPool", Pool(classifier))


@pytest.fixture
def paths(tmp_path: Path, together: threading.Event) -> list[Path]:
    paths = []
    for folder, name in zip(("1", "2"), NAMES, strict=True):
        paths.append(tmp_path / folder / name.replace("/", ""))
        paths[-1].parent.mkdir()
        paths[-1].write_text("no music at all " * 100)
    return paths


def assert_own_names(ask: Callable[[Path], str], paths: list[Path], escape: Callable[[str], str] = str) -> None:
    with ThreadPoolExecutor(2) as visitors:
        sentences = list(visitors.map(ask, paths))
    for path, sentence in zip(paths, sentences, strict=True):
        assert f"The file {escape(path.name)} is not an audio file" in sentence


def in_html(name: str) -> str:
    return name.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("'", "&#x27;")


async def last_of(steps: AsyncIterator[Any]) -> str:
    return str([step async for step in steps][-1])


def test_one_track(pool: ModelPool, visits: Visits, paths: list[Path]) -> None:
    events = OneTrackEvents(pool, visits, AnalysisThreads())

    def ask(path: Path) -> str:
        request = gr.Request(session_hash=path.name)
        return asyncio.run(last_of(events.analyse(request, str(path), 0.0, "fake", *values_of(SliceOptions()))))

    assert_own_names(ask, paths, in_html)


def test_compare(pool: ModelPool, visits: Visits, paths: list[Path]) -> None:
    side = ComparedSide(pool, visits, AnalysisThreads(), chart="timeline-a")

    def ask(path: Path) -> str:
        return asyncio.run(last_of(side.score(gr.Request(session_hash=path.name), str(path), 0.0, "fake")))

    assert_own_names(ask, paths, in_html)


def test_many_tracks_know_the_names_on_the_visitor_s_own_machine(pool: ModelPool, paths: list[Path]) -> None:
    def score(path: Path, model: str, on_progress: Any, cancel: Any) -> Any:
        return pool.default.score_file(path, SliceOptions(), on_progress=on_progress, cancel=cancel)

    names = ("Ana: 50%?.mp3", "Bo\u202e.mp3")  # not what the uploads are called on the server
    with ThreadPoolExecutor(2) as executor:
        queue = TrackQueue(score, executor, n_at_once=2, max_file_mb=5)
        queue.announce([Announced(key=str(key), name=name, size_bytes=1) for key, name in enumerate(names)], "fake")
        for key, path in enumerate(paths):
            queue.begin(str(key), path)
    shown = [row.record.sentence.partition(" is not")[0] for row in queue.rows() if row.record]
    assert shown == ["The file Ana: 50%?.mp3", "The file Bo?.mp3"]


def test_the_api(pool: ModelPool, visits: Visits, paths: list[Path]) -> None:
    async def endpoint() -> Any:
        with gr.Blocks() as page:
            api.publish(pool, visits)
        return next(event.fn for event in page.fns.values() if event.api_name == "classify")

    with ThreadPoolExecutor(1) as thread:  # Gradio wants an event loop, and Playwright may keep one in this thread
        classify = thread.submit(asyncio.run, endpoint()).result()

    def ask(path: Path) -> str:
        with pytest.raises(gr.Error) as caught:
            classify(str(path))
        return str(caught.value.message)

    assert_own_names(ask, paths)

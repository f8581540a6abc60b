"""Access to uploaded files, separate lists for visitors, and cleanup after a visitor leaves."""

import asyncio
import zipfile
from collections.abc import Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any, TypeVar, cast

import gradio as gr
import pytest

from genre_app import GenreClassifier, Settings
from genre_app.inference.model_pool import ModelPool
from genre_app.ui.many_tracks.events import ManyTracksEvents, _was_uploaded
from genre_app.ui.run_folder import RunFolder
from genre_app.ui.shared.visits import Visits
from tests.fakes import RATE_HZ, FakeBackend
from tests.sounds import tone, write_wav

T = TypeVar("T")


@pytest.fixture
def uploads(run_folder: RunFolder, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("GRADIO_TEMP_DIR", str(run_folder.uploads))
    return run_folder.uploads


def test_only_uploaded_files_are_analysed(uploads: Path) -> None:
    inside, outside = uploads / "a.wav", uploads.parent / "secret.wav"
    inside.write_bytes(b"a")
    outside.write_bytes(b"b")
    (uploads / "link.wav").symlink_to(outside)
    assert _was_uploaded(str(inside))
    assert not _was_uploaded(str(outside))
    assert not _was_uploaded(f"{uploads}/../secret.wav")
    assert not _was_uploaded(str(uploads / "link.wav"))
    assert not _was_uploaded(str(uploads))
    assert not _was_uploaded(str(uploads / "missing.wav"))
    assert not _was_uploaded("\0")


class _Pool:
    """A pool with one classifier."""

    def __init__(self, classifier: GenreClassifier) -> None:
        self.settings = classifier.settings
        self.default = classifier
        self._classifier = classifier

    @contextmanager
    def acquire_or_default(self, name: str) -> Iterator[tuple[GenreClassifier, str | None]]:
        yield self._classifier, "It is not here; fake answers." if name == "absent" else None


@pytest.fixture
def events(visits: Visits, backend: FakeBackend) -> Iterator[ManyTracksEvents]:
    with GenreClassifier(Settings(cache_mb=0), backend=backend) as classifier:
        yield ManyTracksEvents(cast("ModelPool", _Pool(classifier)), visits)


def visitor(name: str) -> gr.Request:
    return cast("gr.Request", SimpleNamespace(session_hash=name))


def event(**data: object) -> gr.EventData:
    return gr.EventData(None, data)


def add(events: ManyTracksEvents, who: gr.Request, path: Path, model: str = "fake") -> None:
    files = [{"key": "1", "name": path.name, "size_bytes": path.stat().st_size}]
    events.announce(who, model, event(files=files))
    events.arrive(who, event(key="1", path=str(path)))


def finished(work: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine to its end, in a thread of its own: Playwright keeps an event loop running in this one."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, work).result()


async def last_shown(events: ManyTracksEvents, who: gr.Request) -> list[tuple[str, str]]:
    """Return state and cells of each row."""
    tables: list[Any] = [shown[1] async for shown in events.follow(who)]
    return [(row["state"], row["cells"]) for row in tables[-1]["rows"]]


@pytest.fixture
def track(uploads: Path) -> Path:
    return write_wav(uploads / "tone.wav", tone(3, RATE_HZ), RATE_HZ)


def test_a_list_is_followed_to_its_end_and_is_its_visitors_own(events: ManyTracksEvents, track: Path) -> None:
    first, second = visitor("first"), visitor("second")
    add(events, first, track)
    assert [state for state, _ in finished(last_shown(events, first))] == ["done"]
    assert finished(last_shown(events, second)) == []
    assert events.open(second, event(key="1")) == (gr.skip(),) * 3
    path, model, _ = events.open(first, event(key="1"))
    assert (path, model) == (str(track), "fake")
    assert [path for _, path, _ in events.write_zip(second)] == [None]


def test_nothing_is_left_of_a_visitor_who_left(events: ManyTracksEvents, track: Path, backend: FakeBackend) -> None:
    who = visitor("first")
    add(events, who, track)
    finished(last_shown(events, who))
    *_, (note, archive, _) = events.write_zip(who)
    assert "Ready: genres-1-track.zip" in str(note)
    assert Path(str(archive)).is_file()
    backend.gate.clear()
    backend.busy.clear()
    other = write_wav(track.parent / "other.wav", tone(5, RATE_HZ, frequency_hz=300), RATE_HZ)
    events.announce(who, "fake", event(files=[{"key": "2", "name": "other.wav", "size_bytes": 1}]))
    events.arrive(who, event(key="2", path=str(other)))
    assert backend.busy.wait(10)

    events.leave(who)

    backend.gate.set()
    assert finished(last_shown(events, who)) == []


@pytest.mark.parametrize("stop", ["cancel", "clear", "leave"])
def test_a_zip_can_be_stopped(events: ManyTracksEvents, track: Path, stop: str) -> None:
    who = visitor("first")
    add(events, who, track)
    finished(last_shown(events, who))
    making = events.write_zip(who)
    assert "Making genres-1-track.zip" in str(next(making)[0])

    said = getattr(events, stop)(who)

    assert list(making) == [(gr.skip(),) * 3]
    if stop == "cancel":
        assert "The ZIP was cancelled." in said
        assert "cancelled" not in events.cancel(who)
        *_, (note, archive, _) = events.write_zip(who)
        assert "Ready" in str(note)
        assert Path(str(archive)).is_file()


def test_a_newer_follower_takes_over(events: ManyTracksEvents, track: Path, backend: FakeBackend) -> None:
    who = visitor("first")
    backend.gate.clear()
    add(events, who, track)

    async def both() -> tuple[Any, Any]:
        older, newer = events.follow(who), events.follow(who)
        await anext(older)
        await anext(newer)
        ending = await anext(older)
        backend.gate.set()
        async for shown in newer:
            last = shown
        return ending, last

    ending, last = finished(both())
    assert ending == (gr.skip(),) * 5
    assert [row["state"] for row in last[1]["rows"]] == ["done"]


@pytest.mark.parametrize("data", [{}, {"files": "all"}, {"files": [{"key": "<b>", "name": "a", "size_bytes": 1}]}])
def test_nonsense_announces_nothing(events: ManyTracksEvents, data: dict[str, Any]) -> None:
    events.announce(visitor("first"), "fake", event(**data))
    assert finished(last_shown(events, visitor("first"))) == []


def test_a_path_that_was_not_uploaded_counts_as_lost(events: ManyTracksEvents, uploads: Path) -> None:
    secret = write_wav(uploads.parent / "secret.wav", tone(3, RATE_HZ), RATE_HZ)
    add(events, visitor("first"), secret)
    assert "did not arrive" in finished(last_shown(events, visitor("first")))[0][1]


def test_a_row_says_that_another_model_answered(events: ManyTracksEvents, track: Path) -> None:
    add(events, visitor("first"), track, model="absent")
    assert "It is not here; fake answers." in finished(last_shown(events, visitor("first")))[0][1]


def test_the_vocabulary_of_the_deployment_names_what_is_in_lists_and_zips(
    visits: Visits, backend: FakeBackend, track: Path, tmp_path: Path
) -> None:
    words, who = tmp_path / "words.toml", visitor("first")
    words.write_text('[names]\npop = "Schlager"\nrock = "Schlager"\nmetal = "Schlager"')
    settings = Settings(cache_mb=0, vocabulary=words)
    with GenreClassifier(settings, backend=backend) as classifier:
        events = ManyTracksEvents(cast("ModelPool", _Pool(classifier)), visits)
        add(events, who, track)
        ((_, cells),) = finished(last_shown(events, who))
        *_, (_, archive, _) = events.write_zip(who)
    assert "Written as: Schlager" in cells
    with zipfile.ZipFile(str(archive)) as files:
        assert b"Schlager" in files.read("summary.csv")
        assert b'"title":"Written as"' in files.read("overview.html")

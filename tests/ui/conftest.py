"""The real app, and a real browser before it."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

import numpy as np
import pytest
from playwright.sync_api import Browser, Playwright, sync_playwright

from tests.serving import Server, serve
from tests.sounds import noise, tone, write_wav
from tests.ui.visit import Visit

_MICROPHONE_RATE_HZ: Final = 44_100
_LONG_RATE_HZ: Final = 4_000
_QUIET: Final = (
    "--no-sandbox",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-domain-reliability",
    "--disable-sync",
    "--no-first-run",
)


@pytest.fixture(scope="package")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with serve(tmp_path_factory.mktemp("server")) as running:
        yield running


@pytest.fixture(scope="package")
def playwright() -> Iterator[Playwright]:
    with sync_playwright() as running:
        yield running


@pytest.fixture(scope="package")
def browser(playwright: Playwright, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    """Chromium, whose microphone hears a chord."""
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    if chromium is None:
        pytest.skip("no Chromium is installed")
    times_s = np.arange(10 * _MICROPHONE_RATE_HZ) / _MICROPHONE_RATE_HZ
    chord = sum(np.sin(2 * np.pi * frequency_hz * times_s) for frequency_hz in (220.0, 277.2, 329.6)) / 4
    heard = write_wav(
        tmp_path_factory.mktemp("microphone") / "chord.wav", np.asarray(chord, np.float32), _MICROPHONE_RATE_HZ
    )
    browser = playwright.chromium.launch(
        executable_path=chromium,
        args=[
            *_QUIET,
            "--use-fake-device-for-media-stream",
            "--use-fake-ui-for-media-stream",
            f"--use-file-for-fake-audio-capture={heard}",
        ],
    )
    yield browser
    browser.close()


@pytest.fixture
def open_page(browser: Browser, server: Server) -> Iterator[Callable[..., Visit]]:
    """Open the page as a new visitor: a factory, whose arguments are those of Playwright's ``new_context``."""
    visits: list[Visit] = []
    log_start = len(server.log.read_text())

    def new_visit(**options: object) -> Visit:
        context = browser.new_context(permissions=["microphone"], **options)  # type: ignore[arg-type]
        visits.append(Visit(context.new_page(), server.address))
        return visits[-1]

    yield new_visit
    for visit in visits:
        visit.page.context.close()
    for visit in visits:
        assert not visit.errors
        assert not visit.foreign_requests
    log = server.log.read_text()[log_start:]
    assert "Traceback" not in log, log


@pytest.fixture
def visit(open_page: Callable[..., Visit]) -> Visit:
    """A page at desktop size."""
    return open_page(viewport={"width": 1280, "height": 900})


@pytest.fixture(scope="session")
def short_track(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Four seconds of a tone."""
    return write_wav(tmp_path_factory.mktemp("tracks") / "tone.wav", tone(4, 16_000), 16_000)


@pytest.fixture(scope="session")
def long_track(tmp_path_factory: pytest.TempPathFactory) -> Callable[[int], Path]:
    """Make a track of so many seconds at a low rate; each length is another track to the cache."""

    def write(seconds: int) -> Path:
        minute = noise(60, _LONG_RATE_HZ, seed=seconds)
        samples = np.resize(minute, seconds * _LONG_RATE_HZ)
        return write_wav(tmp_path_factory.mktemp("tracks") / f"noise_{seconds}.wav", samples, _LONG_RATE_HZ)

    return write

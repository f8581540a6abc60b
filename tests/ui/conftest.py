"""The real app, and a real browser."""

import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

import numpy as np
import pytest
from playwright.sync_api import Browser, Page, Playwright, expect, sync_playwright

from genre_app.ui.run_folder import RunFolder
from genre_app.ui.shared.visits import Visits
from tests.serving import Server, serve
from tests.sounds import music, write_wav
from tests.ui.visit import TIMEOUT_S, Visit

_MICROPHONE_RATE_HZ: Final = 44_100
_LONG_RATE_HZ: Final = 4_000
_PERMISSIONS: Final = ("microphone",)
#: Number of the visitor whose page stays open for all tests of a module.
_STAYS: Final = -1
_DESKTOP: Final = {"width": 1280, "height": 900}
_QUIET: Final = (
    "--no-sandbox",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-domain-reliability",
    "--disable-sync",
    "--no-first-run",
    # Pages of one visitor share a process, and with it what is compiled of Gradio's and Plotly's scripts.
    "--process-per-site",
    # And so scripts need not be compiled again while they arrive. The last list of features counts: the others are
    # Playwright's.
    "--disable-features=ScriptStreaming,AvoidUnnecessaryBeforeUnloadCheckSync,DestroyProfileOnBrowserClose,PaintHolding",
)


@pytest.fixture(scope="package")
def server(tmp_path_factory: pytest.TempPathFactory, scored_examples: Path) -> Iterator[Server]:
    # One thread that scores: tracks that are under way while a page is looked at leave the browser a core.
    with serve(tmp_path_factory.mktemp("server"), cache=scored_examples, GENRE_THREADS="1") as running:
        yield running


@pytest.fixture(scope="package")
def playwright() -> Iterator[Playwright]:
    expect.set_options(timeout=TIMEOUT_S * 1000)
    with sync_playwright() as running:
        yield running


@pytest.fixture(scope="package")
def browser(playwright: Playwright, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    """Chromium, whose microphone records a chord."""
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    if chromium is None:
        pytest.skip("no Chromium is installed")
    times_s = np.arange(10 * _MICROPHONE_RATE_HZ) / _MICROPHONE_RATE_HZ
    chord = sum(np.sin(2 * np.pi * frequency_hz * times_s) for frequency_hz in (220.0, 277.2, 329.6)) / 4
    recorded = write_wav(
        tmp_path_factory.mktemp("microphone") / "chord.wav", np.asarray(chord, np.float32), _MICROPHONE_RATE_HZ
    )
    browser = playwright.chromium.launch(
        executable_path=chromium,
        args=[
            *_QUIET,
            "--use-fake-device-for-media-stream",
            "--use-fake-ui-for-media-stream",
            f"--use-file-for-fake-audio-capture={recorded}",
        ],
    )
    yield browser
    browser.close()


class Visitors:
    """Keeps a browser context for each visitor that may be there at the same time, and forgets what it stored.

    A page in a context of its own compiles megabytes of scripts anew, which takes longer than most tests. So a context
    goes from one test to the next, whatever the size of their windows, with an idle page of the same site that keeps
    its process alive, and everything else of a new visitor is new: the page, its session, the browser's storage and
    cookies.
    """

    def __init__(self, browser: Browser) -> None:
        self._browser = browser
        self._keepers: dict[str, Page] = {}

    def enter(self, address: str, number: int, options: dict[str, Any], *, link: str | None = None) -> Visit:
        """Open the app's page, or a link to it, as the visitor of this number, counted from 0, among those there."""
        others = {name: value for name, value in options.items() if name != "viewport"}
        key = repr((address, number, sorted(others.items())))
        if key not in self._keepers:
            self._keepers[key] = self._browser.new_context(permissions=_PERMISSIONS, **others).new_page()
            self._keepers[key].goto(f"{address}/theme.css")
        page = self._keepers[key].context.new_page()
        page.set_viewport_size(options.get("viewport", _DESKTOP))
        return Visit(page, address, link=link)

    def leave(self, visit: Visit) -> None:
        """Close a page and forget whoever looked at it."""
        context = visit.page.context
        visit.page.close()
        context.pages[0].evaluate("() => { localStorage.clear(); sessionStorage.clear(); }")
        context.clear_cookies()
        context.clear_permissions()
        context.grant_permissions(_PERMISSIONS)


@pytest.fixture
def run_folder(tmp_path: Path) -> Iterator[RunFolder]:
    (tmp_path / "run").mkdir()
    run = RunFolder(tmp_path / "run")
    yield run
    run.remove()


@pytest.fixture
def visits(run_folder: RunFolder) -> Visits:
    return Visits(run_folder, max_visit_mb=100, max_uploads_mb=1000)


@pytest.fixture(scope="package")
def visitors(browser: Browser) -> Visitors:
    return Visitors(browser)


@pytest.fixture
def clean_log(server: Server) -> Iterator[None]:
    """Check that the server reports no error of its own during the test."""
    log_start = len(server.log.read_text())
    yield
    log = server.log.read_text()[log_start:]
    assert not _faults_in(log), log


def _faults_in(log: str) -> list[str]:
    """Return the tracebacks, but for Gradio's when a page that is being left asks once more for its events."""
    entries = re.split(r"^(?=ERROR: )", log, flags=re.MULTILINE)
    faults = [entry for entry in entries if "Traceback" in entry]
    return [fault for fault in faults if not ("in sse_stream" in fault and "HTTPException: 404" in fault)]


@pytest.fixture
def open_page(visitors: Visitors, server: Server, clean_log: None) -> Iterator[Callable[..., Visit]]:
    """Open the page or a link as a new visitor: a factory; further arguments are Playwright's for ``new_context``."""
    visits: list[Visit] = []

    def new_visit(*, link: str | None = None, **options: object) -> Visit:
        visits.append(visitors.enter(server.address, len(visits), options, link=link))
        return visits[-1]

    yield new_visit
    for visit in visits:
        visitors.leave(visit)
    for visit in visits:
        assert not visit.errors
        assert not visit.foreign_requests


@pytest.fixture
def visit(open_page: Callable[..., Visit]) -> Visit:
    """A page at desktop size."""
    return open_page()


@pytest.fixture(scope="module")
def module_page(visitors: Visitors) -> Iterator[list[Visit]]:
    """The page that the tests of a module share, once one of them needs it."""
    pages: list[Visit] = []
    yield pages
    for visit in pages:
        visitors.leave(visit)


@pytest.fixture
def same_visit(
    visitors: Visitors, server: Server, module_page: list[Visit], clean_log: None, request: pytest.FixtureRequest
) -> Iterator[Visit]:
    """The page at desktop size as the test before left it, which saves opening it; after a failure, a new one.

    For tests that begin with an upload, which replaces whatever the page shows.
    """
    if not module_page:
        module_page.append(visitors.enter(server.address, _STAYS, {}))
    visit = module_page[0]
    visit.forget()
    n_failed = request.session.testsfailed
    yield visit
    if request.session.testsfailed > n_failed or visit.errors:
        visitors.leave(module_page.pop())
    assert not visit.errors
    assert not visit.foreign_requests


@pytest.fixture(scope="session")
def short_track(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Four seconds of a piano."""
    return write_wav(tmp_path_factory.mktemp("tracks") / "piano.wav", music(4, 16_000, start_s=8), 16_000)


@pytest.fixture(scope="session")
def long_track(tmp_path_factory: pytest.TempPathFactory) -> Callable[[int], Path]:
    """Make a track of so many seconds at a low rate; each length is another track to the cache."""

    def write(seconds: int) -> Path:
        samples = music(seconds, _LONG_RATE_HZ, start_s=seconds % 20)
        return write_wav(tmp_path_factory.mktemp("tracks") / f"piano_{seconds}.wav", samples, _LONG_RATE_HZ)

    return write

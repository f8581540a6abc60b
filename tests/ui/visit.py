"""A visitor's page: its actions and what it shows."""

import base64
import json
import re
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from playwright.sync_api import ConsoleMessage, Locator, Page, Request
from playwright.sync_api import TimeoutError as PlaywrightTimeoutError

from genre_app.genres import GENRES, display_name
from genre_app.results.schema import ClassificationResult

#: Generous, as the machine may be busy.
TIMEOUT_S: Final = 60.0
#: Errors that Gradio logs where a page is left before the server has answered.
LEAVING: Final = ["AbortError", "Connection errored out", "Failed to fetch", r"\b404\b"]
_POLL_S: Final = 0.1
_PLACE_MS: Final = 2000
_LABELS: Final = {display_name(genre): genre for genre in GENRES}


class Visit:
    """One page, watched from its start to its end."""

    def __init__(self, page: Page, address: str, *, link: str | None = None) -> None:
        self.page = page
        self.requests: list[str] = []
        self.sent: list[str] = []
        self.allowed_errors: list[str] = []
        self._address = address
        self._errors: list[str] = []
        page.set_default_timeout(TIMEOUT_S * 1000)
        page.on("console", self._on_console)
        page.on("pageerror", lambda error: self._errors.append(str(error)))
        page.on("request", self._on_request)
        page.goto(link or address)
        self.wait_until_built()

    def _on_console(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self._errors.append(message.text)

    def _on_request(self, request: Request) -> None:
        self.requests.append(request.url)
        if "/queue/join?" in request.url:
            self.sent.append((request.post_data or "")[:160])

    def forget(self) -> None:
        """Forget errors and requests up to now."""
        for kept in (self.requests, self.sent, self.allowed_errors, self._errors):
            kept.clear()

    @property
    def errors(self) -> list[str]:
        """Errors in the page's console that the test does not expect."""
        return [text for text in self._errors if not any(re.search(known, text) for known in self.allowed_errors)]

    @property
    def foreign_requests(self) -> list[str]:
        """Requests to other hosts."""
        own = urlsplit(self._address).netloc
        return [url for url in self.requests if urlsplit(url).netloc not in {"", own}]

    @property
    def n_uploads(self) -> int:
        return sum("/upload?" in url for url in self.requests)

    # What a visitor does

    def open_again(self) -> None:
        """Open the page's own address in place of what is shown, as the same browser does at its next visit."""
        self.allowed_errors += LEAVING
        self.page.goto(self._address)
        self.wait_until_built()

    @property
    def file_input(self) -> Locator:
        return self.page.locator("#track input[type=file]")

    def upload(self, path: Path) -> None:
        """Choose a file in the dialogue of the drop zone, or of the strip that stands for it beside a track."""
        strip = self.page.locator("#one-track").get_by_label("Another recording")

        def is_taken() -> bool:
            try:  # neither is there while another file is on its way
                (strip if strip.is_visible() else self.file_input).set_input_files(path, timeout=_PLACE_MS)
            except PlaywrightTimeoutError:
                return False
            return True

        self.wait_for(is_taken, "a place for a file")

    def drop(self, *paths: Path, onto: str = "body") -> None:
        """Drop files from the desktop somewhere on the page."""
        files = [(path.name, base64.b64encode(path.read_bytes()).decode()) for path in paths]
        transfer = self.page.evaluate_handle(
            """async (files) => {
                const transfer = new DataTransfer();
                for (const [name, content] of files) {
                    const bytes = await (await fetch("data:;base64," + content)).blob();
                    transfer.items.add(new File([bytes], name));
                }
                return transfer;
            }""",
            files,
        )
        for event in ("dragenter", "dragover", "drop"):
            self.page.dispatch_event(onto, event, {"dataTransfer": transfer})

    def slider(self, name: str) -> Locator:
        """Find a slider, such as ``window``, among the advanced settings, which are unfolded for it."""
        self.unfold_settings()
        return self.page.locator(f"#{name} input[type=range]")

    def unfold_settings(self) -> None:
        """Unfold the advanced settings, and wait until they are built: a slider that is being built forgets a move."""
        folded = self.page.locator("#advanced > button.label-wrap:not(.open)")
        if folded.count():
            folded.click()
            self.page.locator("#window input[type=range]").wait_for()
            self.page.evaluate("() => new Promise((idle) => requestIdleCallback(idle))")

    # What a visitor sees

    def wait_until_built(self) -> None:
        """Wait until a page that was opened takes files, and its scripts have arranged it."""
        self.file_input.wait_for(state="attached")
        self.page.locator("html.recalled").wait_for(state="attached")

    def wait_for_reading(self, read: Callable[[], object], expected: object, what: str) -> None:
        """Wait until something on the page reads as expected; the last reading is in the failure."""
        readings: list[object] = []

        def matches() -> bool:
            readings[:] = [read()]
            return bool(readings == [expected])

        try:
            self.wait_for(matches, what)
        except AssertionError as error:
            error.add_note(f"expected {expected!r}, read {readings}")
            raise

    def wait_for(self, condition: Callable[[], bool], what: str, *, timeout_s: float = TIMEOUT_S) -> None:
        deadline = time.monotonic() + timeout_s
        while not condition():
            assert time.monotonic() < deadline, (
                f"not seen in {timeout_s:.0f} s: {what}; status: {self.status!r}; last sent: {self.sent[-6:]}"
            )
            self.page.wait_for_timeout(_POLL_S * 1000)

    @property
    def status(self) -> str:
        """What is said of the analysis; read at once, as it may vanish at any time."""
        status: str = self.page.evaluate(
            """() => Array.from(document.querySelectorAll("#status :is(.progress, .message)"))
                .filter((each) => each.checkVisibility()).map((each) => each.innerText.trim()).join()"""
        )
        return status

    def wait_for_status(self, pattern: str) -> str:
        """Wait for a status and return the reading that matched: by the next one the page may say more."""
        readings: list[str] = []

        def matches() -> bool:
            readings[:] = [self.status]
            return bool(re.search(pattern, readings[0]))

        self.wait_for(matches, f"status {pattern!r}")
        return readings[0]

    @property
    def has_result(self) -> bool:
        return self.page.locator("#headline h2").is_visible()

    def shows(self, track_name: str) -> bool:
        """Say whether the page shows a track's result."""
        return self.has_result and self.page.locator("#headline .track").all_inner_texts() == [track_name]

    def wait_for_result(self, track_name: str) -> None:
        """Wait for a track's headline and charts."""
        self.wait_for(lambda: self.shows(track_name), f"result of {track_name}")
        self.wait_for_charts()

    def wait_for_charts(self) -> None:
        self.wait_for(lambda: len(self.bars()) > 0 and self.n_areas() > 0, "charts")

    @property
    def headline(self) -> str:
        return self.page.locator("#headline h2").inner_text()

    def genres_in_headline(self) -> list[str]:
        """Return the labels of the genres that the headline names, in its order."""
        places = {label: self.headline.lower().find(name.lower()) for name, label in _LABELS.items()}
        return sorted((label for label, place in places.items() if place >= 0), key=lambda label: places[label])

    def bars(self) -> list[tuple[str, str, float]]:
        """Return what the bars show from top to bottom, unfolded or not: label, score as it is written, opacity."""
        drawn: Sequence[tuple[str, str, float]] = self.page.evaluate(
            """() => Array.from(document.querySelectorAll("#bars .scores li")).map((row) => [
                row.querySelector(".name").textContent, row.querySelector(".score").textContent,
                Number(getComputedStyle(row).opacity),
            ])"""
        )
        return [(_LABELS[name], score, opacity) for name, score, opacity in drawn]

    def n_areas(self) -> int:
        """Count the areas of the timeline."""
        return self.page.locator("#timeline .scatterlayer .js-fill").count()

    def legend(self) -> list[str]:
        return self.page.locator("#timeline .legendtext").all_text_contents()

    def n_strip_pieces(self) -> int:
        """Count the pieces of the strip below the timeline, one for each window."""
        return self.page.locator("#timeline .barlayer .point path").count()

    def download(self) -> tuple[str, dict[str, Any]]:
        """Download the JSON once there is one; return the file's name and content."""
        deadline = time.monotonic() + TIMEOUT_S
        while True:
            try:
                with self.page.expect_download(timeout=2000) as waiting:
                    self.page.locator("#download").click()
            except PlaywrightTimeoutError:
                assert time.monotonic() < deadline, "nothing to download"
            else:
                text = waiting.value.path().read_text(encoding="utf-8")
                return waiting.value.suggested_filename, json.loads(text)

    def wait_for_json(self, condition: Callable[[ClassificationResult], bool]) -> ClassificationResult:
        """Download the JSON once it matches the charts, which it follows with a delay."""
        results: list[ClassificationResult] = []

        def follows() -> bool:
            results.append(ClassificationResult.model_validate(self.download()[1]))
            return condition(results[-1])

        self.wait_for(follows, "JSON that fits")
        return results[-1]

"""Screenshots of the page for the documentation: ``python -m tests.ui.screenshots FOLDER``."""

import re
import shutil
import sys
import tempfile
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, sync_playwright

from genre_app.examples import EXAMPLES
from tests.paths import SHARED
from tests.serving import Server, serve
from tests.ui.tabs import DESKTOP, PHONE, open_tab
from tests.ui.visit import Visit

_AUDIO = SHARED / "audio"
_SETTLING_MS = 1500


class Photographer:
    """Opens pages of one server and keeps pictures of them in a folder."""

    def __init__(self, browser: Browser, server: Server, folder: Path) -> None:
        self._browser = browser
        self._server = server
        self._folder = folder

    def open(self, *, scheme: str = "light", size: dict[str, int] | None = None) -> Visit:
        context = self._browser.new_context(viewport=size or DESKTOP, color_scheme=scheme)  # type: ignore[arg-type]
        return Visit(context.new_page(), self._server.address)

    def keep(self, visit: Visit, name: str) -> None:
        """Take a picture of the whole page once it is at rest, and close it."""
        visit.page.mouse.move(0, 0)
        visit.page.wait_for_timeout(_SETTLING_MS)
        picture = self._folder / f"{name}.png"
        visit.page.screenshot(path=picture, full_page=True)
        # 256 colours are enough for a page, and a quarter of the bytes in every clone.
        Image.open(picture).convert("RGB").quantize(256, dither=Image.Dither.NONE).save(picture, optimize=True)
        visit.page.context.close()

    def result(self, track: Path, name: str, *, scheme: str = "light", size: dict[str, int] | None = None) -> None:
        visit = self.open(scheme=scheme, size=size)
        visit.upload(track)
        visit.wait_for_result(track.name)
        visit.page.get_by_role("slider", name="Detail").fill("4")
        if "not sound like music" not in visit.headline:  # of what is no music, nothing more is said
            visit.wait_for(lambda: visit.page.locator("#insights").inner_text().strip() != "", "facts")
        self.keep(visit, name)

    def visualiser(self, track: Path, name: str) -> None:
        """Take a picture of the visualiser while a track plays."""
        visit = self.open()
        visit.upload(track)
        visit.wait_for_result(track.name)
        visit.page.get_by_role("button", name="Visualiser").click()
        visit.page.locator("#visualiser .genre", has_text=re.compile(".")).wait_for()
        visit.page.keyboard.press(" ")
        visit.wait_for(lambda: visit.page.evaluate("window.genreVisualiser.seen().level") > 0.6, "a loud part")
        visit.page.screenshot(path=self._folder / f"{name}.jpg", type="jpeg", quality=85)
        visit.page.context.close()


def take_all(photographer: Photographer, broken: Path) -> None:
    """Take every picture that the documentation shows."""
    photographer.keep(photographer.open(), "empty")
    medley = EXAMPLES[-1].path
    photographer.result(medley, "result-light")
    photographer.result(medley, "result-dark", scheme="dark")
    photographer.result(EXAMPLES[1].path, "phone", size=PHONE)
    photographer.visualiser(next(example.path for example in EXAMPLES if "disco" in example.path.name), "visualiser")
    photographer.result(_AUDIO / "vibe_ace.jazz.mp3", "not-sure")
    photographer.result(_AUDIO / "humpback.animal.wav", "not-music")
    visit = photographer.open()
    visit.upload(broken)
    visit.wait_for_status(broken.name)
    photographer.keep(visit, "error")
    visit = photographer.open()
    open_tab(visit, "Many tracks", "#many-box")
    visit.page.locator("#many-box input[type=file]").set_input_files(
        [*(example.path for example in EXAMPLES), broken, *sorted(_AUDIO.glob("*.*[a3g]"))]
    )
    visit.wait_for(lambda: "done" in visit.page.locator(".many-summary").inner_text(), "the end of the list")
    visit.page.wait_for_timeout(8 * _SETTLING_MS)
    photographer.keep(visit, "many-tracks")


def main(folder: Path) -> None:
    """Serve the app and take the pictures."""
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    with (
        tempfile.TemporaryDirectory() as temporary,
        serve(Path(temporary), GENRE_MODEL="standard") as server,
        sync_playwright() as playwright,
    ):
        broken = Path(temporary) / "interrupted-download.mp3"
        broken.write_bytes(b"<html>Please log in</html>")
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        take_all(Photographer(browser, server, folder), broken)
        browser.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]))

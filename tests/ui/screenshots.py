"""Screenshots of the page in each of its states.

``python -m tests.ui.screenshots docs`` takes those that the documentation shows. With ``--all FOLDER`` each state is
taken in light and dark at three sizes, to be looked at, and what axe-core finds in it is printed.
"""

import argparse
import re
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

from PIL import Image
from playwright.sync_api import Browser, ViewportSize, sync_playwright

from genre_app.examples import EXAMPLES
from tests.paths import SHARED
from tests.serving import Server, serve
from tests.sounds import music, write_wav
from tests.ui.tabs import PHONE, light_and_dark, open_tab, violations
from tests.ui.visit import Visit

Scheme = Literal["light", "dark"]

_AUDIO: Final = SHARED / "audio"
_DESKTOP: Final[ViewportSize] = {"width": 1280, "height": 900}
_SIZES: Final[tuple[ViewportSize, ...]] = (
    {"width": 1440, "height": 900},
    {"width": 1024, "height": 768},
    {"width": 390, "height": 844},
)
_SETTLING_MS: Final = 1500
_MEDLEY: Final = EXAMPLES[-1].path
_DISCO: Final = next(example.path for example in EXAMPLES if "disco" in example.path.name)


@dataclass(frozen=True, slots=True)
class State:
    """A state of the page.

    Attributes
    ----------
    name : str
        In the names of its pictures.
    reach : callable
        Brings a fresh page there; gets a folder for files too.
    keeps : bool
        Whether the page stays as it is while pictures are taken; else only what is on the screen is taken, at once.
    """

    name: str
    reach: Callable[[Visit, Path], None]
    keeps: bool = True


def _result(track: Path) -> Callable[[Visit, Path], None]:
    def reach(visit: Visit, folder: Path) -> None:
        visit.upload(track)
        visit.wait_for(lambda: visit.has_result, f"result of {track.name}")
        visit.page.get_by_role("slider", name="Detail").fill("4")
        if "not sound like music" not in visit.headline:  # of what is not music, nothing more is said
            visit.wait_for_charts()
            visit.wait_for(lambda: visit.page.locator("#insights").inner_text().strip() != "", "facts")

    return reach


def _scoring(visit: Visit, folder: Path) -> None:
    visit.upload(write_wav(folder / "half-an-hour.wav", music(1800.0, 22050), 22050))
    visit.page.locator("#status [data-waveform]").first.wait_for(state="attached")


def _error(visit: Visit, folder: Path) -> None:
    visit.upload(_broken(folder))
    visit.wait_for_status("interrupted")


def _many(visit: Visit, folder: Path) -> None:
    open_tab(visit, "Many tracks", "#many-box")
    visit.page.locator("#many-box input[type=file]").set_input_files(
        [*(example.path for example in EXAMPLES), _broken(folder), *sorted(_AUDIO.glob("*.*[a3g]"))]
    )
    visit.page.locator(".many-summary", has_text="done").wait_for()
    visit.wait_for(visit.page.locator("#many-cancel").is_disabled, "the end of the list")


def _compare(visit: Visit, folder: Path) -> None:
    open_tab(visit, "Compare", "#compare-track")
    visit.page.locator("#compare-track input[type=file]").set_input_files(_MEDLEY)
    for letter in "ab":
        visit.page.locator(f"#timeline-{letter} .plotly").first.wait_for(state="attached")


def _visualiser(visit: Visit, folder: Path) -> None:
    visit.upload(_DISCO)
    visit.wait_for_result(_DISCO.name)
    visit.page.get_by_role("button", name="Visualiser").click()
    visit.page.locator("#visualiser .genre", has_text=re.compile(".")).wait_for()
    visit.page.keyboard.press(" ")
    visit.wait_for(lambda: visit.page.evaluate("window.genreVisualiser.seen().level") > 0.6, "a loud part")


def _about(visit: Visit, folder: Path) -> None:
    open_tab(visit, "About", "#models .card.in-use")


STATES: Final = {
    state.name: state
    for state in (
        State("empty", lambda visit, folder: None),
        State("scoring", _scoring, keeps=False),
        State("result", _result(EXAMPLES[1].path)),
        State("mixed", _result(_MEDLEY)),
        State("outside", _result(_AUDIO / "robot_dity.electronic.ogg")),
        State("not-sure", _result(_AUDIO / "vibe_ace.jazz.mp3")),
        State("not-music", _result(_AUDIO / "humpback.animal.wav")),
        State("error", _error),
        State("many-tracks", _many),
        State("compare", _compare),
        State("about", _about),
        State("visualiser", _visualiser, keeps=False),
    )
}


def _broken(folder: Path) -> Path:
    broken = folder / "interrupted-download.mp3"
    broken.write_bytes(b"<html>Please log in</html>")
    return broken


class Photographer:
    """Opens pages of one server and keeps pictures of them in a folder."""

    def __init__(self, browser: Browser, server: Server, folder: Path, files: Path) -> None:
        self._browser = browser
        self._server = server
        self._folder = folder
        self._files = files

    @contextmanager
    def at(self, state: State, *, size: ViewportSize, scheme: Scheme = "light") -> Iterator[Visit]:
        """Open a page and bring it to a state."""
        context = self._browser.new_context(viewport=size, color_scheme=scheme)
        visit = Visit(context.new_page(), self._server.address)
        state.reach(visit, self._files)
        yield visit
        context.close()

    def keep(self, visit: Visit, state: State, name: str) -> None:
        """Take a picture of a page once it is at rest."""
        if state.keeps:
            visit.page.mouse.move(0, 0)
            visit.page.wait_for_timeout(_SETTLING_MS)
        if state is STATES["visualiser"]:  # soft light needs more than 256 colours
            visit.page.screenshot(path=self._folder / f"{name}.jpg", type="jpeg", quality=85)
            return
        picture = self._folder / f"{name}.png"
        visit.page.screenshot(path=picture, full_page=state.keeps)
        # 256 colours are enough for a page, and a quarter of the bytes in every clone.
        Image.open(picture).convert("RGB").quantize(256, dither=Image.Dither.NONE).save(picture, optimize=True)

    def everything(self, state: State) -> None:
        """Take a state in light and dark at all sizes, and print what axe-core finds."""
        with self.at(state, size=_SIZES[0]) as visit:
            for size in _SIZES:
                visit.page.set_viewport_size(size)
                for scheme in light_and_dark(visit):
                    name = f"{state.name}-{size['width']}-{scheme}"
                    self.keep(visit, state, name)
                    print(name, violations(visit) or "clean")


def for_documentation(photographer: Photographer) -> None:
    """Take the pictures that the documentation shows."""
    pictures: tuple[tuple[str, str, ViewportSize, Scheme], ...] = (
        ("empty", "empty", _DESKTOP, "light"),
        ("mixed", "result-light", _DESKTOP, "light"),
        ("mixed", "result-dark", _DESKTOP, "dark"),
        ("result", "phone", PHONE, "light"),  # type: ignore[arg-type]
        *((name, name, _DESKTOP, "light") for name in ("not-sure", "not-music", "error", "many-tracks", "compare")),
        ("visualiser", "visualiser", _DESKTOP, "light"),
    )
    for name, picture, size, scheme in pictures:
        with photographer.at(STATES[name], size=size, scheme=scheme) as visit:
            photographer.keep(visit, STATES[name], picture)


def main() -> None:
    """Serve the app and take the pictures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--all", action="store_true", help="every state, in light and dark at three sizes")
    parser.add_argument("--only", choices=STATES, action="append", help="with --all: only these states")
    asked = parser.parse_args()
    asked.folder.mkdir(parents=True, exist_ok=True)
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    with (
        tempfile.TemporaryDirectory() as temporary,
        serve(Path(temporary), GENRE_MODEL="standard") as server,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        photographer = Photographer(browser, server, asked.folder, Path(temporary))
        if asked.all:
            for name in asked.only or STATES:
                photographer.everything(STATES[name])
        else:
            for_documentation(photographer)
        browser.close()


if __name__ == "__main__":
    main()

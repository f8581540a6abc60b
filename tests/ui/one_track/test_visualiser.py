"""The visualiser: its mapping on a blank page, and its screen on the real one."""

import itertools
import json
import re
from collections.abc import Iterator
from typing import Any, Final

import pytest
from playwright.sync_api import Browser, Page, expect

from genre_app.examples import EXAMPLES
from genre_app.genres import GENRE_COLOURS
from genre_app.ui.one_track.visualiser import SCRIPTS, visualiser_data
from genre_app.ui.static import script
from tests.paths import ROOT
from tests.results import answers
from tests.ui.tabs import violations
from tests.ui.visit import Visit

DATA: Final[dict[str, Any]] = {
    "timeline": [
        {"start": 0, "end": 30, "genre": "jazz", "colour": GENRE_COLOURS["jazz"], "confidence": 1},
        {"start": 30, "end": 60, "genre": "hiphop", "colour": GENRE_COLOURS["hiphop"], "confidence": 1},
    ],
    "names": {"hiphop": "Hip-hop"},
}
#: Frames of ten seconds in which the music beats ten times a second and a hand jumps from the darkest genre to the
#: brightest; kept are the relative luminance of a white light and that of the scene's colours, as seen.
_STROBE: Final = """([data, isStill]) => {
    const { follow, schemeAt, luminance } = window.genreVisualiser.mapping;
    let seen = { level: 0, phase: 0, scheme: schemeAt(data, 0) };
    const frames = [];
    for (let i = 0; i < 600; i++) {
        const beat = Math.floor(i / 3) % 2;
        const wanted = { level: beat, speed: 1, scheme: schemeAt(data, beat ? 45 : 5) };
        seen = follow(seen, wanted, 1 / 60, { isStill });
        frames.push([seen.level, seen.phase, ...seen.scheme.map((colour) => seen.level * luminance(colour))]);
    }
    return frames;
}"""
#: The same on the pixels of a small canvas: mean relative luminance of each of its quarters, frame by frame.
_PIXELS: Final = """([data, beats]) => {
    const { mapping, scene } = window.genreVisualiser;
    const canvas = document.createElement("canvas");
    canvas.style = "width: 48px; height: 32px";
    document.body.append(canvas);
    const picture = scene(canvas);
    if (!picture) return null;
    const gl = canvas.getContext("webgl");
    const bytes = new Uint8Array(48 * 32 * 4);
    const part = (value) => (value / 255) ** 2.2;
    let seen = { level: 0, phase: 0, scheme: mapping.schemeAt(data, 0) };
    const frames = [];
    for (let i = 0; i < 240; i++) {
        const beat = Math.floor((i * 2 * beats) / 60) % 2;
        const wanted = { level: beat, speed: mapping.speedOf(data), scheme: mapping.schemeAt(data, beat ? 45 : 5) };
        seen = mapping.follow(seen, wanted, 1 / 60);
        picture.draw(seen);
        gl.readPixels(0, 0, 48, 32, gl.RGBA, gl.UNSIGNED_BYTE, bytes);
        const sums = [0, 0, 0, 0];
        for (let at = 0; at < 48 * 32; at++) {
            const quarter = 2 * (at >= 48 * 16) + (at % 48 >= 24);
            sums[quarter] += mapping.luminance([0, 1, 2].map((k) => part(bytes[4 * at + k])));
        }
        frames.push(sums.map((sum) => sum / (24 * 16)));
    }
    return frames;
}"""


def flashes_in(luminances: list[float]) -> int:
    """Count the pairs of opposing changes by 0.1 or more."""
    n_changes, turn, direction = 0, luminances[0], 0
    for value in luminances:
        if direction * (value - turn) > 0:
            turn = value  # it goes on
        elif abs(value - turn) >= 0.1:
            n_changes, turn, direction = n_changes + 1, value, 1 if value > turn else -1
    return n_changes // 2


def most_flashes_a_second(luminances: list[float]) -> int:
    return max(flashes_in(luminances[i : i + 60]) for i in range(0, len(luminances) - 59, 5))


def test_flashes_are_counted() -> None:
    strobe = [float(i // 3 % 2) for i in range(60)]
    assert flashes_in(strobe) == 9
    assert flashes_in([value * 0.05 for value in strobe]) == 0


def test_the_data_are_those_of_the_documentation() -> None:
    text = (ROOT / "docs" / "visualiser.md").read_text(encoding="utf-8")
    (example,) = re.findall(r"```json\n(.*?)```", text, flags=re.DOTALL)
    documented = json.loads(example)
    data = visualiser_data(answers.result_of(*answers.MIXED))
    assert data.keys() == documented.keys()
    assert data["metadata"].keys() == documented["metadata"].keys()
    assert data["timeline"][0].keys() == documented["timeline"][0].keys()
    assert data["palette"]["jazz"].keys() == documented["palette"]["jazz"].keys()
    assert data["names"] == {"hiphop": "Hip-hop", "reggae": "Reggae", "classical": "Classical"}


@pytest.fixture(scope="module")
def blank(browser: Browser) -> Iterator[Page]:
    """A page with nothing but the visualiser."""
    page = browser.new_page(viewport={"width": 320, "height": 240})
    page.set_content("<!doctype html><title>Blank</title>")
    for name in SCRIPTS:
        page.add_script_tag(content=script(name))
    yield page
    page.close()


def mapped(page: Page, call: str, *values: Any) -> Any:
    return page.evaluate(f"(values) => window.genreVisualiser.mapping.{call}(...values)", list(values))


@pytest.mark.browser
def test_a_colour_gives_way_to_the_next_one_around_the_change(blank: Page) -> None:
    jazz, between, hiphop = (mapped(blank, "colourAt", DATA, time_s) for time_s in (15, 30, 45))
    assert between == pytest.approx([(a + b) / 2 for a, b in zip(jazz, hiphop, strict=True)], abs=1e-6)
    assert mapped(blank, "colourAt", DATA, 29) != jazz
    assert mapped(blank, "colourAt", {"timeline": DATA["timeline"][:1]}, 15) == jazz


@pytest.mark.browser
def test_loudness_and_tempo_are_held_in_their_ranges(blank: Page) -> None:
    assert mapped(blank, "loudnessOf", [0.0] * 64) == 0
    assert mapped(blank, "loudnessOf", [1.0, -1.0] * 32) == 1
    assert 0.3 < mapped(blank, "loudnessOf", [0.03, -0.03] * 32) < 0.6
    slow, usual, fast, faster = (
        mapped(blank, "speedOf", {"facts": {"tempo_bpm": bpm}}) for bpm in (70, 110, 200, 1000)
    )
    assert slow < usual < fast == faster
    assert mapped(blank, "speedOf", {}) == usual


@pytest.mark.browser
def test_nothing_that_is_played_or_pressed_flashes(blank: Page) -> None:
    frames = blank.evaluate(_STROBE, [DATA, False])
    for luminances in list(zip(*frames, strict=True))[2:]:
        assert most_flashes_a_second(list(luminances)) <= 3
    levels = [frame[0] for frame in frames]
    assert max(abs(b - a) for a, b in itertools.pairwise(levels)) * 60 <= 0.18 + 1e-6


@pytest.mark.browser
@pytest.mark.parametrize("beats", [1, 2, 10])
def test_no_quarter_of_the_picture_flashes(blank: Page, beats: int) -> None:
    frames = blank.evaluate(_PIXELS, [DATA, beats])
    if frames is None:
        pytest.skip("this browser draws no WebGL")
    assert max(map(max, frames)) > 0.01, "something is drawn"
    for luminances in zip(*frames, strict=True):
        assert most_flashes_a_second(list(luminances)) <= 3


@pytest.mark.browser
def test_with_reduced_motion_only_colours_change_and_slowly(blank: Page) -> None:
    frames = blank.evaluate(_STROBE, [DATA, True])
    assert {frame[0] for frame in frames} == {0}
    assert {frame[1] for frame in frames} == {0}


@pytest.mark.browser
def test_without_a_recording_a_silent_clock_goes_through_the_track(blank: Page) -> None:
    blank.evaluate("(data) => window.genreVisualiser.show(data)", DATA)
    screen = blank.locator("#visualiser")
    expect(screen.locator(".genre")).to_have_text("Jazz")
    expect(screen.locator(".time")).to_have_text("0:00 / 1:00 · no sound: the recording is not kept")
    for _ in range(7):
        blank.keyboard.press("ArrowRight")
    expect(screen.locator(".genre")).to_have_text("Hip-hop")
    expect(screen.locator(".strip")).to_have_attribute("aria-valuetext", "0:35 of 1:00")
    blank.keyboard.press(" ")
    expect(screen.locator(".time")).to_contain_text("0:36 / 1:00")
    blank.keyboard.press("Escape")
    expect(screen).to_be_hidden()


def _seen(visit: Visit) -> dict[str, Any]:
    seen: dict[str, Any] = visit.page.evaluate("window.genreVisualiser.seen()")
    return seen


@pytest.mark.browser
def test_the_button_opens_the_screen_and_the_sound_moves_it(same_visit: Visit) -> None:
    disco = next(example for example in EXAMPLES if "disco" in example.path.name)
    same_visit.upload(disco.path)
    same_visit.wait_for_result(disco.path.name)
    page, screen = same_visit.page, same_visit.page.locator("#visualiser")
    page.get_by_role("button", name="Visualiser").click()
    expect(screen.locator(".genre")).to_have_text("Disco")
    expect(screen.locator(".track")).to_have_text(disco.path.name)
    assert violations(same_visit) == []
    page.keyboard.press(" ")
    same_visit.wait_for(lambda: _seen(same_visit)["level"] > 0.1, "the loudness is seen")
    page.keyboard.press("f")
    same_visit.wait_for(lambda: not page.evaluate("Boolean(document.fullscreenElement)"), "F leaves the full screen")
    expect(screen).to_be_visible()
    page.emulate_media(reduced_motion="reduce")
    phase = _seen(same_visit)["phase"]
    page.keyboard.press("End")
    expect(screen.locator(".play")).to_have_text("Play")
    assert _seen(same_visit)["phase"] == pytest.approx(phase, abs=0.02)
    page.emulate_media(reduced_motion="no-preference")
    page.keyboard.press("Escape")
    expect(screen).to_be_hidden()

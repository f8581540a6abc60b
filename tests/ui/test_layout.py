"""What a person sees: nothing overlaps, jumps, runs out of the screen, or is too pale to read."""

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.ui.tabs import is_within_screen, light_and_dark
from tests.ui.visit import Visit

pytestmark = pytest.mark.browser

DESKTOP = {"width": 1440, "height": 900}
PHONE = {"width": 390, "height": 844}
_IN_VIEW = ("#entry .another", "#headline", "#waveform", "#timeline")

#: Visible texts whose contrast with what lies behind them is below WCAG's 4.5.
_PALE_TEXTS = """() => {
    const channels = (colour) => {
        const [r, g, b, a = 1] = colour.match(/[\\d.]+/g).map(Number);
        return [r, g, b, a];
    };
    const luminance = ([r, g, b]) => [r, g, b]
        .map((value) => value / 255)
        .map((value) => (value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4))
        .reduce((sum, value, i) => sum + value * [0.2126, 0.7152, 0.0722][i], 0);
    const ground = (element) => {
        for (let at = element; at; at = at.parentElement) {
            const colour = channels(getComputedStyle(at).backgroundColor);
            if (colour[3] > 0.99) return colour;
        }
        return [255, 255, 255];
    };
    const pale = [];
    for (const element of document.querySelectorAll("body *")) {
        const text = Array.from(element.childNodes)
            .filter((node) => node.nodeType === Node.TEXT_NODE).map((node) => node.textContent.trim()).join("");
        if (!text || !element.checkVisibility({ visibilityProperty: true, opacityProperty: true })) continue;
        if (element.closest("script, style, noscript, footer, .upload-container input")) continue;
        const style = getComputedStyle(element);
        const ink = channels(element instanceof SVGElement ? style.fill : style.color);
        const [light, dark] = [luminance(ink), luminance(ground(element))].sort((a, b) => b - a);
        const contrast = (light + 0.05) / (dark + 0.05);
        if (contrast < 4.5) pale.push(`${text.slice(0, 40)}: ${contrast.toFixed(1)}`);
    }
    return pale;
}"""


def test_every_text_can_be_read_and_the_code_of_the_charts_comes_before_a_track(
    visit: Visit, short_track: Path
) -> None:
    visit.wait_for(lambda: any("/PlotlyPlot-" in url for url in visit.requests), "Plotly is fetched")
    for scheme in light_and_dark(visit):
        visit.wait_for_reading(lambda: visit.page.evaluate(_PALE_TEXTS), [], f"no pale text in {scheme}")
    visit.upload(short_track)
    visit.wait_for_result(short_track.name)
    for scheme in light_and_dark(visit):
        visit.wait_for_reading(lambda: visit.page.evaluate(_PALE_TEXTS), [], f"no pale text in {scheme}")


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_answer_and_timeline_are_in_view_and_stay_there(open_page: Callable[..., Visit], size: dict[str, int]) -> None:
    visit = open_page(viewport=size)
    page = visit.page
    # The last example is far down on a phone, and its answer, three genres in turn, is the longest.
    page.locator("#examples .example > button", has_text="Medley").click()
    visit.wait_for_result("three-style-medley.mp3")
    before = {selector: _box(visit, selector) for selector in _IN_VIEW}
    assert before["#entry .another"]["y"] >= 0
    assert before["#timeline"]["y"] + before["#timeline"]["height"] <= size["height"]
    assert is_within_screen(visit)
    lower = _box(visit, "#downloads")

    visit.wait_for(lambda: "Tempo" in page.locator("#insights").inner_text(), "what is found after the answer")

    assert {selector: _box(visit, selector) for selector in _IN_VIEW} == before
    assert _box(visit, "#downloads") == lower


def test_everything_begins_at_one_edge(same_visit: Visit, short_track: Path) -> None:
    same_visit.upload(short_track)
    same_visit.wait_for_result(short_track.name)
    parts = (
        ".masthead h1",
        "#tabs",
        "#entry .another",
        ".headline",
        "#waveform",
        "#timeline",
        "#detail",
        "#advanced",
        "#bars",
    )
    edges = {round(_box(same_visit, part)["x"]) for part in (*parts, "#downloads", "#link", "#json-on-screen")}
    assert len(edges) == 1


def test_the_page_is_named_after_its_result(same_visit: Visit, short_track: Path) -> None:
    same_visit.upload(short_track)
    same_visit.wait_for_result(short_track.name)
    expect(same_visit.page).to_have_title(f"{short_track.name} \N{EN DASH} {same_visit.headline}")
    same_visit.page.get_by_role("button", name="Record", exact=True).click()
    expect(same_visit.page).to_have_title("Genre")


def _box(visit: Visit, selector: str) -> dict[str, float]:
    """Return where an element is in the window."""
    visit.page.locator(selector).first.wait_for()
    box: dict[str, float] = visit.page.evaluate(
        "(selector) => document.querySelector(selector).getBoundingClientRect().toJSON()", selector
    )
    return box

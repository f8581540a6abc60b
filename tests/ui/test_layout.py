"""What a person sees: nothing overlaps, jumps, runs out of the screen, or is too pale to read."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.ui.tabs import light_and_dark
from tests.ui.visit import Visit

pytestmark = pytest.mark.browser

DESKTOP = {"width": 1280, "height": 900}
PHONE = {"width": 390, "height": 844}

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


def test_every_text_can_be_read(visit: Visit, short_track: Path) -> None:
    for scheme in light_and_dark(visit):
        visit.wait_for_reading(lambda: visit.page.evaluate(_PALE_TEXTS), [], f"no pale text in {scheme}")
    visit.upload(short_track)
    visit.wait_for_result(short_track.name)
    for scheme in light_and_dark(visit):
        visit.wait_for_reading(lambda: visit.page.evaluate(_PALE_TEXTS), [], f"no pale text in {scheme}")


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_results_stand_beside_the_player_or_below_it_and_nothing_moves(
    open_page: Callable[..., Visit], short_track: Path, size: dict[str, int]
) -> None:
    visit = open_page(viewport=size)
    beside = size is DESKTOP
    before = _top(visit, "#status") - (0 if beside else _top(visit, "#settings"))

    visit.upload(short_track)
    visit.wait_for_result(short_track.name)

    after = _top(visit, "#headline") - (0 if beside else _top(visit, "#settings"))
    assert after == pytest.approx(before, abs=1)
    assert visit.page.evaluate("document.documentElement.scrollWidth") <= size["width"]
    gap = _top(visit, "#limits") - visit.page.evaluate(
        "document.querySelector('#track').getBoundingClientRect().bottom"
    )
    assert 0 <= gap < 40


def _top(visit: Visit, selector: str) -> float:
    top: float = visit.page.evaluate(f"document.querySelector('{selector}').getBoundingClientRect().top + scrollY")
    return top

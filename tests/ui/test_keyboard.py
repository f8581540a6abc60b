"""The whole way through the first tab without a mouse."""

import json
from collections.abc import Callable
from typing import Final

import pytest
from playwright.sync_api import expect

from genre_app.results.schema import ClassificationResult
from tests.ui.one_track.test_player import audio, time_s
from tests.ui.tabs import is_within_screen
from tests.ui.visit import Visit

pytestmark = pytest.mark.browser

_MOST_STEPS = 80
#: What a zoom of 200 % leaves of a window of 1280 x 900.
_AT_200_PERCENT: Final = {"width": 640, "height": 450}


def tab_to(visit: Visit, selector: str) -> None:
    """Press Tab until an element has the focus, and see that the focus can be seen."""
    for _ in range(_MOST_STEPS):
        visit.page.keyboard.press("Tab")
        if visit.page.evaluate("(selector) => document.activeElement?.matches(selector)", selector):
            return
    pytest.fail(f"{_MOST_STEPS} times Tab did not lead to {selector}")


def test_from_an_example_to_its_download_without_a_mouse_at_twice_the_size(open_page: Callable[..., Visit]) -> None:
    visit = open_page(viewport=_AT_200_PERCENT, device_scale_factor=2)
    keyboard = visit.page.keyboard
    tab_to(visit, "#tabs [role=tab]")
    outline = visit.page.evaluate(
        "() => { const style = getComputedStyle(document.activeElement); return style.outlineStyle + style.boxShadow; }"
    )
    assert outline != "nonenone"

    tab_to(visit, "#examples .example:nth-child(2) > button")
    keyboard.press("Enter")
    visit.wait_for_result("jazz-trio.mp3")
    assert visit.genres_in_headline() == ["jazz"]
    assert is_within_screen(visit)

    tab_to(visit, "#player .play")
    keyboard.press("Enter")
    visit.wait_for(lambda: time_s(visit) > 0.2, "the track plays")
    keyboard.press("Enter")
    visit.wait_for(lambda: bool((audio(visit) or {}).get("paused")), "the track pauses")

    tab_to(visit, "#player .scrubber")
    keyboard.press("Home")
    for _ in range(3):
        keyboard.press("ArrowRight")
    visit.wait_for(lambda: abs(time_s(visit) - 15) < 0.5, "three steps of five seconds")

    before = visit.n_strip_pieces()
    tab_to(visit, "#advanced > button")
    keyboard.press("Enter")
    tab_to(visit, "#window input[type=range]")
    for _ in range(20):
        keyboard.press("ArrowLeft")
    expect(visit.slider("window")).to_have_value("10")
    visit.wait_for(lambda: visit.n_strip_pieces() > before, "more and shorter windows")

    tab_to(visit, "#bars summary")
    keyboard.press("Enter")
    expect(visit.page.locator("#bars li")).to_have_count(10)
    expect(visit.page.locator("#bars li").last).to_be_visible()

    tab_to(visit, "#download")
    with visit.page.expect_download() as waiting:
        keyboard.press("Enter")
    result = ClassificationResult.model_validate(json.loads(waiting.value.path().read_text(encoding="utf-8")))
    assert waiting.value.suggested_filename == "jazz-trio.mp3.json"
    assert result.metadata.window_seconds == 10.0

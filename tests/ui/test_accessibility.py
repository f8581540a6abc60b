"""What axe-core finds on the first tab and on the last; the other tabs' tests check theirs."""

from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.ui.tabs import DESKTOP, PHONE, open_tab, violations_light_and_dark
from tests.ui.visit import Visit

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_the_first_tab_empty_and_with_a_result(open_page: Callable[..., Visit], size: dict[str, int]) -> None:
    visit = open_page(viewport=size)
    assert violations_light_and_dark(visit) == {}
    visit.page.locator("#examples button", has_text="Jazz trio").click()
    visit.wait_for_result("jazz-trio.mp3")
    visit.wait_for(lambda: "Tempo" in visit.page.locator("#insights").inner_text(), "facts")
    assert violations_light_and_dark(visit) == {}


def test_an_error(same_visit: Visit, tmp_path: Path) -> None:
    visit = same_visit
    broken = tmp_path / "broken.mp3"
    broken.write_bytes(b"no music at all")
    visit.allowed_errors.append("Waveform load error|Failed to load|decode")
    open_tab(visit, "One track", "#one-track")
    visit.upload(broken)
    visit.wait_for_status("broken.mp3")
    assert violations_light_and_dark(visit) == {}


def test_one_title_a_page_and_no_heading_level_is_left_out(same_visit: Visit, short_track: Path) -> None:
    visit = same_visit
    open_tab(visit, "One track", "#one-track")
    visit.upload(short_track)
    visit.wait_for_result(short_track.name)
    levels = visit.page.evaluate(
        "() => Array.from(document.querySelectorAll('h1,h2,h3,h4,h5,h6'))"
        ".filter((heading) => heading.checkVisibility()).map((heading) => Number(heading.tagName[1]))"
    )
    assert levels.count(1) == 1
    assert levels[0] == 1
    assert all(later - earlier <= 1 for earlier, later in pairwise(levels))


def test_about_says_which_model_is_in_use_and_how_far_to_trust_each(same_visit: Visit) -> None:
    visit = same_visit
    open_tab(visit, "About", "#models .card.in-use")
    assert violations_light_and_dark(visit) == {}
    cards = visit.page.locator("#models .card")
    expect(cards.first).to_contain_text("MusiCNN", use_inner_text=True)
    expect(cards.first).to_contain_text("In use", use_inner_text=True)
    expect(cards.first).to_contain_text("81.3 %", use_inner_text=True)
    texts = cards.all_inner_texts()
    assert all("Accuracy" in text and "Licence" in text and "Limits" in text for text in texts)
    (maest,) = (text for text in texts if "MAEST" in text)
    assert "CC BY-NC-SA 4.0" in maest
    assert "not on this machine" in maest

"""Progress and cancelling."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.ui.visit import Visit

pytestmark = pytest.mark.browser

_WATCH_STATUS = """() => {
    window.seen = [];
    const look = () => {
        const text = document.querySelector("#status .progress, #status .message")?.innerText.trim();
        if (text && text !== window.seen.at(-1)) window.seen.push(text);
    };
    new MutationObserver(look).observe(document.body, { childList: true, subtree: true, characterData: true });
}"""


def test_progress_only_grows_and_cancel_ends_it(
    same_visit: Visit, long_track: Callable[[int], Path], short_track: Path
) -> None:
    visit = same_visit
    visit.page.evaluate(_WATCH_STATUS)
    visit.upload(long_track(40 * 60))
    visit.wait_for_status(r"Listening: (?!0 )\d+ %")
    visit.wait_for(lambda: len(_percentages(visit)) >= 4, "four different percentages")

    visit.page.locator("#cancel").click()

    visit.wait_for_status("^Cancelled")
    assert not visit.has_result
    expect(visit.page.locator("#cancel")).to_be_hidden()
    percentages = _percentages(visit)
    assert percentages == sorted(percentages)
    assert percentages[-1] < 100

    visit.page.get_by_role("button", name="Start again").click()
    visit.wait_for_status("Listening")
    assert visit.n_uploads == 1

    visit.upload(short_track)
    visit.wait_for_result(short_track.name)
    visit.wait_for_reading(lambda: visit.status, "", "no status")


def test_a_track_that_is_removed_is_not_analysed_any_further(visit: Visit, long_track: Callable[[int], Path]) -> None:
    visit.upload(long_track(41 * 60))
    visit.wait_for_status("Listening")

    visit.page.get_by_role("button", name="Record", exact=True).click()  # in its place

    visit.wait_for_reading(lambda: visit.status, "", "no status")
    visit.page.wait_for_timeout(1000)
    assert visit.status == ""
    assert not visit.has_result


def test_another_track_replaces_the_one_in_progress(
    same_visit: Visit, long_track: Callable[[int], Path], short_track: Path
) -> None:
    visit = same_visit
    visit.upload(long_track(42 * 60))
    visit.wait_for_status("Listening")

    visit.drop(short_track)

    visit.wait_for_result(short_track.name)
    visit.page.wait_for_timeout(1000)
    assert visit.has_result
    assert visit.status == ""


def _percentages(visit: Visit) -> list[int]:
    seen: list[str] = visit.page.evaluate("window.seen")
    found = [re.search(r"Listening: (\d+) %", text) for text in seen]
    return [int(match[1]) for match in found if match]

"""The tab for two models: their answers side by side, their timelines one above the other."""

import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import expect

from tests.sounds import music, write_wav
from tests.ui.tabs import DESKTOP, PHONE, is_within_screen, open_tab, violations_light_and_dark
from tests.ui.visit import Visit

pytestmark = pytest.mark.browser

#: Left edge, right edge and time range of a plot area.
_PLOT_AREAS = """() => ["a", "b"].map((letter) => {
    const plot = document.querySelector(`#timeline-${letter} .js-plotly-plot`);
    const axis = plot._fullLayout.xaxis;
    const left = plot.getBoundingClientRect().left + axis._offset;
    return [left, left + axis._length, ...axis.range];
})"""


@pytest.fixture
def track(tmp_path: Path) -> Path:
    """Forty seconds, the second half of which is something else."""
    samples = np.concatenate([music(20, 16_000), music(20, 16_000, piece="jazz-trio")])
    return write_wav(tmp_path / "halves.wav", samples, 16_000)


@pytest.fixture
def visit(same_visit: Visit) -> Visit:
    """The page that the tests of this module share, with the models that it has at first."""
    open_tab(same_visit, "Compare", "#compare")
    if same_visit.page.locator("#model-b input").input_value() != "Small CNN":
        mark_answer(same_visit)
        choose(same_visit, "model-b", "Small CNN")
        if same_visit.page.locator("#agreement .track").count():
            wait_for_both(same_visit)
    return same_visit


def compare(visit: Visit, track: Path) -> None:
    open_tab(visit, "Compare", "#compare")
    mark_answer(visit)
    strip = visit.page.locator("#compare").get_by_label("Another recording")
    entry = strip if strip.is_visible() else visit.page.locator("#compare-track input[type=file]")
    entry.set_input_files(track)


def mark_answer(visit: Visit) -> None:
    """Mark what is said of a track, so that it is not taken for what is said of the next one."""
    visit.page.evaluate("document.querySelector('#agreement .answer')?.classList.add('before')")


def sentence(visit: Visit) -> str:
    return visit.page.locator("#agreement .message").inner_text()


def side(visit: Visit, letter: str) -> str:
    text: str = visit.page.locator(f"#side-{letter}").inner_text()
    return text


def bottom_of(visit: Visit, answer: str) -> float:
    box = visit.page.locator(answer).bounding_box()
    assert box is not None
    return box["y"] + box["height"]


def wait_for_both(visit: Visit) -> None:
    visit.wait_for(
        lambda: visit.page.locator("#agreement .answer:not(.before)").is_visible(), f"both, not {sentence(visit)!r}"
    )
    for letter in "ab":
        visit.page.locator(f"#timeline-{letter} .js-plotly-plot .bglayer").wait_for(state="attached")


def choose(visit: Visit, picker: str, title: str) -> None:
    visit.page.locator(f"#{picker} input").click()
    visit.page.get_by_role("option", name=title, exact=True).click()


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_two_models_answer_in_view_and_a_moment_is_at_the_same_place(
    open_page: Callable[..., Visit], track: Path, size: dict[str, int]
) -> None:
    visit = open_page(viewport=size)
    open_tab(visit, "Compare", "#compare-track")
    assert violations_light_and_dark(visit) == {}
    compare(visit, track)
    wait_for_both(visit)
    for answer in ("#agreement", "#side-a .answer", "#side-b .answer"):
        assert bottom_of(visit, answer) <= size["height"]
    expect(visit.page.locator("#compare-track")).to_be_hidden()
    assert violations_light_and_dark(visit) == {}

    assert side(visit, "a").startswith("MusiCNN")
    assert side(visit, "b").startswith("Small CNN")
    assert "moment by moment they" in sentence(visit)
    for letter in "ab":
        expect(visit.page.locator(f"#side-{letter} .scores li")).to_have_count(10)
    visit.wait_for_reading(
        lambda: [area[2:] for area in visit.page.evaluate(_PLOT_AREAS)],
        [pytest.approx([0, 40], abs=0.1)] * 2,
        "both timelines over the whole track",
    )
    first, second = visit.page.evaluate(_PLOT_AREAS)
    assert first == pytest.approx(second, abs=0.01)
    assert is_within_screen(visit)
    visit.page.locator("#timeline-b").scroll_into_view_if_needed()
    place = visit.page.locator("#timeline-b .nsewdrag").first.bounding_box()
    assert place is not None
    visit.page.mouse.click(place["x"] + place["width"] / 2, place["y"] + place["height"] / 2)
    expect(visit.page.locator("#compare-player")).to_contain_text(re.compile(r"Pause\s*0:2\d / 0:40"))
    expect(visit.page.locator(".course .playhead")).to_have_count(2)
    for letter, title in (("a", "MusiCNN"), ("b", "Small CNN")):
        chart = visit.page.get_by_role("figure", name=f"Timeline of {title}")
        expect(chart).to_have_attribute("aria-describedby", f"timeline-{letter}-caption")
        expect(visit.page.locator(f"#timeline-{letter}-caption")).to_contain_text(" leads ")


def test_the_track_of_the_first_tab_is_taken_over_once(
    open_page: Callable[..., Visit], track: Path, short_track: Path
) -> None:
    visit = open_page()
    visit.upload(track)
    visit.wait_for_result(track.name)
    open_tab(visit, "Compare", "#compare")
    wait_for_both(visit)
    before = side(visit, "a")

    open_tab(visit, "One track", "#one-track")
    visit.upload(short_track)
    visit.wait_for_result(short_track.name)
    open_tab(visit, "Compare", "#compare")
    visit.page.wait_for_timeout(500)
    assert side(visit, "a") == before, "a track that is there stays"


def test_cancel_ends_both_and_both_start_again(visit: Visit, long_track: Callable[[int], Path]) -> None:
    compare(visit, long_track(43 * 60))
    visit.page.locator("#side-a .strip").wait_for()
    visit.page.locator("#compare-cancel").click()
    expect(visit.page.locator("#side-a")).to_contain_text("Cancelled.")
    # The other model is quick and may have been done before.
    expect(visit.page.locator("#side-b")).to_contain_text(re.compile(r"Cancelled\.|\d %"))
    visit.page.get_by_role("button", name="Start again").click()
    visit.page.locator("#side-a progress").wait_for()
    visit.page.locator("#compare-cancel").click()
    expect(visit.page.locator("#compare-cancel")).to_be_hidden()


def test_a_change_of_one_model_runs_only_that_one(visit: Visit, track: Path) -> None:
    compare(visit, track)
    wait_for_both(visit)
    before, n_sent = side(visit, "a"), len(visit.sent)
    visit.page.evaluate("document.querySelector('#side-a .scores').dataset.kept = 'yes'")

    choose(visit, "model-b", "Features that explain themselves")

    visit.wait_for(lambda: side(visit, "b").startswith("Features") and "%" in side(visit, "b"), "the other model")
    visit.wait_for(lambda: "Features" in visit.page.locator("#course-text-b").inner_text(), "its timeline")
    wait_for_both(visit)
    assert side(visit, "a") == before
    expect(visit.page.locator("#side-a .scores").first).to_have_attribute("data-kept", "yes")
    assert len(visit.sent) - n_sent == 2  # score, show


def test_a_model_with_itself_agrees_with_itself(visit: Visit, short_track: Path) -> None:
    compare(visit, short_track)
    wait_for_both(visit)
    mark_answer(visit)
    choose(visit, "model-b", "MusiCNN")
    wait_for_both(visit)
    assert sentence(visit).startswith("Both")
    assert sentence(visit).endswith("they agree all the time.")


def test_a_model_that_is_not_here_says_so_on_its_side(visit: Visit, short_track: Path) -> None:
    compare(visit, short_track)
    wait_for_both(visit)

    choose(visit, "model-b", "MAEST (Discogs) (not downloaded)")

    alert = visit.page.locator("#side-b [role=alert]")
    visit.wait_for(alert.is_visible, "why there is no answer")
    expect(alert).to_contain_text("maest", ignore_case=True)
    visit.wait_for(lambda: "nothing to compare" in sentence(visit), "sentence on both")
    assert "%" in side(visit, "a")
    expect(visit.page.locator("#timeline-b")).to_be_hidden()
    expect(visit.page.locator("#timeline-a")).to_be_visible()

    choose(visit, "model-b", "Small CNN")
    wait_for_both(visit)


def test_a_file_that_is_no_track_fails_on_both_sides_and_the_next_one_is_scored(
    visit: Visit, short_track: Path, tmp_path: Path
) -> None:
    visit.allowed_errors.append("Waveform load error|decode")
    text = tmp_path / "notes.mp3"
    text.write_text("no music\n" * 50)
    compare(visit, text)
    visit.wait_for(lambda: visit.page.locator("[id^=side-] [role=alert]").count() == 2, "two errors")

    compare(visit, short_track)
    wait_for_both(visit)


def test_a_file_is_dropped_on_the_page(visit: Visit, short_track: Path) -> None:
    mark_answer(visit)
    visit.drop(short_track)
    wait_for_both(visit)
    assert visit.n_uploads == 1

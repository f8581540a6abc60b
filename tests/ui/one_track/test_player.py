"""The waveform is the player: it grows with the analysis, seeks the audio and follows it, as the timeline does."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Locator, expect

from genre_app.examples import EXAMPLES
from tests.sounds import music, write_wav
from tests.ui.visit import Visit

pytestmark = pytest.mark.browser

TRACK_S = 40
_AUDIO = """() => {
    const audio = document.querySelector("#track audio");
    return audio && {
        time_s: audio.currentTime, duration_s: audio.duration, paused: audio.paused,
        speed: audio.playbackRate, volume: audio.volume,
    };
}"""
#: The share of the columns of the waveform's left and right half that hold anything but the line of silence.
_DRAWN = """() => {
    const canvas = document.querySelector("#player canvas");
    const { width, height } = canvas;
    if (!canvas.checkVisibility()) return [0, 0];
    const pixels = canvas.getContext("2d").getImageData(0, Math.round(height / 4), width, 1).data;
    const columns = Array.from({ length: width }, (_, x) => pixels[4 * x + 3] > 0);
    const share = (part) => part.filter(Boolean).length / part.length;
    return [share(columns.slice(0, width / 2)), share(columns.slice(width / 2))];
}"""


@pytest.fixture
def shown(same_visit: Visit, tmp_path: Path) -> Visit:
    """A piano, and then the same at a hundredth of its amplitude."""
    loud = music(TRACK_S / 2, 16_000)
    path = write_wav(tmp_path / f"{tmp_path.name}.wav", np.concatenate([loud, loud / 100]), 16_000)
    same_visit.upload(path)
    same_visit.wait_for_result(path.name)
    same_visit.wait_for(lambda: (audio(same_visit) or {}).get("duration_s") == TRACK_S, "the player knows the length")
    return same_visit


def audio(visit: Visit) -> dict[str, Any] | None:
    state: dict[str, Any] | None = visit.page.evaluate(_AUDIO)
    return state


def time_s(visit: Visit) -> float:
    state = audio(visit)
    assert state
    return float(state["time_s"])


def scrubber(visit: Visit) -> Locator:
    return visit.page.get_by_role("slider", name="Position in the track")


def chart(visit: Visit) -> Locator:
    return visit.page.locator("#timeline .nsewdrag").first


def playhead_shares(visit: Visit) -> list[float]:
    """Return where the playhead stands on waveform and timeline: 0 is the start, 1 the end."""
    shares = []
    for area, place in ((scrubber(visit), "#player"), (chart(visit), "#timeline")):
        box, head = area.bounding_box(), visit.page.locator(f"{place} .playhead").bounding_box()
        assert box
        assert head
        shares.append((head["x"] + head["width"] / 2 - box["x"]) / box["width"])
    return shares


def wait_for_playheads(visit: Visit, share: float) -> None:
    visit.wait_for_reading(
        lambda: playhead_shares(visit), pytest.approx([share] * 2, abs=0.01), f"both playheads at {share}"
    )


def click_at(visit: Visit, area: Locator, share: float) -> None:
    area.scroll_into_view_if_needed()
    box = area.bounding_box()
    assert box
    visit.page.mouse.click(box["x"] + share * box["width"], box["y"] + box["height"] / 2)


@pytest.mark.parametrize("area", [scrubber, chart])
def test_a_click_seeks_there(shown: Visit, area: Callable[[Visit], Locator]) -> None:
    click_at(shown, area(shown), 0.76)
    shown.wait_for(lambda: abs(time_s(shown) - 0.76 * TRACK_S) < 0.3, "the audio at three quarters")
    wait_for_playheads(shown, 0.76)
    expect(shown.page.locator("#player .clock")).to_have_text("0:30 / 0:40")


def test_arrow_keys_seek_and_the_position_is_said(shown: Visit) -> None:
    scrubber(shown).focus()
    for key, expected_s in (("ArrowRight", 5), ("ArrowUp", 10), ("End", TRACK_S), ("Home", 0), ("ArrowRight", 5)):
        shown.page.keyboard.press(key)
        shown.wait_for_reading(lambda: time_s(shown), pytest.approx(expected_s, abs=0.5), f"{key} to {expected_s} s")
    expect(scrubber(shown)).to_have_attribute("aria-valuetext", "0:05 of 0:40, Classical")


def test_what_is_loud_is_drawn_high(shown: Visit) -> None:
    left, right = shown.page.evaluate(_DRAWN)
    assert left > 0.4  # bars with gaps
    assert right < 0.02  # the bar in the middle reaches across


def test_playback_follows_speed_volume_and_loop(shown: Visit) -> None:
    shown.slider("window").fill("3")
    shown.wait_for(lambda: shown.n_strip_pieces() > 3, "more windows")
    shown.page.get_by_label("Speed").select_option("2")
    shown.page.get_by_label("Volume").fill("0.5")
    click_at(shown, scrubber(shown), 0.5)
    shown.page.get_by_label("Loop the window").check()
    loop = shown.page.locator("#player .loop")
    share = shown.page.evaluate("([loop, all]) => loop.clientWidth / all.clientWidth", [
        loop.element_handle(), scrubber(shown).element_handle()
    ])  # fmt: skip
    assert share == pytest.approx(3 / TRACK_S, abs=0.02)

    shown.page.get_by_role("button", name="Play", exact=True).click()

    shown.wait_for(lambda: time_s(shown) > 20.3, "playback")
    state = audio(shown) or {}
    assert (state["speed"], state["volume"]) == (2, 0.5)
    shown.wait_for(lambda: time_s(shown) < 20, "back at the start of the window")
    shown.page.get_by_label("Loop the window").uncheck()
    shown.page.get_by_label("Speed").select_option("1")
    shown.page.get_by_role("button", name="Pause").click()
    shown.wait_for(lambda: bool((audio(shown) or {}).get("paused")), "a pause")
    wait_for_playheads(shown, time_s(shown) / TRACK_S)


def test_a_mouse_over_the_waveform_is_told_the_time(shown: Visit) -> None:
    scrubber(shown).scroll_into_view_if_needed()
    box = scrubber(shown).bounding_box()
    assert box
    for x in (box["x"] + box["width"] / 4, box["x"] + box["width"] / 2):
        shown.page.mouse.move(x, box["y"] + 20)
    expect(shown.page.locator("#player .pointer")).to_have_text(re.compile("0:(19|20) · Classical"))


def test_waveform_and_timeline_have_the_same_edges(shown: Visit) -> None:
    above, below = scrubber(shown).bounding_box(), chart(shown).bounding_box()
    assert above
    assert below
    assert (above["x"], above["width"]) == pytest.approx((below["x"], below["width"]), abs=1)


def test_the_waveform_grows_and_plays_during_the_analysis(visit: Visit, long_track: Callable[[int], Path]) -> None:
    visit.upload(long_track(30 * 60))
    visit.wait_for(lambda: visit.page.evaluate(_DRAWN)[0] > 0, "the first part")
    left, right = visit.page.evaluate(_DRAWN)
    assert (left < 0.6, right) == (True, 0)
    expect(visit.page.locator("#player .clock")).to_have_text("0:00 / 30:00")

    visit.page.get_by_role("button", name="Play", exact=True).click()
    visit.wait_for(lambda: time_s(visit) > 0.2, "playback")
    visit.wait_for(lambda: visit.page.evaluate(_DRAWN)[0] > left, "more of it")
    assert not visit.has_result

    visit.page.locator("#cancel").click()
    visit.wait_for_status("^Cancelled")
    visit.wait_for_reading(lambda: visit.page.evaluate(_DRAWN), [0, 0], "an empty waveform")


def test_a_button_in_the_answer_plays_from_its_time(same_visit: Visit) -> None:
    visit = same_visit
    disco = next(example for example in EXAMPLES if "disco" in example.path.name)
    visit.upload(disco.path)
    visit.wait_for_result(disco.path.name)
    button = visit.page.locator("#why [data-seek]").first
    visit.wait_for(button.is_enabled, "a button that can be pressed")
    start_s = float(button.get_attribute("data-seek") or "nan")
    button.focus()
    visit.page.keyboard.press("Enter")
    visit.wait_for(lambda: start_s < time_s(visit) < start_s + 10, "playback from there")
    assert not (audio(visit) or {})["paused"]

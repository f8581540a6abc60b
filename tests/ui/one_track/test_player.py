"""Player and timeline: a click on the chart seeks the real audio, and the playhead follows it."""

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from genre_app.examples import EXAMPLES
from tests.sounds import music, write_wav
from tests.ui.visit import Visit

pytestmark = pytest.mark.browser

TRACK_S = 40
#: The player's audio is in a shadow root; the element outside of it is a dummy.
_AUDIO = """() => {
    for (const element of document.querySelectorAll("#track *")) {
        const audio = element.shadowRoot?.querySelector("audio");
        if (audio) return { time_s: audio.currentTime, duration_s: audio.duration, paused: audio.paused };
    }
    return null;
}"""


@pytest.fixture
def shown(visit: Visit, tmp_path: Path) -> Visit:
    path = write_wav(tmp_path / "tone.wav", music(TRACK_S, 16_000), 16_000)
    visit.upload(path)
    visit.wait_for_result(path.name)
    visit.wait_for(lambda: (audio(visit) or {}).get("duration_s") == TRACK_S, "the player knows the length")
    visit.wait_for(lambda: visit.page.locator(".playhead").count() == 1, "a playhead")
    return visit


def audio(visit: Visit) -> dict[str, Any] | None:
    state: dict[str, Any] | None = visit.page.evaluate(_AUDIO)
    return state


def time_s(visit: Visit) -> float:
    state = audio(visit)
    assert state
    return float(state["time_s"])


def playhead_share(visit: Visit) -> float:
    """Return where the playhead stands on the chart: 0 is its start, 1 its end."""
    head = visit.page.locator(".playhead").bounding_box()
    chart = visit.page.locator("#timeline .nsewdrag").first.bounding_box()
    assert head
    assert chart
    return (head["x"] - chart["x"]) / chart["width"]


def click_at(visit: Visit, share: float) -> None:
    chart = visit.page.locator("#timeline .nsewdrag").first
    chart.scroll_into_view_if_needed()
    box = chart.bounding_box()
    assert box
    visit.page.mouse.click(box["x"] + share * box["width"], box["y"] + box["height"] / 2)


def test_a_click_on_the_chart_seeks_there(shown: Visit) -> None:
    click_at(shown, 0.75)
    shown.wait_for(lambda: abs(time_s(shown) - 0.75 * TRACK_S) < 0.5, "the audio at three quarters")
    shown.wait_for(lambda: abs(playhead_share(shown) - 0.75) < 0.02, "the playhead at three quarters")


def test_arrow_keys_on_the_chart_seek(shown: Visit) -> None:
    click_at(shown, 0.5)
    shown.wait_for(lambda: abs(time_s(shown) - 20) < 0.5, "the audio in the middle")
    shown.page.locator("#timeline").focus()
    shown.page.keyboard.press("ArrowRight")
    shown.wait_for(lambda: abs(time_s(shown) - 25) < 0.5, "five seconds later")
    shown.page.keyboard.press("ArrowLeft")
    shown.page.keyboard.press("ArrowLeft")
    shown.wait_for(lambda: abs(time_s(shown) - 15) < 0.5, "ten seconds earlier")
    expect(shown.page.locator("#timeline")).to_have_attribute("aria-valuetext", "0:15 of 0:40")


def test_the_playhead_follows_playback(shown: Visit) -> None:
    shown.page.locator("#timeline").focus()
    shown.page.keyboard.press(" ")
    shown.wait_for(lambda: time_s(shown) > 1.0, "playback")
    shown.page.keyboard.press(" ")
    shown.wait_for(lambda: bool((audio(shown) or {}).get("paused")), "a pause")
    shown.wait_for(
        lambda: abs(playhead_share(shown) - time_s(shown) / TRACK_S) < 0.02, "the playhead where the audio is"
    )


def test_the_playhead_survives_a_slider(shown: Visit) -> None:
    click_at(shown, 0.5)
    shown.slider("window").fill("10")
    shown.wait_for(lambda: shown.n_strip_pieces() > 3, "more windows")
    shown.wait_for(lambda: abs(playhead_share(shown) - 0.5) < 0.02, "the playhead in the middle")


def test_a_button_in_the_answer_plays_from_its_time(visit: Visit) -> None:
    disco = next(example for example in EXAMPLES if "disco" in example.path.name)
    visit.upload(disco.path)
    visit.wait_for_result(disco.path.name)
    button = visit.page.locator("#headline [data-seek]").first
    visit.wait_for(button.is_enabled, "a button that can be pressed")
    start_s = float(button.get_attribute("data-seek") or "nan")
    button.focus()
    visit.page.keyboard.press("Enter")
    visit.wait_for(lambda: start_s < time_s(visit) < start_s + 10, "playback from there")
    assert not (audio(visit) or {})["paused"]

"""Sliders: everything follows, nothing is uploaded or scored again."""

import itertools
import statistics
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import expect

from genre_app.errors import InvalidOptionError
from genre_app.results.schema import ClassificationResult, SliceOptions
from genre_app.ui.shared.browser_storage import SLIDERS_KEY
from genre_app.ui.shared.detail import STEPS
from genre_app.ui.shared.sliders import SLIDERS, options_of, values_of
from tests.sounds import music, write_wav
from tests.ui.visit import Visit

pytestmark = pytest.mark.browser

TRACK_S = 120
#: Milliseconds from a slider's move to the last change that a chart's drawing makes to the page.
_MOVE_AND_TIME = """async ([name, value]) => {
    let last = null;
    const observer = new MutationObserver((changes) => {
        // What Gradio does to the frame around a chart, such as marking it as waiting, is nothing that is drawn.
        if (changes.some((change) => change.target.closest?.(".js-plotly-plot, #bars"))) last = performance.now();
    });
    const all = { childList: true, subtree: true, attributes: true, characterData: true };
    for (const id of ["#bars", "#timeline"]) observer.observe(document.querySelector(id), all);
    const slider = document.querySelector(`#${name} input[type=range]`);
    const started = performance.now();
    slider.value = value;
    slider.dispatchEvent(new Event("input", { bubbles: true }));
    while (performance.now() - started < 20000 && (last === null || performance.now() - last < 500)) {
        await new Promise((done) => setTimeout(done, 20));
    }
    observer.disconnect();
    return last - started;
}"""
#: Milliseconds in which page and server exchange the page's description ten times, one after another.
_TEN_ROUND_TRIPS = """async () => {
    const started = performance.now();
    for (let i = 0; i < 10; i++) await (await fetch("config")).json();
    return performance.now() - started;
}"""


@pytest.fixture(scope="module")
def track(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two minutes: a piano, then a jazz trio, so that the timeline moves."""
    rate_hz, half_s = 16_000, TRACK_S // 2
    samples = np.concatenate([music(half_s, rate_hz), music(half_s, rate_hz, piece="jazz-trio")])
    return write_wav(tmp_path_factory.mktemp("tracks") / "piano_then_trio.wav", samples, rate_hz)


@pytest.fixture
def shown(same_visit: Visit, track: Path) -> Visit:
    """A page that shows the track's result, with the sliders where they are at first, and no request counted yet."""
    visit = same_visit
    if not visit.shows(track.name):
        visit.upload(track)
        visit.wait_for_result(track.name)
    visit.unfold_settings()
    visit.page.get_by_role("button", name="Reset the sliders").click()
    first = SliceOptions()
    visit.wait_for_json(
        lambda result: (
            result.facts is not None
            and (result.metadata.window_seconds, result.metadata.overlap) == (first.window_seconds, first.overlap)
            and (result.metadata.top_k, result.metadata.smoothing_seconds) == (first.top_k, first.smoothing_seconds)
        )
    )
    visit.wait_for_reading(visit.n_areas, 6, "the top five and the others")
    visit.requests.clear()
    return visit


def kept(visit: Visit) -> dict[str, float]:
    """Return the sliders' values in the browser's storage."""
    stored: dict[str, float] = visit.page.evaluate(f"JSON.parse(localStorage.getItem('{SLIDERS_KEY}')) ?? {{}}")
    return stored


def test_top_k_says_how_many_genres_stand_out(shown: Visit) -> None:
    before = shown.bars()
    assert [opacity == 1 for _, _, opacity in before] == [True] * 5 + [False] * 5
    assert shown.legend()[-1] == "Others"

    shown.slider("top-k").fill("2")

    shown.wait_for(lambda: shown.n_areas() == 3, "three areas")
    shown.wait_for_reading(
        lambda: [opacity == 1 for _, _, opacity in shown.bars()], [True] * 2 + [False] * 8, "two bars that stand out"
    )
    assert [bar[:2] for bar in shown.bars()] == [bar[:2] for bar in before]
    result = shown.wait_for_json(lambda result: result.metadata.top_k == 2)
    assert len(result.predictions) == 10  # a download holds them all
    assert all(len(chunk.scores) == 2 for chunk in result.chunk_predictions)

    shown.slider("top-k").fill("10")

    shown.wait_for(lambda: shown.n_areas() == 10 and "Others" not in shown.legend(), "ten areas")
    shown.wait_for_json(lambda result: result.metadata.top_k == 10)


def test_one_control_goes_from_coarse_to_fine_and_follows_the_others(shown: Visit) -> None:
    detail = shown.page.get_by_role("slider", name="Detail")
    expect(detail).to_have_value("3")  # the defaults of window and overlap

    detail.fill("5")

    expect(shown.slider("window")).to_have_value("5")
    expect(shown.slider("overlap")).to_have_value("0.5")
    result = shown.wait_for_json(lambda result: result.metadata.window_seconds == 5)
    assert result.metadata.overlap == 0.5
    shown.wait_for(lambda: shown.n_strip_pieces() == result.metadata.num_chunks, "a piece for each window")
    shown.wait_for(lambda: (kept(shown).get("window"), kept(shown).get("overlap")) == (5, 0.5), "both are stored")

    shown.slider("window").fill("58")
    expect(detail).to_have_value("1")


def test_the_steps_of_detail_are_ever_finer_and_the_middle_one_is_the_default() -> None:
    points_a_minute = [60 / (window_s * (1 - overlap)) for window_s, overlap in STEPS]
    assert points_a_minute == sorted(set(points_a_minute))
    assert STEPS[len(STEPS) // 2] == (SLIDERS[0].default, SLIDERS[1].default)
    for window_s, overlap in STEPS:
        values_of(options_of(window_s, overlap, 5, 0))  # the sliders can show each


def test_the_mouse_moves_the_window(shown: Visit) -> None:
    slider = shown.slider("window")
    slider.scroll_into_view_if_needed()
    box = slider.bounding_box()
    assert box is not None
    middle = box["y"] + box["height"] / 2

    shown.page.mouse.move(box["x"] + box["width"] * 0.47, middle)
    shown.page.mouse.down()
    shown.page.mouse.move(box["x"] + 1, middle, steps=8)
    shown.page.mouse.up()

    expect(slider).to_have_value("3")
    n_windows = 53  # every 2.25 s, up to the one that reaches the end of 120 s
    shown.wait_for(lambda: shown.n_strip_pieces() == n_windows, "a piece for each window")
    result = shown.wait_for_json(lambda result: result.metadata.window_seconds == 3)
    assert result.metadata.num_chunks == len(result.chunk_predictions) == n_windows
    assert shown.n_uploads == 0


def test_the_keyboard_moves_the_overlap(shown: Visit) -> None:
    slider = shown.slider("overlap")
    slider.focus()

    for _ in range(5):
        shown.page.keyboard.press("ArrowRight")

    expect(slider).to_have_value("0.5")
    shown.wait_for(lambda: shown.n_strip_pieces() == 7, "seven windows")
    result = shown.wait_for_json(lambda result: result.metadata.overlap == 0.5)
    assert [chunk.start for chunk in result.chunk_predictions] == [0, 15, 30, 45, 60, 75, 90]
    shown.wait_for_reading(lambda: shown.headline, result.verdict.sentence, "the answer")
    assert shown.n_uploads == 0


def test_no_model_call_and_no_decoding_for_a_slider(shown: Visit) -> None:
    before = shown.wait_for_json(lambda result: result.metadata.window_seconds == 30)

    shown.slider("window").fill("10")

    after = shown.wait_for_json(lambda result: result.metadata.window_seconds == 10)
    assert after.metadata.num_chunks > before.metadata.num_chunks
    # Scoring or reading the cache again would have left other timings.
    assert before.metadata.timings.items() <= after.metadata.timings.items()
    assert after.metadata.cache_hit == before.metadata.cache_hit
    assert after.predictions == before.predictions
    assert shown.n_uploads == 0


def test_the_charts_follow_a_slider_at_once(shown: Visit, capsys: pytest.CaptureFixture[str]) -> None:
    """By what the machine does in the same seconds: a busy one is slow at both."""
    moves = [
        ("window", 5),
        ("overlap", 0.9),
        ("top-k", 8),
        ("window", 20),
        ("overlap", 0),
        ("top-k", 3),
        ("window", 60),
    ]
    times_ms, round_trips_ms = [], []
    for name, value in moves:
        round_trips_ms.append(shown.page.evaluate(_TEN_ROUND_TRIPS))
        times_ms.append(shown.page.evaluate(_MOVE_AND_TIME, [name, str(value)]))

    median_ms = statistics.median(times_ms)
    with capsys.disabled():
        sys.stdout.write(f"\nslider to redrawn charts: median {median_ms:.0f} ms of {len(moves)} moves ")
    assert median_ms < 5 * statistics.median(round_trips_ms)  # about as long


def test_a_slider_that_moves_during_the_analysis_counts(same_visit: Visit, long_track: Callable[[int], Path]) -> None:
    visit = same_visit
    path = long_track(240)
    visit.upload(path)
    visit.wait_for_status("Listening")

    visit.slider("window").fill("60")
    visit.slider("overlap").fill("0")

    visit.wait_for_result(path.name)
    visit.wait_for_reading(visit.n_strip_pieces, 4, "four windows")
    result = visit.wait_for_json(lambda result: result.metadata.track_name == path.name)
    assert result.metadata.num_chunks == 4


def test_smoothing_takes_the_quick_changes_out(shown: Visit) -> None:
    shown.slider("window").fill("5")
    before = shown.wait_for_json(lambda result: result.metadata.window_seconds == 5)

    shown.slider("smoothing").fill("20")

    after = shown.wait_for_json(lambda result: result.metadata.smoothing_seconds == 20)
    assert _restlessness(after) < 0.9 * _restlessness(before)
    assert after.predictions == before.predictions
    shown.slider("smoothing").fill("0")
    assert shown.wait_for_json(lambda result: result.metadata.smoothing_seconds == 0).timeline == before.timeline


def _restlessness(result: ClassificationResult) -> float:
    """Sum up the distances between the scores of neighbouring windows, for each genre that the lists hold."""
    rows = [{score.genre: score.score for score in chunk.scores} for chunk in result.chunk_predictions]
    pairs = itertools.pairwise(rows)
    return sum(abs(now.get(genre, 0.0) - then.get(genre, 0.0)) for now, then in pairs for genre in now | then)


def test_one_button_puts_all_of_them_back(shown: Visit) -> None:
    moved = {"window": "7", "overlap": "0.5", "top-k": "2", "smoothing": "4"}
    for name, value in moved.items():
        shown.slider(name).fill(value)
    shown.wait_for_json(lambda result: result.metadata.smoothing_seconds == 4)
    heading = shown.page.locator("#advanced > button span").first
    expect(heading).to_have_text("Advanced · changed: window 7 s, overlap 0.5, top 2, smoothing 4 s")

    shown.page.get_by_role("button", name="Reset the sliders").focus()
    shown.page.keyboard.press("Enter")

    result = shown.wait_for_json(lambda result: result.metadata.smoothing_seconds == 0)
    for name, value in zip(moved, ("30", "0.25", "5", "0"), strict=True):
        expect(shown.slider(name)).to_have_value(value)
    assert (result.metadata.window_seconds, result.metadata.top_k) == (30, 5)
    shown.wait_for_reading(lambda: kept(shown), {}, "an empty storage")
    expect(heading).to_have_text("Advanced")


def test_every_slider_says_what_it_does(same_visit: Visit) -> None:
    visit = same_visit
    visit.unfold_settings()
    for slider in SLIDERS:
        expect(visit.page.locator(f"#{slider.elem_id}")).to_contain_text(slider.info, use_inner_text=True)
        assert slider.info.count(".") == 1


@pytest.mark.parametrize(
    "wrong", [{"window_seconds": 2}, {"window_seconds": 61}, {"top_k": 11}, {"smoothing_seconds": 31}]
)
def test_what_no_slider_can_show_has_no_values(wrong: dict[str, float]) -> None:
    with pytest.raises(InvalidOptionError, match=r"The slider .* goes from"):
        values_of(SliceOptions.checked(**wrong))


def test_values_and_options_are_each_other_s_inverse() -> None:
    values = (12.0, 0.5, 3.0, 4.0)
    assert values_of(options_of(*values)) == values


def test_a_number_can_be_typed_and_half_of_it_is_no_mistake(shown: Visit) -> None:
    shown.unfold_settings()
    box = shown.page.locator("#window input[type=number]")
    box.click()
    box.press("Control+a")
    shown.page.keyboard.type("20", delay=120)
    shown.wait_for_json(lambda result: result.metadata.window_seconds == 20)
    expect(shown.page.locator(".toast-body")).to_have_count(0)

    box.press("Control+a")
    box.press("Delete")
    box.blur()
    expect(box).to_have_value("20")

    box.fill("500")
    box.blur()
    shown.wait_for_json(lambda result: result.metadata.window_seconds == 60)
    expect(box).to_have_value("60")
    expect(shown.slider("window")).to_have_value("60")

    box = shown.page.locator("#top-k input[type=number]")
    box.fill("3.7")
    box.press("Enter")
    shown.wait_for_json(lambda result: result.metadata.top_k == 4)
    expect(box).to_have_value("4")
    expect(shown.page.locator(".toast-body")).to_have_count(0)

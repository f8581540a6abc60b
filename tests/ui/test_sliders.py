"""Sliders: everything follows, nothing is uploaded or heard again."""

import statistics
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from tests.sounds import write_wav
from tests.ui.visit import Visit

pytestmark = pytest.mark.browser

TRACK_S = 120
#: Milliseconds from a slider's move to the last change that a chart's drawing makes to the page.
_MOVE_AND_TIME = """async ([name, value]) => {
    let last = null;
    const observer = new MutationObserver(() => { last = performance.now(); });
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


@pytest.fixture(scope="module")
def track(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two minutes: noise, then a tone, so that the timeline moves."""
    rate_hz = 16_000
    random = np.random.default_rng(1)
    noise = random.uniform(-0.5, 0.5, TRACK_S // 2 * rate_hz)
    tone = 0.5 * np.sin(2 * np.pi * 330 * np.arange(TRACK_S // 2 * rate_hz) / rate_hz)
    samples = np.concatenate([noise, tone]).astype(np.float32)
    return write_wav(tmp_path_factory.mktemp("tracks") / "noise_then_tone.wav", samples, rate_hz)


@pytest.fixture
def shown(visit: Visit, track: Path) -> Visit:
    """A page that shows the track's result, with the requests up to it forgotten."""
    visit.upload(track)
    visit.wait_for_result(track.name)
    visit.wait_for_json(lambda result: result.metadata.track_name == track.name)
    visit.requests.clear()
    return visit


def test_top_k_says_how_many_genres_stand_out(shown: Visit) -> None:
    before = shown.bars()
    assert [opacity == 1 for _, _, opacity in before] == [True] * 5 + [False] * 5
    assert shown.legend()[-1] == "Others"

    shown.slider("top-k").fill("2")

    shown.wait_for(lambda: shown.n_areas() == 3, "three areas")
    assert [opacity == 1 for _, _, opacity in shown.bars()] == [True] * 2 + [False] * 8
    assert [bar[:2] for bar in shown.bars()] == [bar[:2] for bar in before]
    result = shown.wait_for_json(lambda result: result.metadata.top_k == 2)
    assert len(result.predictions) == 2
    assert all(len(chunk.scores) == 2 for chunk in result.chunk_predictions)

    shown.slider("top-k").fill("10")

    shown.wait_for(lambda: shown.n_areas() == 10 and "Others" not in shown.legend(), "ten areas")
    assert len(shown.wait_for_json(lambda result: result.metadata.top_k == 10).predictions) == 10


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

    assert slider.input_value() == "3"
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

    assert slider.input_value() == "0.5"
    shown.wait_for(lambda: shown.n_strip_pieces() == 7, "seven windows")
    result = shown.wait_for_json(lambda result: result.metadata.overlap == 0.5)
    assert [chunk.start for chunk in result.chunk_predictions] == [0, 15, 30, 45, 60, 75, 90]
    assert shown.headline == result.verdict.sentence
    assert shown.n_uploads == 0


def test_no_model_call_and_no_decoding_for_a_slider(shown: Visit) -> None:
    before = shown.wait_for_json(lambda result: result.metadata.window_seconds == 30)

    shown.slider("window").fill("10")

    after = shown.wait_for_json(lambda result: result.metadata.window_seconds == 10)
    assert after.metadata.num_chunks > before.metadata.num_chunks
    # Anything heard or looked up again would have left other times behind.
    assert before.metadata.timings.items() <= after.metadata.timings.items()
    assert after.metadata.cache_hit == before.metadata.cache_hit
    assert after.predictions == before.predictions
    assert shown.n_uploads == 0


def test_the_charts_follow_a_slider_at_once(shown: Visit, capsys: pytest.CaptureFixture[str]) -> None:
    moves = [
        ("window", 5),
        ("overlap", 0.9),
        ("top-k", 8),
        ("window", 20),
        ("overlap", 0),
        ("top-k", 3),
        ("window", 60),
    ]
    times_ms = [shown.page.evaluate(_MOVE_AND_TIME, [name, str(value)]) for name, value in moves]

    median_ms = statistics.median(times_ms)
    with capsys.disabled():
        sys.stdout.write(f"\nslider to redrawn charts: median {median_ms:.0f} ms of {len(moves)} moves ")
    assert median_ms < 1500  # 300 ms on an idle machine


def test_a_slider_that_moves_during_the_analysis_counts(visit: Visit, long_track: Callable[[int], Path]) -> None:
    path = long_track(240)
    visit.upload(path)
    visit.wait_for_status("Listening")

    visit.slider("window").fill("60")
    visit.slider("overlap").fill("0")

    visit.wait_for_result(path.name)
    assert visit.n_strip_pieces() == 4
    result = visit.wait_for_json(lambda result: result.metadata.track_name == path.name)
    assert result.metadata.num_chunks == 4

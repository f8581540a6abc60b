"""What a browser keeps for the next visit: the sliders and the model."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import expect

from genre_app.ui.shared.browser_storage import MODEL_KEY, SLIDERS_KEY, recall_script
from genre_app.ui.shared.sliders import SLIDERS
from tests.ui.shared.test_model_picker import choose
from tests.ui.shared.test_sliders import kept
from tests.ui.visit import Visit

pytestmark = pytest.mark.browser

#: What a slider shows, frame by frame, once it is there.
_WATCH_WINDOW = """
window.seen = [];
const look = () => {
    const slider = document.querySelector("#window input[type=range]");
    if (slider && getComputedStyle(slider).visibility === "visible") window.seen.push(slider.value);
    requestAnimationFrame(look);
};
requestAnimationFrame(look);
"""


def test_values_are_back_at_the_next_visit_and_nothing_runs_for_it(visit: Visit, short_track: Path) -> None:
    visit.slider("window").fill("12")
    visit.slider("overlap").focus()
    visit.page.keyboard.press("ArrowRight")
    visit.wait_for(lambda: kept(visit).get("overlap") == 0.3, "the last move in the browser's storage")
    visit.page.add_init_script(_WATCH_WINDOW)

    visit.open_again()

    visit.wait_for(lambda: visit.slider("window").input_value() == "12", "the window of the last visit")
    expect(visit.slider("overlap")).to_have_value("0.3")
    expect(visit.slider("top-k")).to_have_value("5")
    expect(visit.page.locator("#advanced > button")).to_contain_text("Advanced · changed: window 12 s, overlap 0.3")
    assert visit.status == ""
    # What is painted first is what stays: the defaults are never seen.
    visit.wait_for(lambda: len(visit.page.evaluate("window.seen")) > 30, "thirty frames")
    assert set(visit.page.evaluate("window.seen")) == {"12"}
    visit.upload(short_track)
    visit.wait_for_result(short_track.name)
    result = visit.wait_for_json(lambda result: result.metadata.track_name == short_track.name)
    assert (result.metadata.window_seconds, result.metadata.overlap) == (12, 0.3)


def test_the_storage_keeps_its_name() -> None:
    # Others would lose the stored values.
    assert (SLIDERS_KEY, MODEL_KEY) == ("genre-app:sliders", "genre-app:model")


@pytest.mark.parametrize(
    "nonsense",
    [
        '{"window": 12, "overlap": 7, "top-k": "<b>", "smoothing": null}',
        '{"window": 12, "overlap": -1, "top-k": 1e9, "smoothing": [3]}',
    ],
)
def test_values_that_no_slider_can_have_fall_back_one_by_one(same_visit: Visit, nonsense: str) -> None:
    visit = same_visit
    _plant(visit, nonsense, '"musicnn"')
    visit.wait_for(lambda: visit.slider("window").input_value() == "12", "the one that is sound")
    for name, value in {"overlap": "0.25", "top-k": "5", "smoothing": "0"}.items():
        expect(visit.slider(name)).to_have_value(value)


def test_a_broken_storage_is_a_first_visit(same_visit: Visit, short_track: Path) -> None:
    visit = same_visit
    defaults = [slider.default for slider in SLIDERS]
    for nonsense in ("", "null", "[]", '"x"', "7", "{"):
        _store(visit, nonsense, nonsense)
        assert visit.page.evaluate(recall_script(("musicnn", "cnn"))) == [*defaults, "musicnn"]
    _plant(visit, "{", '"/etc/passwd"')
    for slider in SLIDERS:
        expect(visit.slider(slider.elem_id)).to_have_value(f"{slider.default:g}")
    expect(visit.page.locator("#model input")).to_have_value("MusiCNN")
    visit.upload(short_track)
    visit.wait_for_result(short_track.name)
    result = visit.wait_for_json(lambda result: result.metadata.track_name == short_track.name)
    assert (result.metadata.window_seconds, result.metadata.overlap, result.metadata.top_k) == (30, 0.25, 5)
    assert result.metadata.model_name == "musicnn"


def _store(visit: Visit, sliders: str, model: str) -> None:
    visit.page.evaluate(
        "([[a, x], [b, y]]) => { localStorage.setItem(a, x); localStorage.setItem(b, y); }",
        [[SLIDERS_KEY, sliders], [MODEL_KEY, model]],
    )


def _plant(visit: Visit, sliders: str, model: str) -> None:
    _store(visit, sliders, model)
    visit.open_again()


def test_the_model_is_back_as_well_and_the_heading_names_it(same_visit: Visit, short_track: Path) -> None:
    visit = same_visit
    _plant(visit, '{"window": 12}', '"cnn"')
    heading = visit.page.locator("#advanced > button span").first
    expect(heading).to_have_text("Advanced · changed: model Small CNN, window 12 s")
    visit.unfold_settings()
    visit.page.get_by_role("button", name="Reset the sliders").click()
    expect(heading).to_have_text("Advanced · changed: model Small CNN")
    visit.upload(short_track)
    visit.wait_for_result(short_track.name)
    result = visit.wait_for_json(lambda result: result.metadata.track_name == short_track.name)
    assert result.metadata.model_name == "cnn"
    choose(visit, re.compile("^MusiCNN$"))
    expect(heading).to_have_text("Advanced")

"""The tab for many tracks: a row for each, in every state."""

import csv
import io
import re
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from mutagen.id3 import TCON
from mutagen.wave import WAVE
from playwright.sync_api import expect

from genre_app.audio import SUPPORTED_EXTENSIONS
from genre_app.results.schema import ClassificationResult
from tests.sounds import music, write_wav
from tests.ui.tabs import DESKTOP, PHONE, is_within_screen, open_tab, violations_light_and_dark
from tests.ui.visit import Visit

pytestmark = pytest.mark.browser

_ROWS = "#many-table tr[data-key]"


@pytest.fixture
def mixed(tmp_path: Path) -> list[Path]:
    """Two tracks of one name, a broken file, and a text, between others."""
    (tmp_path / "other").mkdir()
    broken, text = tmp_path / "broken.mp3", tmp_path / "notes.txt"
    broken.write_bytes(b"\xff\xfb\x90\x00" * 50)
    text.write_text("no music\n" * 50)
    return [
        write_wav(tmp_path / "tone.wav", music(4, 16_000, start_s=6), 16_000),
        broken,
        write_wav(tmp_path / "<b>noise & more.wav", music(5, 16_000), 16_000),
        text,
        write_wav(tmp_path / "other" / "tone.wav", music(6, 16_000, start_s=9), 16_000),
    ]


#: Drops a folder that the browser cannot read.
_DROP_WHAT_CANNOT_BE_READ = """() => {
    const readEntries = (_, fail) => fail(new DOMException("", "NotReadableError"));
    const folder = { isDirectory: true, name: "Private", createReader: () => ({ readEntries }) };
    document.dispatchEvent(new CustomEvent("tracks:dropped", { detail: [folder], cancelable: true }));
}"""
#: Clicks once on the heading that the table is sorted by, and says whether there was one.
_SORT_LESS = """() => {
    const sorted = document.querySelector("#many-table th[aria-sort]:not([aria-sort=none]) button");
    sorted?.click();
    return Boolean(sorted);
}"""


@pytest.fixture
def visit(same_visit: Visit) -> Visit:
    """The page that the tests of this module share, with an empty list."""
    open_tab(same_visit, "Many tracks", "#many-box label")
    if states(same_visit):
        same_visit.page.locator("#many-clear").click()
        same_visit.wait_for(lambda: not states(same_visit), "an empty list")
    while same_visit.page.evaluate(_SORT_LESS):  # in the order of the list, as on a page that was just opened
        pass
    return same_visit


def add(visit: Visit, files: Sequence[Path]) -> None:
    open_tab(visit, "Many tracks", "#many-box label")
    visit.page.locator("#many-input").set_input_files(files)


def states(visit: Visit) -> list[str]:
    read: list[str] = visit.page.evaluate(
        f"Array.from(document.querySelectorAll('{_ROWS}')).map((row) => row.dataset.state)"
    )
    return read


def wait_for_states(visit: Visit, *expected: str) -> None:
    visit.wait_for_reading(lambda: states(visit), list(expected), "states")


def line(visit: Visit) -> str:
    return visit.page.locator("#many-status p").inner_text()


def take_zip(visit: Visit) -> tuple[str, dict[str, str]]:
    with visit.page.expect_download() as waiting:
        visit.page.locator("#many-zip").click()
    with zipfile.ZipFile(waiting.value.path()) as archive:
        return waiting.value.suggested_filename, {
            name: archive.read(name).decode() for name in archive.namelist() if name.endswith((".json", ".csv"))
        }


def test_each_file_gets_its_row_and_the_zip_holds_them_all(visit: Visit, mixed: list[Path]) -> None:
    add(visit, mixed)

    wait_for_states(visit, "done", "failed", "done", "failed", "done")
    names = visit.page.locator(f"{_ROWS} th").all_inner_texts()
    assert names == [path.name for path in mixed]
    answers = visit.page.locator(f"{_ROWS} .answer").all_inner_texts()
    assert all(answers)
    assert "damaged" in answers[1]
    assert "not an audio file" in answers[3]
    visit.wait_for_reading(lambda: line(visit), "3 of 5 done, 2 failed.", "the line")
    expect(visit.page.locator("#many-cancel")).to_be_disabled()

    name, texts = take_zip(visit)
    assert name == "genres-3-tracks.zip"
    table = list(csv.DictReader(io.StringIO(texts.pop("summary.csv").removeprefix("\ufeff"))))
    assert [row["status"] == "failed" for row in table] == [False, True, False, True, False]
    results = [ClassificationResult.model_validate_json(texts[name]) for name in texts if name.endswith(".json")]
    lengths = [result.metadata.duration_seconds for result in results]
    assert lengths == pytest.approx([4, 5, 6], abs=0.1)


def test_it_is_sorted_filtered_and_searched_while_tracks_are_scored(
    visit: Visit, mixed: list[Path], long_track: Callable[[int], Path]
) -> None:
    long = long_track(46 * 60)
    add(visit, [mixed[2], mixed[1], long])
    visit.wait_for(lambda: states(visit) == ["done", "failed", "scoring"], "scoring")
    shown = visit.page.locator(f"{_ROWS}:visible th")

    visit.page.get_by_role("button", name="Length").focus()
    visit.page.keyboard.press("Enter")
    visit.page.keyboard.press("Enter")
    expect(visit.page.get_by_role("columnheader", name="Length")).to_have_attribute("aria-sort", "descending")
    carried: Any = WAVE(mixed[4])
    carried.add_tags()
    carried.tags.add(TCON(encoding=3, text=["Polka"]))
    carried.save()
    add(visit, [mixed[4]])
    expect(shown).to_have_text([mixed[4].name, mixed[2].name, mixed[1].name, long.name])

    visit.page.get_by_role("button", name="Differs from its tag 1").click()
    expect(shown).to_have_text([mixed[4].name])
    expect(visit.page.locator(f"{_ROWS}:visible .carried")).to_have_text("In the file: Polka (differs)")

    visit.page.get_by_role("button", name="Failed 1").click()
    expect(shown).to_have_text([mixed[1].name])
    expect(visit.page.locator(".find p")).to_have_text("1 of 4 shown")
    visit.page.get_by_role("button", name="All 4").click()
    visit.page.get_by_role("searchbox", name="Search by name").fill("TONE")
    expect(shown).to_have_text([mixed[4].name])
    visit.page.locator("#many-clear").click()
    visit.wait_for(lambda: not states(visit), "an empty list")


def test_a_row_is_opened_with_the_keyboard(visit: Visit, mixed: list[Path]) -> None:
    add(visit, [mixed[0], mixed[2]])
    wait_for_states(visit, "done", "done")

    button = visit.page.get_by_role("button", name=f"Open {mixed[2].name}")
    button.focus()
    visit.page.keyboard.press("Enter")

    visit.wait_for(lambda: visit.has_result and visit.page.locator("#headline .track").is_visible(), "first tab")
    expect(visit.page.locator("#headline .track")).to_contain_text("noise", use_inner_text=True)
    open_tab(visit, "Many tracks", "#many-table table")
    assert states(visit) == ["done", "done"]


def test_a_row_is_opened_with_the_model_that_answered_it(open_page: Callable[..., Visit], mixed: list[Path]) -> None:
    visit = open_page(viewport=DESKTOP)
    open_tab(visit, "Many tracks", "#many-box label")
    visit.page.locator("#many-model input").click()
    visit.page.get_by_role("option", name="Small CNN", exact=True).click()
    add(visit, [mixed[0]])
    wait_for_states(visit, "done")
    answer = visit.page.locator(f"{_ROWS} .words").inner_text().replace("\N{NO-BREAK SPACE}", " ")

    visit.page.get_by_role("button", name=f"Open {mixed[0].name}").click()

    visit.wait_for(lambda: visit.has_result, "first tab")
    visit.unfold_settings()
    expect(visit.page.locator("#model input")).to_have_value("Small CNN")
    visit.wait_for_reading(lambda: visit.headline, answer, "the answer of the row")


def test_progress_is_seen_and_cancel_keeps_what_is_done(
    visit: Visit, short_track: Path, long_track: Callable[[int], Path]
) -> None:
    add(visit, [short_track])
    wait_for_states(visit, "done")
    add(visit, [long_track(41 * 60), long_track(42 * 60), long_track(43 * 60)])
    answers = visit.page.locator(f"{_ROWS} .answer")
    visit.wait_for(
        lambda: any(re.fullmatch(r"Listening, [1-9]\d? %", text.strip()) for text in answers.all_inner_texts()),
        "progress of a row",
    )

    visit.page.locator("#many-cancel").click()

    wait_for_states(visit, "done", "cancelled", "cancelled", "cancelled")
    visit.wait_for_reading(lambda: line(visit), "1 of 4 done, 3 cancelled.", "the line")
    name, texts = take_zip(visit)
    assert name == "genres-1-track.zip"
    assert sorted(texts) == sorted(["summary.csv", f"{short_track.name}.csv", f"{short_track.name}.json"])


def test_more_files_join_the_list_and_clear_empties_it(
    visit: Visit, mixed: list[Path], long_track: Callable[[int], Path]
) -> None:
    add(visit, [mixed[0], long_track(44 * 60)])
    visit.wait_for(lambda: states(visit)[-1:] == ["scoring"], "scoring")
    add(visit, [mixed[2]])
    wait_for_states(visit, "done", "scoring", "done")

    visit.page.locator("#many-clear").click()

    visit.wait_for(lambda: not states(visit), "an empty list")
    expect(visit.page.locator("#many-zip")).to_be_hidden()
    add(visit, [mixed[0]])
    wait_for_states(visit, "done")


def test_focus_and_scroll_position_stay_while_others_are_scored(
    visit: Visit, mixed: list[Path], long_track: Callable[[int], Path]
) -> None:
    add(visit, [mixed[0], long_track(45 * 60), *[mixed[2]] * 30])
    visit.wait_for(lambda: states(visit)[:1] == ["done"], "the first track")
    button = visit.page.locator("#many-table button").first
    button.focus()
    visit.page.mouse.wheel(0, 200)
    visit.wait_for(lambda: visit.page.evaluate("scrollY") == 200, "scrolled")
    before = line(visit)
    visit.wait_for(lambda: line(visit) != before, "another track")
    assert visit.page.evaluate("scrollY") == 200
    assert button.evaluate("(button) => button === document.activeElement")
    visit.page.locator("#many-clear").click()
    visit.wait_for(lambda: not states(visit), "an empty list")


def test_files_are_dropped_on_the_page(visit: Visit, mixed: list[Path]) -> None:
    open_tab(visit, "Many tracks", "#many-box label")
    visit.drop(mixed[0])
    wait_for_states(visit, "done")
    assert visit.page.locator(f"{_ROWS} th").all_inner_texts() == [mixed[0].name]


def test_several_files_that_are_dropped_on_another_tab_are_listed_here(visit: Visit, mixed: list[Path]) -> None:
    open_tab(visit, "One track", "#one-track")
    visit.drop(*mixed[:2])
    wait_for_states(visit, "done", "failed")
    assert visit.page.locator(f"{_ROWS} th").all_inner_texts() == [path.name for path in mixed[:2]]


def test_of_a_folder_that_is_dropped_recordings_are_listed_and_the_rest_is_named(
    visit: Visit, mixed: list[Path], tmp_path: Path
) -> None:
    (tmp_path / ".hidden").write_text("nothing to see")
    data = {"items": [], "files": [str(tmp_path)], "dragOperationsMask": 1}
    browser = visit.page.context.new_cdp_session(visit.page)  # a script cannot drop a folder
    frame = visit.page.locator("#drop-frame")

    def drag(kind: str) -> None:
        browser.send("Input.dispatchDragEvent", {"type": kind, "x": 300, "y": 400, "data": data})

    def is_framed() -> bool:
        drag("dragOver")
        return frame.is_visible()

    for end in ("dragCancel", "drop"):  # Escape, or leaving the page, is the first
        drag("dragEnter")
        visit.wait_for(is_framed, "a frame that says where the files will go")
        expect(frame).to_have_text("Drop to add to the list")
        drag(end)
        expect(frame).to_be_hidden()
    visit.wait_for_reading(lambda: sorted(states(visit)), ["done", "done", "done", "failed"], "the recordings")
    assert line(visit).endswith("1 file was skipped, as it is no recording: notes.txt.")
    visit.page.evaluate(_DROP_WHAT_CANNOT_BE_READ)  # root, as whom tests may run, can read every folder
    words = "Skipped, as the browser could not read it: Private."
    visit.wait_for(lambda: line(visit).endswith(words), "the folder that cannot be read")
    assert len(states(visit)) == 4


def test_the_dialogue_offers_every_format_and_the_limits_are_said(visit: Visit) -> None:
    open_tab(visit, "Many tracks", "#many-box label")
    expect(visit.page.locator("#many-input")).to_have_attribute("accept", ",".join(SUPPORTED_EXTENSIONS))
    expect(visit.page.locator("#many-limits")).to_contain_text("500 MB", use_inner_text=True)
    visit.page.locator("#many-input").focus()
    outline = "getComputedStyle(document.querySelector('#many-box label')).outlineStyle"
    visit.page.keyboard.press("Shift+Tab")
    visit.page.keyboard.press("Tab")
    visit.wait_for_reading(lambda: visit.page.evaluate(outline), "solid", "an outline")


def test_visitors_have_lists_of_their_own(visit: Visit, open_page: Callable[..., Visit], mixed: list[Path]) -> None:
    first, second = visit, open_page(viewport=DESKTOP)
    add(first, [mixed[0]])
    add(second, [mixed[2], mixed[4]])
    wait_for_states(first, "done")
    wait_for_states(second, "done", "done")
    assert first.page.locator(f"{_ROWS} th").all_inner_texts() == [mixed[0].name]


def test_it_is_accessible(visit: Visit, mixed: list[Path]) -> None:
    open_tab(visit, "Many tracks", "#many-box label")
    assert violations_light_and_dark(visit) == {}
    add(visit, mixed)
    wait_for_states(visit, "done", "failed", "done", "failed", "done")
    expect(visit.page.get_by_role("table", name="Your tracks")).to_have_count(1)
    expect(visit.page.get_by_role("rowheader")).to_have_count(len(mixed))
    assert violations_light_and_dark(visit) == {}


def test_it_fits_a_phone(open_page: Callable[..., Visit], mixed: list[Path], tmp_path: Path) -> None:
    visit = open_page(viewport=PHONE, has_touch=True, is_mobile=True)
    long_name = write_wav(tmp_path / f"{'a_very_long_name' * 8}.wav", music(4, 16_000, start_s=6), 16_000)
    add(visit, [*mixed, long_name])
    wait_for_states(visit, "done", "failed", "done", "failed", "done", "done")
    assert is_within_screen(visit)
    button = visit.page.locator("#many-table button").last.bounding_box()
    assert button
    assert button["x"] + button["width"] <= PHONE["width"]
    expect(visit.page.locator(f"{_ROWS} th").last).to_have_attribute("title", long_name.name)

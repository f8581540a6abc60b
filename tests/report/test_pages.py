"""Reports and overviews in a real browser without a network."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final, Literal

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from genre_app.collection.overview import to_overview
from genre_app.collection.record import TrackRecord
from genre_app.collection.sound_map import sound_map
from genre_app.collection.summary import Tally
from genre_app.report.html_report import to_html
from genre_app.results.schema import SliceOptions
from tests.collection.embeddings import song, table_of
from tests.collection.test_overview import ENTRIES, overview
from tests.report.test_formats import ODD_NAME, report

pytestmark = pytest.mark.browser
_SERIOUS: Final = {"serious", "critical"}
_SCHEMES: Final[tuple[Literal["dark", "light"], ...]] = ("dark", "light")
Open = Callable[[str], Page]


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    program = shutil.which("chromium") or shutil.which("google-chrome")
    if program is None:
        pytest.skip("no Chromium is installed")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def open_page(chromium: Browser, tmp_path: Path) -> Iterator[Open]:
    """Open text as a file; nothing may go wrong on the page, and it may ask for nothing."""
    context = chromium.new_context(offline=True, viewport={"width": 1200, "height": 900})
    page = context.new_page()
    problems: list[str] = []
    page.on("console", lambda message: problems.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.on("request", lambda asked: None if asked.url.startswith(("file:", "data:")) else problems.append(asked.url))
    page.on("dialog", lambda dialog: problems.append(dialog.message))

    def open_text(text: str) -> Page:
        path = tmp_path / "page.html"
        path.write_text(text, encoding="utf-8")
        page.goto(path.as_uri())
        return page

    yield open_text
    context.close()
    assert problems == []


def violations(page: Page) -> list[tuple[str, str]]:
    """Return what axe-core finds serious, in a dark and in a light browser."""
    axe = pytest.importorskip("axe_playwright_python.sync_playwright")
    found: list[dict[str, Any]] = []
    for scheme in _SCHEMES:
        page.emulate_media(color_scheme=scheme)
        found += axe.Axe().run(page).response["violations"]
    return [(rule["id"], node["html"]) for rule in found if rule["impact"] in _SERIOUS for node in rule["nodes"]]


def first_column(page: Page) -> list[str]:
    return page.locator("#tracks tbody th").all_inner_texts()


def test_a_report_draws_its_charts_and_is_accessible(open_page: Open) -> None:
    made = report(SliceOptions(top_k=3), name=ODD_NAME)
    page = open_page(to_html(made.result, made.windows))
    page.locator(".js-plotly-plot .main-svg").first.wait_for()
    assert page.locator(".js-plotly-plot").count() == 2
    assert page.title() == f"{ODD_NAME}: {made.result.verdict.sentence}"
    for details in page.locator("summary").all():
        details.click()
    assert page.get_by_role("table").count() == 2
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_an_overview_is_accessible_and_fits_every_window(open_page: Open) -> None:
    long = "W" * 240
    record = ENTRIES[0].model_copy(
        update={"track": f"{long}.mp3", "comparison": "differs", "file_genres": (long,), "same_recording_as": (long,)}
    )
    labelled = record.model_copy(update={"track": "labelled.mp3", "genre": long})
    records = (*ENTRIES, record, labelled, TrackRecord.failure(f"{long}.wav", f"{long} is empty."))
    page = open_page(to_overview(records, Tally.of(records), has_vocabulary=True))
    shown = page.get_by_role("row", name=f"{long}.mp3")
    for width, is_in_blocks in ((1920, False), (1440, True), (1024, True), (390, True)):
        page.set_viewport_size({"width": width, "height": 800})
        expect(page.locator("#tracks.narrow")).to_have_count(int(is_in_blocks))
        expect(shown).to_contain_text("Rock82 %")
        page.wait_for_function("document.documentElement.scrollWidth <= innerWidth")
        assert page.locator("#tracks").evaluate("table => table.scrollWidth <= table.parentElement.clientWidth")
    assert violations(page) == []
    page.get_by_role("columnheader", name="Tempo").get_by_role("button").click()
    expect(page.get_by_role("columnheader", name="Tempo")).to_have_attribute("aria-sort", "descending")
    expect(page.get_by_role("cell", name="A minor").first).to_have_text("A minor")


def test_an_overview_is_sorted_and_searched(open_page: Open) -> None:
    page = open_page(overview(ENTRIES))
    given = first_column(page)
    header = page.get_by_role("columnheader", name="Length")
    header.get_by_role("button").click()
    assert header.get_attribute("aria-sort") == "descending"
    assert first_column(page)[:3] == ["b/-odd #1?.mp3", "c.mp3", "d.mp3"]
    page.keyboard.press("Enter")
    assert header.get_attribute("aria-sort") == "ascending"
    assert first_column(page)[:3] == ["d.mp3", "c.mp3", "b/-odd #1?.mp3"]
    page.get_by_role("button", name="Track").click()
    assert first_column(page) == sorted(given)
    page.get_by_label("Show tracks with").fill("%20")  # of an address
    assert first_column(page) == []
    page.get_by_label("Show tracks with").fill("ROCK")
    assert first_column(page) == ["b/-odd #1?.mp3", "c.mp3"]
    assert page.get_by_role("status").inner_text() == "2 of 6 tracks"


def test_an_overview_of_twenty_thousand_tracks_opens_at_once_and_is_paged(open_page: Open) -> None:
    kinds = [ENTRIES[0].model_copy(update={"warnings": ("A remark of some words.",)}), *ENTRIES[1:]]
    records = [kinds[i % 6].model_copy(update={"track": f"{i:05}.mp3"}) for i in range(20_000)]
    page = open_page(overview(records))
    expect(page.locator("#tracks tbody tr")).to_have_count(100)
    assert page.evaluate("performance.getEntriesByType('navigation')[0].duration") < 3000
    page.get_by_role("button", name="Next").click()
    assert first_column(page)[0] == "00100.mp3"
    page.get_by_label("Page of 200").fill("200")
    page.keyboard.press("Enter")
    assert first_column(page)[-1] == "19999.mp3"
    expect(page.get_by_role("button", name="Next")).to_be_disabled()
    page.get_by_label("Answer").select_option("Failed")
    expect(page.get_by_role("status")).to_have_text("3,333 of 20,000 tracks")
    assert first_column(page)[:2] == ["00005.mp3", "00011.mp3"]
    assert violations(page) == []


def test_without_scripts_an_overview_says_where_the_table_is(chromium: Browser, tmp_path: Path) -> None:
    (tmp_path / "page.html").write_text(overview(ENTRIES), encoding="utf-8")
    with chromium.new_context(java_script_enabled=False) as context:
        page = context.new_page()
        page.goto((tmp_path / "page.html").as_uri())
        expect(page.get_by_role("link", name="summary.csv")).to_be_visible()
        expect(page.locator("#tracks")).to_be_hidden()


def test_a_link_leads_to_the_track_s_report(open_page: Open, tmp_path: Path) -> None:
    (tmp_path / "b").mkdir()
    (tmp_path / "b" / "-odd #1?.mp3.html").write_text("<!DOCTYPE html><title>It is here</title>")
    page = open_page(overview(ENTRIES))
    expect(page.locator("#tracks tbody th a")).to_have_count(1)
    page.get_by_role("link", name="HTML of b/-odd #1?.mp3").click()
    expect(page).to_have_title("It is here")
    page.go_back()
    page.get_by_role("link", name="b/-odd #1?.mp3", exact=True).click()
    expect(page).to_have_title("It is here")


#: Where a track's dot lies on a map that shows all of it, in the window.
PLACE_OF_DOT: Final = """(name) => {
  const map = JSON.parse(document.getElementById("map-data").textContent), box = document.getElementById("map");
  const span = (places) => Math.max(...places) - Math.min(...places);
  const scale = Math.min((box.clientWidth - 48) / span(map.x), (box.clientHeight - 48) / span(map.y));
  const frame = box.getBoundingClientRect(), i = map.names.indexOf(name);
  const [right, below] = [(map.x[i] - 10000) * scale, (map.y[i] - 10000) * scale];
  return [frame.x + frame.width / 2 + right, frame.y + frame.height / 2 + below];
}"""


def test_the_map_says_what_sounds_alike_and_opens_reports(open_page: Open, tmp_path: Path) -> None:
    table = table_of(**{
        "</script><b>low": song((1.0, 0.0, 0.0)), "lower": song((1.0, 0.1, 0.0)),
        "high": song((0.0, 1.0, 0.1)), "higher": song((0.0, 1.0, 0.3)),
        "twin": song((0.5, 0.5, 1.0)), "twin again": song((0.5, 0.5, 1.0)),
    })  # fmt: skip
    records = [
        TrackRecord(track=track, status="confident", sentence="", genre=genre, outputs=(f"{track}.html",))
        for track, genre in zip(table.tracks, ("rock", "rock", "jazz", "blues", "pop", "pop"), strict=True)
    ]
    page = open_page(to_overview(records, Tally.of(records, [table.tracks[:2]]), sound_map(table, records)))
    assert violations(page) == []
    expect(page.locator(".copies li")).to_have_text("</script><b>low.mp3 is the same as lower.mp3")
    panel, chart, tip = page.locator("#map-track"), page.locator("#map"), page.locator("#map-name")
    page.get_by_label("Find on the map").fill("LOWER")
    expect(panel.get_by_role("link")).to_have_text("lower.mp3")
    expect(panel.get_by_role("listitem").first).to_have_text("</script><b>low.mp3: Rock")
    panel.get_by_role("button", name="higher.mp3").click()
    expect(tip).to_have_text("higher.mp3: Blues")
    chart.focus()
    page.keyboard.press("+")
    expect(chart).to_have_class("zoomed")
    for key in ("0", "ArrowLeft", "ArrowRight"):
        page.keyboard.press(key)
    expect(panel.get_by_role("link")).not_to_have_text("lower.mp3")
    page.get_by_role("button", name="Rock (2)").click()
    expect(page.get_by_role("button", name="Rock (2)")).to_have_attribute("aria-pressed", "true")
    page.set_viewport_size({"width": 390, "height": 800})
    page.wait_for_function("document.documentElement.scrollWidth <= innerWidth")
    assert violations(page) == []
    (tmp_path / "lower.mp3.html").write_text("<!DOCTYPE html><title>It is here</title>")
    page.reload()
    chart.scroll_into_view_if_needed()
    page.mouse.click(*page.evaluate(PLACE_OF_DOT, "twin.mp3"))  # opens none of the two
    expect(tip).to_have_text("twin.mp3: Pop; 1 more on this spot")
    expect(panel).to_contain_text("2 tracks lie on this spot:")
    assert violations(page) == []
    panel.get_by_role("button", name="twin again.mp3").first.press("Enter")
    expect(panel.get_by_role("link")).to_have_text("twin again.mp3")
    expect(panel.get_by_role("button", name="twin again.mp3")).to_be_focused()
    page.mouse.move(*page.evaluate(PLACE_OF_DOT, "lower.mp3"))
    expect(tip).to_have_text("lower.mp3: Rock")
    page.mouse.click(*page.evaluate(PLACE_OF_DOT, "lower.mp3"))
    expect(page).to_have_title("It is here")
    page.go_back()
    page.get_by_label("Find on the map").fill("lower")
    expect(tip).to_contain_text("lower.mp3")
    chart.press("Enter")
    expect(page).to_have_title("It is here")

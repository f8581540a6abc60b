"""Downloads of results, and the charts in words and tables."""

import csv
import io
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from matplotlib.image import imread
from playwright.sync_api import Browser, Download, expect

from genre_app.genres import GENRES
from genre_app.results.schema import ClassificationResult
from genre_app.ui.shared.downloads import file_name
from tests.serving import Server
from tests.sounds import music, write_wav
from tests.ui.visit import Visit

BUTTONS = {
    "json": "download",
    "csv": "download-csv",
    "card.png": "download-card",
    "png": "download-png",
    "html": "download-html",
}
TRACK_S = 60


@pytest.fixture(scope="module")
def track(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Half a minute of noise, then as much of a tone."""
    samples = np.concatenate([music(TRACK_S // 2, 16_000), music(TRACK_S // 2, 16_000, piece="jazz-trio")])
    return write_wav(tmp_path_factory.mktemp("tracks") / "two halves.wav", samples, 16_000)


@pytest.fixture
def shown(same_visit: Visit, track: Path) -> Visit:
    """A page that shows twelve windows of the track, and the facts."""
    visit = same_visit
    if not visit.shows(track.name):
        visit.upload(track)
        visit.wait_for_result(track.name)
    visit.slider("window").fill("5")
    visit.slider("overlap").fill("0")
    visit.wait_for(lambda: visit.n_strip_pieces() == 12, "twelve windows")
    return visit


def take(visit: Visit, form: str, press: Callable[[Visit, str], None]) -> Download:
    with visit.page.expect_download() as waiting:
        press(visit, BUTTONS[form])
    return waiting.value


def click(visit: Visit, button: str) -> None:
    visit.page.locator(f"#{button}").click()


def press_enter(visit: Visit, button: str) -> None:
    visit.page.locator(f"#{button}").focus()
    visit.page.keyboard.press("Enter")


def caption(visit: Visit, chart: str) -> str:
    return visit.page.locator(f"#{chart}-caption").inner_text()


def n_rows(visit: Visit, chart: str) -> int:
    return visit.page.locator(f"#{chart}-in-words tbody tr").count()


@pytest.mark.browser
@pytest.mark.parametrize("press", [click, press_enter])
def test_each_format_comes_at_the_first_press_and_follows_the_sliders(
    shown: Visit, track: Path, press: Callable[[Visit, str], None]
) -> None:
    files = {form: take(shown, form, press) for form in BUTTONS}

    assert {form: file.suggested_filename for form, file in files.items()} == {
        form: f"{track.name}.{form}" for form in BUTTONS
    }
    content = {form: file.path().read_bytes() for form, file in files.items()}
    result = ClassificationResult.model_validate_json(content["json"])
    assert (result.metadata.num_chunks, result.metadata.window_seconds) == (12, 5)
    assert result.verdict.sentence == shown.headline
    rows = list(csv.DictReader(io.StringIO(content["csv"].decode("utf-8-sig"))))
    assert [float(row["start_s"]) for row in rows] == [chunk.start for chunk in result.chunk_predictions]
    assert [sum(float(row[genre]) for genre in GENRES) for row in rows] == pytest.approx([1.0] * 12, abs=1e-4)
    assert imread(io.BytesIO(content["png"])).shape[1] == 1200
    assert imread(io.BytesIO(content["card.png"])).shape[:2] == (1260, 2400)
    assert result.verdict.sentence in content["html"].decode()
    expect(shown.page.locator("#download-note")).to_contain_text(f"Ready: {track.name}.html (")


@pytest.mark.browser
def test_the_report_opens_from_the_disk_and_asks_for_nothing(shown: Visit, browser: Browser, tmp_path: Path) -> None:
    path = tmp_path / "report.html"
    take(shown, "html", click).save_as(path)
    sentence = shown.headline
    context = browser.new_context(offline=True, viewport={"width": 390, "height": 844})
    page = context.new_page()
    asked: list[str] = []
    problems: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("pageerror", lambda error: problems.append(str(error)))

    page.goto(path.as_uri())

    page.locator(".js-plotly-plot .point path").first.wait_for()
    expect(page.locator("h1")).to_have_text(sentence, use_inner_text=True)
    expect(page.locator(".js-plotly-plot")).to_have_count(2)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert [url for url in asked if not url.startswith(("file:", "data:", "blob:"))] == []
    assert problems == []
    context.close()


@pytest.mark.browser
def test_facts_are_downloaded_once_they_are_known(shown: Visit) -> None:
    assert shown.wait_for_json(lambda result: result.facts is not None).facts


@pytest.mark.browser
def test_downloads_lie_where_they_go_with_their_visit(shown: Visit, track: Path, server: Server) -> None:
    take(shown, "csv", click)
    (folder,) = (server.log.parent / "gradio").glob("genre-app-*/")
    assert len(list(folder.glob(f"uploads/downloads/*/{track.name}.csv"))) == 1


@pytest.mark.browser
@pytest.mark.parametrize(
    "name",
    ["sehr " * 36 + "lang ♪.wav", "what's “this”? 🎷🎸 & #1 100%.v2..wav"],
    ids=["long", "odd"],
)
def test_odd_names(same_visit: Visit, tmp_path: Path, name: str) -> None:
    visit = same_visit
    visit.upload(write_wav(tmp_path / name, music(4, 16_000, start_s=12), 16_000))
    expect(visit.page.locator("#headline .track")).to_contain_text(name[:5])
    visit.wait_for_charts()
    for form in BUTTONS:
        file = take(visit, form, click)
        assert file.suggested_filename.startswith(name[:5])
        assert file.suggested_filename.endswith(f".wav.{form}")
        assert file.path().stat().st_size > 0


@pytest.mark.browser
def test_sentence_and_table_follow_a_slider_and_stay_open(shown: Visit) -> None:
    shown.wait_for(lambda: n_rows(shown, "timeline") == 12, "a row for each window")
    summary = shown.page.locator("#timeline-in-words summary")
    summary.focus()
    shown.page.keyboard.press("Enter")
    table = shown.page.get_by_role("table", name="The leading genre of each window")
    expect(table).to_be_visible()
    before = caption(shown, "timeline")

    shown.slider("window").fill("60")

    shown.wait_for(lambda: n_rows(shown, "timeline") == 1, "one row")
    assert caption(shown, "timeline").startswith("One window holds the whole track: ")
    assert caption(shown, "timeline") != before
    expect(table).to_be_visible()
    assert table.get_by_role("rowheader").all_inner_texts() == ["0:00 to 1:00"]
    assert table.get_by_role("columnheader").all_inner_texts() == ["Time", "Leading genre", "Score"]
    summary.click()
    shown.slider("window").fill("3")
    shown.wait_for(lambda: n_rows(shown, "timeline") == 20, "twenty rows")
    expect(table).to_be_hidden()


@pytest.mark.browser
def test_very_many_windows_are_left_to_the_csv(same_visit: Visit, long_track: Callable[[int], Path]) -> None:
    visit = same_visit
    path = long_track(70)
    visit.upload(path)
    visit.wait_for_result(path.name)
    visit.slider("window").fill("3")
    visit.slider("overlap").fill("0.9")
    visit.wait_for(lambda: n_rows(visit, "timeline") == 200, "two hundred rows")
    left_out = visit.page.locator("#timeline-in-words details p")
    visit.wait_for(lambda: left_out.all_text_contents() == ["25 more windows are in the CSV and in the JSON."], "rest")


@pytest.mark.browser
def test_the_timeline_has_a_name_and_a_description(shown: Visit) -> None:
    timeline = shown.page.locator("#timeline")
    expect(timeline).to_have_attribute("aria-describedby", "timeline-caption")
    expect(shown.page.get_by_role("img", name="How the genre moves")).to_have_attribute("id", "timeline")


@pytest.mark.parametrize(
    ("track_name", "named"),
    [
        ("song.mp3", "song.mp3.json"),
        ("folder/song.mp3", "song.mp3.json"),
        ("", "track.json"),
        ("No. 5", "No. 5.json"),
        ("...", "....json"),
        ("a" * 300 + ".mp3", "a" * 191 + ".mp3.json"),
        ("🎷" * 100 + ".mp3", "🎷" * 47 + ".mp3.json"),
        ("Mr. " + "b" * 300, "Mr. " + "b" * 191 + ".json"),
    ],
)
def test_a_file_is_named_after_its_track(track_name: str, named: str) -> None:
    assert file_name(track_name, "json") == named
    assert len(named.encode()) <= 200

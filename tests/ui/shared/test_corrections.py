"""A visitor's correction: kept in the browser, in the JSON that is downloaded, and as a manifest for an evaluation."""

import json
import re
from pathlib import Path

import pytest
from playwright.sync_api import Locator, expect

from genre_app.evaluate.manifest import Example, read_manifest
from genre_app.genres import GENRES
from genre_app.results.schema import ClassificationResult
from genre_app.ui.shared.corrections import checked
from tests.sounds import music, write_wav
from tests.ui.shared.test_model_picker import choose
from tests.ui.visit import LEAVING, Visit

_KEY = "genre-app:corrections"


@pytest.mark.parametrize(
    ("sent", "kept"), [("jazz", "jazz"), ("not music", "not music"), ("", None), (None, None), ("<b>", None)]
)
def test_only_a_known_correction_counts(sent: str | None, kept: str | None) -> None:
    assert checked(sent) == kept


def choice(visit: Visit) -> Locator:
    return visit.page.locator("#correction select")


def correct(visit: Visit, track: Path, correction: str) -> None:
    visit.upload(track)
    visit.wait_for_result(track.name)
    expect(choice(visit)).to_have_value("")
    if not choice(visit).is_visible():
        visit.page.get_by_text("Not right? Correct it").click()
    choice(visit).select_option(correction)


def correction_in_json(visit: Visit) -> str | None:
    with visit.page.expect_download() as waiting:
        visit.page.locator("#download").click()
    return ClassificationResult.model_validate_json(waiting.value.path().read_bytes()).correction


@pytest.mark.browser
def test_corrections_stay_in_the_browser_and_are_a_manifest(visit: Visit, tmp_path: Path) -> None:
    visit.allowed_errors += LEAVING
    tracks = [
        write_wav(tmp_path / name, music(4, 16_000, start_s=start_s), 16_000)
        for name, start_s in (("what's, this.wav", 16), ("=noise.wav", 18), ("waltz.wav", 20))
    ]
    visit.page.evaluate(
        f"localStorage.setItem({_KEY!r}, JSON.stringify({{nonsense: {{name: 1, correction: 'polka'}}}}))"
    )
    correct(visit, tracks[0], "jazz")
    assert correction_in_json(visit) == "jazz"
    choose(visit, "MusiCNN's tags")
    expect(visit.page.locator("#correction summary")).to_be_hidden()
    choose(visit, re.compile("^MusiCNN$"))
    expect(visit.page.locator("#correction summary")).to_have_text("Corrected: Jazz")
    expect(choice(visit)).to_be_visible()
    correct(visit, tracks[1], "not music")
    correct(visit, tracks[2], "other music")

    visit.wait_for(lambda: f"name={tracks[2].name}&" in visit.page.url, "the address of the last result")
    visit.page.reload()
    visit.wait_until_built()
    visit.wait_for_result(tracks[2].name)
    expect(choice(visit)).to_have_value("other music")
    visit.page.get_by_text("Corrected: Music, but none of these").click()
    with visit.page.expect_download() as waiting:
        visit.page.get_by_role("button", name="Save all 3 corrections (CSV)").click()
    waiting.value.save_as(tmp_path / "corrections.csv")
    assert (tmp_path / "corrections.csv").read_text("utf-8").startswith("\ufeff")
    assert sorted(read_manifest(tmp_path / "corrections.csv", GENRES), key=lambda example: example.path) == [
        Example(tracks[1], sound="not music"),
        Example(tracks[2], styles=("other",)),
        Example(tracks[0], "jazz"),
    ]

    choice(visit).select_option("")
    assert correction_in_json(visit) is None
    assert len(json.loads(visit.page.evaluate(f"localStorage.getItem({_KEY!r})"))) == 2

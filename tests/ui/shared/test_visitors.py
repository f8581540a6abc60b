"""Several visitors, and several tracks of one."""

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.sounds import music, write_wav
from tests.ui.visit import Visit

pytestmark = pytest.mark.browser


def test_two_visitors_at_once_see_their_own_results(open_page: Callable[..., Visit], tmp_path: Path) -> None:
    paths = [
        write_wav(tmp_path / "first.wav", music(20, 16_000), 16_000),
        write_wav(tmp_path / "second.wav", music(25, 16_000, piece="jazz-trio"), 16_000),
    ]
    visits = [open_page(), open_page()]

    for visit, path in zip(visits, paths, strict=True):
        visit.upload(path)
    for visit, path in zip(visits, paths, strict=True):
        visit.wait_for_result(path.name)
    visits[0].slider("window").fill("5")

    results = [
        visits[0].wait_for_json(lambda result: result.metadata.window_seconds == 5),
        visits[1].wait_for_json(lambda result: True),
    ]
    assert [result.metadata.track_name for result in results] == ["first.wav", "second.wav"]
    assert [result.metadata.duration_seconds for result in results] == [20, 25]
    assert results[1].metadata.window_seconds == 30
    visits[1].wait_for_reading(visits[1].n_strip_pieces, 1, "one window")
    for visit, result in zip(visits, results, strict=True):
        expect(visit.page.locator("#headline h2")).to_have_text(result.verdict.sentence, use_inner_text=True)
        assert visit.bars()[0][0] == result.predicted_genre


def test_a_second_track_replaces_the_first(same_visit: Visit, tmp_path: Path) -> None:
    visit = same_visit
    first = write_wav(tmp_path / "first.wav", music(20, 16_000, start_s=3), 16_000)
    second = write_wav(tmp_path / "second.wav", music(95, 16_000, piece="jazz-trio"), 16_000)
    visit.upload(first)
    visit.wait_for_result(first.name)
    visit.slider("window").fill("10")
    visit.wait_for_json(lambda result: result.metadata.window_seconds == 10)

    visit.upload(second)

    visit.wait_for_result(second.name)
    result = visit.wait_for_json(lambda result: result.metadata.track_name == second.name)
    assert result.metadata.window_seconds == 10  # the sliders stay where they are
    assert result.metadata.num_chunks == 13
    visit.wait_for_reading(visit.n_strip_pieces, 13, "thirteen windows")


def test_a_file_name_is_shown_as_text(same_visit: Visit, tmp_path: Path) -> None:
    visit = same_visit
    name = "<b>Größte & längste Nummer, " + "sehr " * 20 + "lang.wav"
    visit.upload(write_wav(tmp_path / name, music(4, 16_000, start_s=14), 16_000))

    expect(visit.page.locator("#headline .track")).to_contain_text("Größte")
    expect(visit.page.locator("#headline b")).to_have_count(0)
    file_name, _ = visit.download()
    assert file_name.endswith(".json")
    assert "Größte" in file_name

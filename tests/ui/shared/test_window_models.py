"""A model that scores whole windows, from a folder: the same page, and a slider scores new windows."""

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.serving import Server
from tests.ui.shared.conftest import OWN_MODEL, SECRET_PLACE
from tests.ui.visit import Visit

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def server(server_with_own_model: Server) -> Server:
    return server_with_own_model


def test_a_slider_scores_other_windows(same_visit: Visit, long_track: Callable[[int], Path]) -> None:
    visit = same_visit
    track = long_track(60)
    visit.upload(track)
    visit.wait_for_result(track.name)
    first = visit.wait_for_json(lambda result: result.facts is not None)
    assert first.metadata.model_name == OWN_MODEL
    expect(visit.page.locator("#headline")).to_contain_text(f"Answered by {OWN_MODEL}", use_inner_text=True)
    assert first.metadata.num_chunks == 3

    visit.slider("window").fill("10")
    second = visit.wait_for_json(lambda result: result.metadata.window_seconds == 10.0)
    assert second.metadata.num_chunks == 8
    visit.wait_for(lambda: visit.n_strip_pieces() == 8, "a piece of the strip for each window")
    assert second.facts == first.facts

    visit.slider("smoothing").fill("5")
    third = visit.wait_for_json(lambda result: result.metadata.smoothing_seconds == 5.0)
    assert third.metadata.num_chunks == 8


def test_facts_survive_a_slider_that_moves_before_they_come(
    same_visit: Visit, long_track: Callable[[int], Path]
) -> None:
    visit = same_visit
    track = long_track(61)
    visit.upload(track)
    expect(visit.page.locator("#headline .track")).to_have_text(track.name)
    visit.slider("window").fill("15")
    result = visit.wait_for_json(lambda result: result.metadata.window_seconds == 15.0 and result.facts is not None)
    assert result.metadata.track_name == track.name
    assert result.metadata.num_chunks == 6


def test_the_model_s_folder_is_not_revealed(same_visit: Visit, short_track: Path) -> None:
    visit = same_visit
    visit.upload(short_track)
    visit.wait_for_result(short_track.name)
    assert SECRET_PLACE not in visit.page.content()
    assert SECRET_PLACE not in repr(visit.download()[1])

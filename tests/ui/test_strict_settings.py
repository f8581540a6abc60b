"""A deployment that keeps nothing and fetches nothing."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.models.hub.fake_hub import FakeHub
from tests.serving import Server, serve
from tests.ui.visit import Visit

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("server")
    with FakeHub() as hub, serve(
        folder, cache=None, GENRE_CACHE_MB="0", GENRE_ALLOW_DOWNLOADS="false", **hub.environment(folder / "hub")
    ) as running:  # fmt: skip
        yield running


def test_no_cache_no_link(same_visit: Visit, short_track: Path) -> None:
    same_visit.upload(short_track)
    same_visit.wait_for_result(short_track.name)
    expect(same_visit.page.locator("#copy-link")).to_be_hidden()
    expect(same_visit.page.locator("#link")).to_be_hidden()


def test_where_downloads_are_not_allowed_nothing_is_offered(same_visit: Visit) -> None:
    same_visit.unfold_settings()
    same_visit.page.locator("#model input").click()
    same_visit.page.get_by_role("option", name="storylinez genre classifier").click()
    expect(same_visit.page.locator("#model-offer")).to_contain_text("does not download models", use_inner_text=True)
    expect(same_visit.page.locator("#model-download")).to_be_hidden()

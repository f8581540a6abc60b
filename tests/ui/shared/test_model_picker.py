"""The choice of the model, downloads, and their errors."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import pytest
from playwright.sync_api import TimeoutError as PlaywrightTimeoutError
from playwright.sync_api import expect

from genre_app.models.registry import PREFERRED
from tests.models.hub.fake_hub import FakeHub
from tests.serving import Server
from tests.ui.shared.conftest import OWN_MODEL
from tests.ui.visit import Visit

pytestmark = pytest.mark.browser

_LIST_MS: Final = 5000
NAME = "storylinez genre classifier"


@pytest.fixture(scope="module")
def server(server_with_own_model: Server) -> Server:
    return server_with_own_model


@pytest.fixture
def visit(same_visit: Visit) -> Visit:
    """The page that the tests of this module share, with a model of the app."""
    choose(same_visit, re.compile("^MusiCNN$"))
    same_visit.wait_for_reading(lambda: offer(same_visit), "", "no offer")
    return same_visit


def choose(visit: Visit, title: str | re.Pattern[str]) -> None:
    """Choose a model, if need be again: Gradio's list stays where it was opened when the page moves below it."""
    visit.unfold_settings()

    def is_chosen() -> bool:
        visit.page.locator("#model input").click()
        try:
            visit.page.get_by_role("option", name=title).click(timeout=_LIST_MS)
        except PlaywrightTimeoutError:
            visit.page.locator("#model input").blur()
            return False
        return True

    visit.wait_for(is_chosen, f"the model {title}")


def offer(visit: Visit) -> str:
    """Return what is offered; read at once, as it may vanish at any time."""
    return "".join(visit.page.locator("#model-offer").filter(visible=True).all_inner_texts()).strip()


def test_the_models_of_the_app_are_chosen_at_once(visit: Visit, short_track: Path) -> None:
    visit.upload(short_track)
    visit.wait_for_result(short_track.name)
    choose(visit, "Small CNN")
    visit.wait_for_json(lambda result: result.metadata.model_name == "cnn")
    visit.wait_for_reading(lambda: offer(visit), "", "no offer")


@pytest.mark.parametrize(
    ("failure", "sentence"),
    [
        ({"status": 404}, "check the spelling"),
        ({"status": 401}, "without a login"),
        ({"breaks_off_after": 1000}, "goes on from where it stopped"),
        ({"damages": "model.safetensors"}, "arrived damaged"),
        ({"hangs": True}, "cannot be reached"),
    ],
)
def test_a_download_that_fails_is_a_sentence(
    visit: Visit, hub: FakeHub, files: dict[str, bytes], failure: dict[str, Any], sentence: str
) -> None:
    hub.add_model(PREFERRED, files)
    hub.fail_with(**failure)
    choose(visit, NAME)
    visit.wait_for(lambda: "not on this machine" in offer(visit), "the offer")
    hub.requests.clear()
    visit.page.locator("#model-download").click()
    visit.wait_for(lambda: sentence in offer(visit), f"the sentence with {sentence!r}; offer: {offer(visit)!r}")
    # tests/models/hub says how long one question may take; more of them would take a multiple.
    assert len(hub.requests) == len({request.path for request in hub.requests}), "something is asked again"
    assert f"{OWN_MODEL} answers" in offer(visit)
    hub.recover()


def test_until_a_model_is_here_the_app_s_own_answers(visit: Visit, hub: FakeHub, short_track: Path) -> None:
    choose(visit, NAME)
    hub.fail_with(status=404)
    visit.page.locator("#model-download").click()
    visit.wait_for(lambda: f"{OWN_MODEL} answers" in offer(visit), "who answers")
    hub.recover()
    visit.upload(short_track)
    visit.wait_for_result(short_track.name)
    result = visit.wait_for_json(lambda result: result.metadata.track_name == short_track.name)
    assert result.metadata.model_name == OWN_MODEL
    assert result.metadata.fallback_reason is not None
    assert "not on this machine" in result.metadata.fallback_reason


def test_a_model_is_fetched_with_progress_and_answers(
    visit: Visit, open_page: Callable[..., Visit], hub: FakeHub, files: dict[str, bytes], short_track: Path
) -> None:
    hub.add_model(PREFERRED, files)
    visit.upload(short_track)
    visit.wait_for_result(short_track.name)
    choose(visit, f"{NAME} (not downloaded)")
    visit.wait_for(lambda: "Licence" in offer(visit), "the licence in the offer")
    visit.page.locator("#model-download").click()
    visit.wait_for_json(lambda result: result.metadata.model_name == PREFERRED)
    visit.wait_for_reading(lambda: offer(visit), "", "no offer")
    later = open_page()
    later.unfold_settings()
    later.page.locator("#model input").click()
    expect(later.page.get_by_role("option", name=NAME, exact=True)).to_be_visible()

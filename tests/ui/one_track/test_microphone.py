"""A recording from the browser's microphone."""

import time

import pytest

from tests.ui.visit import Visit

pytestmark = pytest.mark.browser

LENGTH_S = 4


def test_a_recording_is_analysed(visit: Visit) -> None:
    visit.page.get_by_role("button", name="Record audio").click()
    started_s = time.monotonic()
    visit.page.get_by_role("button", name="Record", exact=True).click()
    visit.page.wait_for_timeout(1000 * LENGTH_S)
    visit.page.get_by_role("button", name="Stop", exact=True).first.click()
    longest_s = time.monotonic() - started_s

    visit.wait_for(lambda: visit.has_result, "result of the recording")
    visit.wait_for(lambda: visit.n_strip_pieces() > 0, "the timeline")

    result = visit.wait_for_json(lambda result: result.metadata.duration_seconds > 0)
    assert 0.75 * LENGTH_S < result.metadata.duration_seconds < longest_s + 1
    (warning,) = result.metadata.warnings  # a browser's time stamps jitter, and have no gaps
    assert warning.startswith("This is a short excerpt")
    assert result.verdict.sentence == visit.headline
    assert not result.verdict.is_music  # a chord of three tones
    assert visit.bars() == []

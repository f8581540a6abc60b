"""A recording from the browser's microphone."""

import pytest

from tests.ui.visit import Visit

pytestmark = pytest.mark.browser


def test_a_recording_is_analysed(visit: Visit) -> None:
    visit.page.get_by_role("button", name="Record audio").click()
    visit.page.get_by_role("button", name="Record", exact=True).click()
    visit.page.wait_for_timeout(4000)
    visit.page.get_by_role("button", name="Stop", exact=True).first.click()

    visit.wait_for(lambda: visit.has_result, "result of the recording")
    visit.wait_for_charts()

    result = visit.wait_for_json(lambda result: result.metadata.duration_seconds > 0)
    assert 3 < result.metadata.duration_seconds < 6
    assert result.verdict.sentence == visit.headline
    assert result.predicted_genre == visit.bars()[0][0]

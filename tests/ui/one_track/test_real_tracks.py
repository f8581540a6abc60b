"""The main job: a recording in, its genre out."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.ui.visit import Visit

pytestmark = [pytest.mark.browser, pytest.mark.shared]


@pytest.mark.parametrize("name", ["chaos_god.metal.mp3", "vibe_ace.jazz.mp3"])
def test_an_upload_shows_the_genre_in_words_charts_and_json(
    same_visit: Visit, shared_audio: Callable[[str], Path], name: str
) -> None:
    visit = same_visit
    genre = name.split(".")[1]
    n_shown = 2 if name.startswith("vibe_ace") else 1  # a hard one: second place will do

    visit.upload(shared_audio(name))

    visit.wait_for_result(name)
    ranking = [label for label, _, _ in visit.bars()]
    assert genre in ranking[:n_shown]
    assert genre in visit.genres_in_headline()[:n_shown]
    assert visit.genres_in_headline()[0] == ranking[0]
    assert len(ranking) == 10
    visit.wait_for_reading(visit.n_areas, 6, "the top five and the others")
    visit.wait_for_reading(lambda: visit.status, "", "no status")

    result = visit.wait_for_json(lambda result: result.metadata.track_name == name)
    file_name, _ = visit.download()
    assert file_name == f"{name}.json"
    assert result.verdict.sentence == visit.headline
    assert result.predicted_genre == ranking[0]
    shown = visit.bars()[: len(result.predictions)]
    assert [label for label, _, _ in shown] == [prediction.genre for prediction in result.predictions]
    for (_, score, _), prediction in zip(shown, result.predictions, strict=True):
        assert float(score.strip("<> %")) == pytest.approx(100 * prediction.score, abs=1.0)
    assert result.metadata.track_name == name
    visit.wait_for_reading(visit.n_strip_pieces, result.metadata.num_chunks, "a piece for each window")
    assert result.metadata.fallback_reason is None

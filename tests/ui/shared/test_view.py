from dataclasses import replace

import numpy as np

from genre_app.results.build import TrackAnalysis
from genre_app.results.schema import SliceOptions, TagScore
from genre_app.results.track_logits import WindowLayout
from genre_app.ui.shared import view
from tests.results.test_build import scored_track


def with_own_tags(layout: WindowLayout | None = None) -> TrackAnalysis:
    """A track tagged with a likely guitar, an unlikely flute and a tag with an odd name."""
    scored = scored_track(180.0, np.zeros((8, 10), np.float32))
    tag_logits = np.tile(np.array([[4.0, -4.0, 0.0]], np.float32), (8, 1))
    track = replace(scored.track, tags=("guitar", "flute", "drum & bass"), tag_logits=tag_logits, layout=layout)
    return replace(scored, track=track, tags=(TagScore(tag="another model's", score=0.9),))


def test_likely_tags_are_listed_with_their_scores() -> None:
    scored = replace(scored_track(), tags=(TagScore(tag="slow", score=0.6), TagScore(tag="flute", score=0.02)))
    shown = view.insights(scored)
    assert "Also heard" in shown
    assert "<li>Slow <span>60 %</span></li>" in shown
    assert "Flute" not in shown


def test_a_model_s_own_tags_precede_the_tagger_s_for_patches_and_windows() -> None:
    for layout in (None, WindowLayout(30.0, 0.25, None)):
        shown = view.insights(with_own_tags(layout))
        assert "<li>Guitar <span>98 %</span></li>" in shown
        assert "<li>Drum &amp; bass <span>50 %</span></li>" in shown
        assert "Flute" not in shown
        assert "another" not in shown.lower()


def test_nothing_is_said_where_nothing_is_known() -> None:
    assert view.insights(scored_track()) == ""


def test_a_chart_in_words_is_a_caption_and_a_table_that_name_their_chart() -> None:
    shown = view.draw(scored_track(), SliceOptions()).bars_in_words
    assert "data-describes='bars'" in shown
    assert "Together the scores make 100 %." in shown
    assert shown.count('<th scope="row">') == 10

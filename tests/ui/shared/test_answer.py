"""The answer in words: each kind of verdict says what it claims, and what may be played from where."""

from dataclasses import replace

import numpy as np
import pytest

from genre_app.genres import NEUTRAL_COLOUR, colour_of
from genre_app.results.build import TrackAnalysis, build_result
from genre_app.results.schema import SliceOptions, TagScore
from genre_app.results.track_logits import WindowLayout
from genre_app.ui.shared import answer
from tests.results import answers
from tests.results.test_build import scored_track


def with_own_tags(layout: WindowLayout | None = None) -> TrackAnalysis:
    """A track tagged with a likely guitar, an unlikely flute and a tag with an odd name."""
    scored = scored_track(180.0, np.zeros((8, 10), np.float32))
    tag_logits = np.tile(np.array([[4.0, -4.0, 0.0]], np.float32), (8, 1))
    track = replace(scored.track, tags=("guitar", "flute", "drum & bass"), tag_logits=tag_logits, layout=layout)
    return replace(scored, track=track, tags=(TagScore(tag="another model's", score=0.9),))


def said_of(scored: TrackAnalysis) -> str:
    """The headline and what speaks for it."""
    result = build_result(scored, SliceOptions())
    return answer.headline(result) + answer.why(scored, result)


def said(*sections: answers.Section) -> str:
    return said_of(answers.analysis_of(*sections))


def test_likely_tags_are_listed_with_their_scores() -> None:
    scored = replace(scored_track(), tags=(TagScore(tag="slow", score=0.6), TagScore(tag="flute", score=0.02)))
    shown = answer.insights(scored)
    assert "Also heard" in shown
    assert "<li>Slow <span>60 %</span></li>" in shown
    assert "Flute" not in shown


def test_a_model_s_own_tags_come_with_the_answer_and_precede_the_tagger_s() -> None:
    for layout in (None, WindowLayout(30.0, 0.25, None)):
        scored = with_own_tags(layout)
        shown = said_of(scored)
        assert "<li>Guitar <span>98 %</span></li>" in shown
        assert "<li>Drum &amp; bass <span>50 %</span></li>" in shown
        assert "Flute" not in shown
        assert "another" not in shown.lower() + answer.insights(scored).lower()


def test_nothing_is_said_where_nothing_is_known() -> None:
    assert answer.insights(scored_track()) == ""


def test_a_sure_answer_has_its_styles_tags_and_clearest_part() -> None:
    shown = said(*answers.CONFIDENT)
    assert "<h2>Disco, 98 %</h2>" in shown
    assert "<li>Funk <span>75 %</span></li>" in shown
    assert "<li>Disco <span>" not in shown
    assert shown.index("Styles") < shown.index("Also heard") < shown.index("Disco is strongest at 0:00")
    assert f"data-seek='0' style='--genre:{colour_of('disco')}'" in shown


def test_several_in_turn_are_buttons_with_their_times_and_colours() -> None:
    shown = said(*answers.MIXED)
    assert [shown.count(f"--genre:{colour_of(genre)}'") for genre in ("hiphop", "reggae", "classical")] == [1, 1, 1]
    assert "data-seek='30'" in shown
    assert "Reggae <span>0:30 to 1:00</span>" in shown
    assert "strongest" not in shown


def test_speech_between_pieces_of_music_is_a_part() -> None:
    shown = said(*answers.SPEECH_BETWEEN)
    assert f"style='--genre:{NEUTRAL_COLOUR}'" in shown
    assert "Speech <span>0:30 to 1:00</span>" in shown


def test_music_of_no_genre_has_no_genre_s_colour_and_its_styles_first() -> None:
    shown = said(*answers.OUTSIDE)
    assert f"linear-gradient(to right, {NEUTRAL_COLOUR} 0% 100%)" in shown
    assert "<li>Ambient &amp; new age <span>82 %</span></li>" in shown
    assert shown.index("Styles") < shown.index("Most like classical at")


@pytest.mark.parametrize("sections", [answers.NOT_MUSIC, answers.NO_SOUND])
def test_what_is_not_music_claims_no_genre_and_has_nothing_to_play(sections: tuple[answers.Section, ...]) -> None:
    shown = said(*sections)
    assert not {"<button", "Styles", "Also heard"} & set(shown.replace(">", "> ").split())
    assert "data-seek" not in shown
    assert "chips" not in shown


def test_the_model_is_named_and_a_fallback_has_its_reason_to_unfold() -> None:
    scored = replace(answers.analysis_of(*answers.CONFIDENT), fallback_reason="The other one is <away>.")
    shown = said_of(scored)
    summary, unfolded = shown[shown.index("<summary>") : shown.index("</details>")].split("</summary>")
    assert summary.startswith("<summary>Answered by ")
    assert "The other one is &lt;away&gt;." in unfolded


def test_names_are_text() -> None:
    scored = replace(scored_track(), name="<b>song</b>.mp3")
    assert "<b>" not in said_of(scored)

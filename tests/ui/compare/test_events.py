"""What the end of one side shows of both."""

from typing import Any

import gradio as gr
import pytest

from genre_app.ui.compare.events import Outcome, show
from tests.results import answers

DONE = answers.analysis_of(*answers.CONFIDENT, name="<song>.mp3")


def sentence(own: Outcome, other: Outcome) -> Any:
    return show(own, other, chart="timeline-a", is_first=True)[1]


def test_a_sentence_comes_with_the_name_of_the_track() -> None:
    assert "Both say disco" in sentence(DONE, DONE)
    assert "&lt;song&gt;.mp3" in sentence(DONE, DONE)


@pytest.mark.parametrize(("own", "other"), [(DONE, "cancelled"), ("cancelled", DONE), ("cancelled", "broken")])
def test_a_side_that_was_cancelled_can_be_started_again(own: Outcome, other: Outcome) -> None:
    assert "Start again" in sentence(own, other)


@pytest.mark.parametrize(("own", "other"), [(DONE, "broken"), ("broken", DONE), ("broken", "broken")])
def test_a_side_that_failed_leaves_nothing_to_compare(own: Outcome, other: Outcome) -> None:
    assert "nothing to compare" in sentence(own, other)


def test_while_the_other_side_is_scoring_the_sentence_stays() -> None:
    assert sentence(DONE, None) == gr.skip()


def test_both_timelines_are_stacked_in_the_order_of_both() -> None:
    first, second = (answers.analysis_of(answers.Section(20, genre, 1.0)) for genre in ("rock", "jazz"))
    *_, own, _, of_other = show(first, second, chart="timeline-a", is_first=True)
    names = [[trace.name for trace in figure.data] for figure in (own, of_other)]
    assert names[0] == names[1]
    assert set(names[0][:2]) == {"Rock", "Jazz"}
    assert show(second, first, chart="timeline-b", is_first=False)[3].data[0].name == names[0][0]
    assert show(first, None, chart="timeline-a", is_first=True)[-1] == gr.skip()

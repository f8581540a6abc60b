"""What the sides show of a track, whichever of them the server finishes last."""

import asyncio
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any, Final

import gradio as gr
import pytest

from genre_app.results.build import TrackAnalysis
from genre_app.ui.compare.events import ComparedSide, Outcome, compare
from genre_app.ui.shared.analysis_threads import AnalysisThreads
from genre_app.ui.shared.events import Updates
from genre_app.ui.shared.visits import Visits
from tests.results import answers

DONE: Final = answers.analysis_of(*answers.CONFIDENT, name="<song>.mp3")
ROCK, JAZZ = (answers.analysis_of(answers.Section(20, genre, 1.0)) for genre in ("rock", "jazz"))
OF_BOTH: Final = ("sentence", "differences", "timeline-a", "timeline-b")


class _Pool:
    """A pool of models that answer at once; a model is called what it answers."""

    @contextmanager
    def acquire(self, model: str) -> Iterator["_Pool"]:
        self._answer = {"rock": ROCK, "jazz": JAZZ}[model]
        yield self

    def score_file(self, *_: Any, **__: Any) -> TrackAnalysis:
        return self._answer


class _Tab:
    """What the components show, and the outcomes, after the events so far."""

    def __init__(self) -> None:
        self.shown: dict[str, Any] = {"outcome-a": None, "outcome-b": None}

    def update(self, names: tuple[str, ...], updates: Updates) -> None:
        self.shown |= {name: new for name, new in zip(names, updates, strict=True) if new != gr.skip()}

    def score(self, visits: Visits, letter: str, model: str) -> list[Updates]:
        """Score a track on one side, and return the steps."""
        side = ComparedSide(_Pool(), visits, AnalysisThreads(), chart=f"timeline-{letter}")  # type: ignore[arg-type]

        async def steps() -> list[Updates]:
            visitor = gr.Request(session_hash=letter)
            return [step async for step in side.score(visitor, "song.mp3", None, model)]

        names = (f"outcome-{letter}", f"card-{letter}", "sentence", "differences", f"timeline-{letter}", "text")
        with ThreadPoolExecutor(1) as thread:  # Playwright's event loop may be running in this one
            scored = thread.submit(asyncio.run, steps()).result()
        for updates in scored:
            self.update(names, updates)
        return scored

    def compared(self) -> Updates:
        return compare(self.shown["outcome-a"], self.shown["outcome-b"])

    def labels(self, letter: str) -> list[str]:
        return [trace.name for trace in self.shown[f"timeline-{letter}"].data]


def test_an_answer_is_shown_before_the_other_side_knows_it(visits: Visits) -> None:
    tab = _Tab()
    *_, known = tab.score(visits, "a", "rock")
    assert known == (ROCK, *[gr.skip()] * 5)
    assert "rock" in tab.shown["card-a"]
    assert tab.labels("a")[0] == "Rock"


@pytest.mark.parametrize("is_first_late", [False, True])
def test_both_are_compared_whichever_event_ends_last(visits: Visits, is_first_late: bool) -> None:  # noqa: FBT001
    tab = _Tab()
    tab.score(visits, "a", "rock")
    of_first = tab.compared()  # has read its inputs
    tab.score(visits, "b", "jazz")
    of_second = tab.compared()
    for updates in (of_second, of_first) if is_first_late else (of_first, of_second):
        tab.update(OF_BOTH, updates)
    assert "Neither is sure" in tab.shown["sentence"]
    assert "Where they differ" in tab.shown["differences"]
    assert tab.labels("a") == tab.labels("b")
    assert set(tab.labels("a")[:2]) == {"Rock", "Jazz"}


def test_a_sentence_comes_with_the_name_of_the_track() -> None:
    sentence = compare(DONE, DONE)[0]
    assert "Both say disco" in sentence
    assert "&lt;song&gt;.mp3" in sentence


@pytest.mark.parametrize("pair", [(DONE, "cancelled"), ("cancelled", DONE), ("cancelled", "broken")])
def test_a_side_that_was_cancelled_can_be_started_again(pair: tuple[Outcome, Outcome]) -> None:
    assert "Start again" in compare(*pair)[0]


@pytest.mark.parametrize("pair", [(DONE, "broken"), ("broken", DONE), ("broken", "broken")])
def test_a_side_that_failed_leaves_nothing_to_compare(pair: tuple[Outcome, Outcome]) -> None:
    assert "nothing to compare" in compare(*pair)[0]


@pytest.mark.parametrize("outcome", [None, DONE, "broken", "cancelled"])
def test_while_a_side_is_scoring_nothing_is_said_of_both(outcome: Outcome) -> None:
    assert compare(outcome, None) == compare(None, outcome) == (gr.skip(),) * 4

"""Events that run beside each other end with what is known, whichever of them the server finishes last."""

import asyncio
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from typing import Any, Final

import gradio as gr
import pytest

from genre_app.results.build import TrackAnalysis
from genre_app.results.schema import SliceOptions, TrackFacts
from genre_app.ui.one_track.events import N_CHARTS, OneTrackEvents
from genre_app.ui.shared.analysis_threads import AnalysisThreads
from genre_app.ui.shared.sliders import values_of
from genre_app.ui.shared.visits import Visits
from tests.results.test_build import scored_track

VISITOR: Final = gr.Request(session_hash="visitor")
SLIDERS: Final = values_of(SliceOptions())


class _Pool:
    """A pool whose only classifier finds a tempo at once."""

    @contextmanager
    def acquire(self, _: str) -> Iterator["_Pool"]:
        yield self

    def with_insights(self, scored: TrackAnalysis, _: str, **__: Any) -> TrackAnalysis:
        return replace(scored, facts=TrackFacts(tempo_bpm=102.0))


@pytest.fixture
def events(visits: Visits) -> OneTrackEvents:
    return OneTrackEvents(_Pool(), visits, AnalysisThreads())  # type: ignore[arg-type]


def test_an_answer_that_is_drawn_without_the_tempo_is_followed_by_the_tempo(events: OneTrackEvents) -> None:
    scored = scored_track()

    known, said = events.add_details(VISITOR, "song.mp3", scored)  # after a slider, while the answer is being drawn
    assert "102 BPM" in said
    *_, cleared = events.show(scored, True, *SLIDERS)  # noqa: FBT003 - by Gradio
    assert cleared == ""
    assert events.add_details(VISITOR, "song.mp3", known) == (gr.skip(), said)


def test_without_a_result_what_is_shown_stays(events: OneTrackEvents) -> None:
    assert events.add_details(VISITOR, "song.mp3", None) == (gr.skip(),) * 2


@pytest.mark.parametrize("scored", [None, scored_track()])
def test_a_slider_that_needs_no_scores_leaves_the_analysis_under_way_alone(
    events: OneTrackEvents, scored: TrackAnalysis | None
) -> None:
    async def rescored() -> list[Any]:
        return [step async for step in events.rescore(VISITOR, scored, "song.mp3", "fake", *SLIDERS)]

    with ThreadPoolExecutor(1) as thread:  # Playwright's event loop may be running in this one
        assert thread.submit(asyncio.run, rescored()).result() == [(gr.skip(),) * (5 + N_CHARTS)]

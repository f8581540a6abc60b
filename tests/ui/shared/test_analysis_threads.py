"""The page's threads: as many tracks as allowed, and a sentence for one too many."""

import threading
from concurrent.futures import wait

import pytest

from genre_app.errors import BusyError
from genre_app.ui.shared.analysis_threads import AnalysisThreads


def test_one_track_too_many_is_turned_away_until_another_is_done() -> None:
    threads, gate = AnalysisThreads(2), threading.Event()
    busy = [threads.submit(gate.wait, 10.0) for _ in range(2)]
    with pytest.raises(BusyError, match=r"^2 tracks are waiting here already; please try again"):
        threads.submit(int)
    gate.set()
    wait(busy)
    assert threads.submit(int, "7").result() == 7


def test_work_that_fails_or_is_cancelled_gives_its_place_back() -> None:
    threads, gate = AnalysisThreads(1), threading.Event()
    for _ in range(3):
        with pytest.raises(ValueError, match="invalid literal"):
            threads.submit(int, "seven").result()
    threads.submit(gate.set).result()
    assert gate.is_set()

"""Files that are no tracks: one sentence, and the page still works."""

from collections.abc import Callable
from pathlib import Path

import av
import numpy as np
import pytest
from playwright.sync_api import expect

from tests.ui.visit import Visit

pytestmark = pytest.mark.browser


def _text(folder: Path) -> Path:
    path = folder / "shopping.mp3"
    path.write_text("bread, milk, two lemons\n" * 40)
    return path


def _empty(folder: Path) -> Path:
    path = folder / "nothing.wav"
    path.write_bytes(b"")
    return path


def _silent_video(folder: Path) -> Path:
    path = folder / "silent_film.mp4"
    with av.open(str(path), "w") as output:
        stream = output.add_stream("mpeg4", rate=10)
        assert isinstance(stream, av.VideoStream)
        stream.width = stream.height = 64
        for _ in range(5):
            output.mux(stream.encode(av.VideoFrame.from_ndarray(np.zeros((64, 64, 3), np.uint8), format="rgb24")))
        output.mux(stream.encode(None))
    return path


def _stump(folder: Path) -> Path:
    path = folder / "stump.flac"
    path.write_bytes(b"fLaC")
    return path


def _playlist(folder: Path) -> Path:
    path = folder / "list.m3u8"
    path.write_text("#EXTM3U\n/etc/passwd\n")
    return path


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (_text, "is not an audio file"),
        (_empty, "is empty"),
        (_silent_video, "has no sound"),
        (_stump, "is cut off"),
        (_playlist, "is not an audio file"),
    ],
)
def test_a_bad_file_costs_one_sentence(
    same_visit: Visit, tmp_path: Path, short_track: Path, make: Callable[[Path], Path], says: str
) -> None:
    visit = same_visit
    visit.allowed_errors += ["416", "ERR_REQUEST_RANGE_NOT_SATISFIABLE"]

    visit.upload(make(tmp_path))

    sentence = visit.wait_for_status(says)
    assert sentence.endswith(".")
    assert "\n" not in sentence
    expect(visit.page.get_by_role("alert")).to_have_text(sentence, use_inner_text=True)
    assert not visit.has_result
    expect(visit.page.locator("#cancel")).to_be_hidden()

    visit.upload(short_track)
    visit.wait_for_result(short_track.name)
    visit.wait_for_reading(lambda: visit.status, "", "no status")


def test_a_bad_file_hides_the_results_of_a_good_one(same_visit: Visit, tmp_path: Path, short_track: Path) -> None:
    visit = same_visit
    visit.upload(short_track)
    visit.wait_for_result(short_track.name)

    visit.upload(_text(tmp_path))

    visit.wait_for_status("is not an audio file")
    assert not visit.has_result

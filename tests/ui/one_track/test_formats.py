"""Every format that the app reads can be uploaded, though Gradio alone would reject some."""

import re
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from playwright.sync_api import Route, expect

from genre_app.audio import SUPPORTED_EXTENSIONS
from tests.sounds import music
from tests.ui.tabs import open_tab
from tests.ui.visit import Visit

pytestmark = pytest.mark.browser

SECONDS = 4
#: Extension: FFmpeg's container, encoder, sample rate.
FORMATS = {
    ".mp3": ("mp3", "libmp3lame", 44_100),
    ".m4a": ("ipod", "aac", 44_100),
    ".ogg": ("ogg", "vorbis", 44_100),
    ".opus": ("ogg", "libopus", 48_000),
    ".flac": ("flac", "flac", 44_100),
    ".wav": ("wav", "pcm_s16le", 22_050),
    ".aiff": ("aiff", "pcm_s16be", 44_100),
    ".wma": ("asf", "wmav2", 44_100),
    ".webm": ("webm", "libopus", 48_000),
    ".mp4": ("mp4", "aac", 44_100),
    ".mov": ("mov", "aac", 44_100),
    ".caf": ("caf", "pcm_s16le", 44_100),
}
NO_BROWSER_PLAYS = {".aiff", ".wma"}  # Safari aside


def _encode(path: Path) -> Path:
    container, codec, rate_hz = FORMATS[path.suffix]
    samples = np.tile(music(SECONDS, rate_hz), (2, 1))
    with av.open(str(path), "w", format=container) as output:
        stream = output.add_stream(codec, rate=rate_hz, layout="stereo", options={"strict": "-2"})
        assert isinstance(stream, av.AudioStream)
        stream.bit_rate = 128_000
        frame = av.AudioFrame.from_ndarray(samples, format="fltp", layout="stereo")
        frame.sample_rate, frame.time_base, frame.pts = rate_hz, Fraction(1, rate_hz), 0
        output.mux(stream.encode(frame))
        output.mux(stream.encode(None))
    return path


@pytest.mark.parametrize("extension", FORMATS)
def test_a_format_is_uploaded_and_analysed(same_visit: Visit, tmp_path: Path, extension: str) -> None:
    visit = same_visit
    path = _encode(tmp_path / f"noise{extension}")

    visit.upload(path)

    visit.wait_for_result(path.name)
    result = visit.wait_for_json(lambda result: result.metadata.track_name == path.name)
    assert result.metadata.duration_seconds == pytest.approx(SECONDS, abs=0.15)
    expect(visit.page.locator("#player canvas")).to_be_visible()
    if extension in NO_BROWSER_PLAYS:
        expect(visit.page.locator("#player .unplayable")).to_be_visible()
        expect(visit.page.locator("#player .play")).to_be_hidden()


def test_the_dialogue_offers_every_format_and_a_file_may_be_dropped_instead(visit: Visit, tmp_path: Path) -> None:
    visit.wait_for(
        lambda: visit.file_input.get_attribute("accept") == ",".join(SUPPORTED_EXTENSIONS), "extensions in the dialogue"
    )
    for n_uploads, onto in enumerate(("#track .upload-container", "body"), start=1):
        path = _encode(tmp_path / f"dropped {n_uploads}.webm")  # of type video in browsers

        visit.drop(path, onto=onto)

        visit.wait_for_result(path.name)
        assert visit.n_uploads == n_uploads


def test_a_file_that_is_dropped_during_an_upload_takes_its_place(
    same_visit: Visit, tmp_path: Path, short_track: Path
) -> None:
    held: list[Route] = []

    def hold(upload: Route) -> None:
        held.append(upload)

    same_visit.page.route(re.compile(r"/upload\?"), hold, times=1)
    same_visit.upload(_encode(tmp_path / "the wrong one.flac"))
    same_visit.wait_for(lambda: bool(held), "an upload in progress")

    same_visit.drop(_encode(tmp_path / "wrong, too.flac"))
    same_visit.drop(short_track)
    held[0].continue_()

    same_visit.wait_for_result(short_track.name)


def test_a_file_that_is_dropped_on_a_tab_without_a_box_opens_here(same_visit: Visit, short_track: Path) -> None:
    open_tab(same_visit, "About", "#about")
    same_visit.drop(short_track)
    same_visit.wait_for_result(short_track.name)

"""What the waveform is told to draw."""

import base64
import html
import json
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from genre_app.genres import NEUTRAL_COLOUR, colour_of
from genre_app.results.build import TrackAnalysis, build_result
from genre_app.results.progress import Progress
from genre_app.results.schema import SliceOptions
from genre_app.ui.one_track.waveform import waveform, waveform_so_far
from tests.results import answers
from tests.results.answers import Section

OPTIONS = SliceOptions(window_seconds=12, overlap=0.5)


def content_of(markup: str) -> dict[str, Any]:
    quoted = markup.removeprefix("<div hidden data-waveform='").removesuffix("'></div>")
    assert not set("<>'\"") & set(quoted), "text that cannot leave its attribute"
    content: dict[str, Any] = json.loads(html.unescape(quoted))
    return content


def drawn(scored: TrackAnalysis) -> dict[str, Any]:
    return content_of(waveform(scored, build_result(scored, OPTIONS), OPTIONS))


def test_stretches_have_the_colours_of_their_genres_and_no_genre_is_neutral() -> None:
    stretches = drawn(answers.analysis_of(Section(20, "rock"), Section(20, is_silent=True), Section(20, "jazz")))
    assert [stretch[2:] for stretch in stretches["stretches"]] == [
        ["Rock", colour_of("rock")],
        ["No sound", NEUTRAL_COLOUR],
        ["Jazz", colour_of("jazz")],
    ]
    starts_s, ends_s = zip(*(stretch[:2] for stretch in stretches["stretches"]), strict=True)
    assert (starts_s[0], ends_s[-1], starts_s[1:]) == (0, 180, ends_s[:-1])


def test_what_is_not_music_has_no_genre() -> None:
    speech = drawn(answers.analysis_of(Section(20, sound="speech")))
    assert speech["stretches"] == [[0, 60, "Speech", NEUTRAL_COLOUR]]


def test_the_page_gets_the_peaks_the_length_and_the_windows() -> None:
    scored = answers.analysis_of(Section(20))
    peaks = np.arange(400, dtype=np.uint16).astype(np.uint8).reshape(-1, 2)
    content = drawn(replace(scored, track=replace(scored.track, peaks=peaks)))
    assert base64.b64decode(content["peaks"]) == peaks.tobytes()
    assert [content[name] for name in ("duration_s", "scored_s", "window_s", "hop_s")] == [60, 60, 12, 6]
    assert drawn(scored)["peaks"] == ""
    assert (content["audio_sha256"], content["name"]) == (scored.audio_sha256, scored.name)


@pytest.mark.parametrize(
    ("scored", "kind"),
    [
        (answers.analysis_of(*answers.CONFIDENT), "genre"),
        (answers.answer_of_labels(answers.TAGS, activation="sigmoid"), "tag"),
        (answers.answer_of_labels(answers.MOODS, activation="softmax"), "label"),
    ],
)
def test_correction_js_is_told_what_the_labels_are(scored: TrackAnalysis, kind: str) -> None:
    assert drawn(scored)["label_kind"] == kind


def test_a_name_is_text() -> None:
    labels = ("<b>'\"&", *answers.analysis_of(Section(2)).track.labels[1:])
    scored = answers.analysis_of(Section(20, "blues"))
    scored = replace(scored, track=replace(scored.track, labels=labels))
    assert drawn(scored)["stretches"][0][2] == "<b>'\"&"


def test_what_is_known_so_far_is_drawn_in_its_place() -> None:
    assert waveform_so_far(Progress("reading", None)) == ""
    so_far = answers.analysis_of(Section(20, "rock"))
    content = content_of(waveform_so_far(Progress("scoring", 0.25, 60.0, so_far=so_far)))
    assert (content["scored_s"], content["duration_s"]) == (60, 240)
    assert content["stretches"] == [[0, 60, "Rock", colour_of("rock")]]
    unknown = content_of(waveform_so_far(Progress("scoring", None, 60.0, so_far=so_far)))
    assert unknown["duration_s"] == 60

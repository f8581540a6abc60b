"""All that is said of a recording tells one story: headline, sentences, tables, charts, CSV and JSON of real ones."""

import csv
import io
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import numpy as np
import pytest

from genre_app.audio import load_audio
from genre_app.examples import EXAMPLES
from genre_app.formatting import percents
from genre_app.genres import GENRES, display_name
from genre_app.inference.classifier import GenreClassifier
from genre_app.report.base import Report
from genre_app.report.captions import course_caption, scores_caption
from genre_app.report.charts import score_bars
from genre_app.report.formats import CsvWriter
from genre_app.report.html_report import to_html
from genre_app.report.tables import score_table, window_table
from genre_app.results.build import TrackAnalysis, build_result, windows_of
from genre_app.results.schema import SILENCE, SliceOptions
from genre_app.settings import Settings
from tests.paths import SHARED
from tests.sounds import write_wav

AUDIO: Final = SHARED / "audio"
RATE_HZ: Final = 16_000
METAL_S: Final = 92
OPTIONS: Final = [
    SliceOptions(window_seconds=30, overlap=0.25, top_k=3),
    SliceOptions(window_seconds=5, overlap=0.5, smoothing_seconds=2, top_k=10),
    SliceOptions(window_seconds=600, overlap=0, top_k=1),
]

pytestmark = [
    pytest.mark.shared,
    pytest.mark.skipif(not AUDIO.is_dir(), reason="the recordings of ../shared/audio are not here"),
]


@pytest.fixture(scope="module")
def classifier() -> Iterator[GenreClassifier]:
    with GenreClassifier(Settings(model="standard", device="cpu", cache_mb=0)) as classifier:
        yield classifier


@pytest.fixture(scope="module")
def one_after_another(classifier: GenreClassifier, tmp_path_factory: pytest.TempPathFactory) -> TrackAnalysis:
    """Metal, jazz and classical: half of it is metal."""
    pieces = {"chaos_god.metal.mp3": METAL_S, "vibe_ace.jazz.mp3": 30, "sugar_plum_fairy.classical.m4a": 58}
    wave = np.concatenate([load_audio(AUDIO / name, RATE_HZ)[: s * RATE_HZ] for name, s in pieces.items()])
    return classifier.score_file(write_wav(tmp_path_factory.mktemp("joined") / "joined.wav", wave, RATE_HZ))


@pytest.fixture(scope="module")
def analyses(
    classifier: GenreClassifier, one_after_another: TrackAnalysis, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, TrackAnalysis]:
    paths = [*sorted(path for path in AUDIO.iterdir() if path.suffix != ".md"), *(example.path for example in EXAMPLES)]
    assert len(paths) >= 12
    folder = tmp_path_factory.mktemp("first-minutes")
    found = {path.name: classifier.score_file(_not_too_long(path, folder)) for path in paths}
    found["three times"] = _three_times(one_after_another)
    return found


def _not_too_long(path: Path, folder: Path) -> Path:
    """Take the first minute of a recording of more than two: all of them would make the suite ten seconds longer."""
    wave = load_audio(path, RATE_HZ)
    if len(wave) <= 120 * RATE_HZ:
        return path
    return write_wav(folder / f"{path.stem}.wav", wave[: 60 * RATE_HZ], RATE_HZ)


def _three_times(scored: TrackAnalysis) -> TrackAnalysis:
    """Repeat a track: what is repeated has the same logits."""
    track = scored.track
    columns = ("logits", "music_logits", "tag_logits", "style_logits", "sound_logits", "levels_dbfs")
    n_whole = len(track.starts_s) - 1  # the last patch reaches back into its neighbour
    starts_s = np.concatenate([track.starts_s[:n_whole] + i * n_whole * track.patch_seconds for i in range(3)])
    repeated: dict[str, Any] = {name: np.concatenate([getattr(track, name)[:n_whole]] * 3) for name in columns}
    duration_s = float(starts_s[-1] + track.patch_seconds)
    return replace(scored, track=replace(track, starts_s=starts_s, duration_s=duration_s, **repeated))


@pytest.mark.parametrize(
    ("name", "kind", "says"),
    [
        ("chaos_god.metal.mp3", "confident", "Metal"),
        ("internal_degeneration.metal.ogg", "confident", "Metal"),
        ("sugar_plum_fairy.classical.m4a", "confident", "Classical"),
        ("trumpet_loop.jazz.flac", "confident", "Jazz"),
        ("coherence.electronic.ogg", "outside", "Electronic"),
        ("robot_dity.electronic.ogg", "outside", "Electronic"),
        ("reading_aloud.speech.webm", "not_music", "speech"),
        ("phone_prompt.speech.wav", "not_music", "speech"),
        ("humpback.animal.wav", "not_music", "whale"),
        ("clock_tick.machine.ogg", "not_music", "a clock"),
        ("baby_cry.person.ogg", "not_music", "a crying baby"),
    ],
)
def test_what_real_recordings_are(analyses: dict[str, TrackAnalysis], name: str, kind: str, says: str) -> None:
    verdict = build_result(analyses[name], OPTIONS[0]).verdict
    assert verdict.kind == kind
    assert says in verdict.sentence


def test_metal_comes_first_where_half_of_the_time_is_metal(analyses: dict[str, TrackAnalysis]) -> None:
    scored = analyses["three times"]
    result = build_result(scored, OPTIONS[0])
    assert result.verdict.kind == "mixed"
    assert result.verdict.sentence.startswith("Metal")
    assert result.verdict.genres[0] == result.predicted_genre == result.predictions[0].genre == "metal"
    assert set(result.verdict.genres) == {"metal", "jazz", "classical"}
    assert 0.4 < result.predicted_confidence < 0.6, "the share of the time that sounds like it"
    assert "metal has 5" in course_caption(result)


def test_the_parts_of_a_concatenation_meet_where_it_was_joined(one_after_another: TrackAnalysis) -> None:
    parts = build_result(one_after_another, OPTIONS[0]).verdict.parts
    assert [part.name for part in parts] == ["metal", "jazz", "classical"]
    assert parts[0].end == pytest.approx(METAL_S, abs=6)
    assert parts[1].start == parts[0].end


@pytest.mark.parametrize("options", OPTIONS, ids=lambda options: f"{options.window_seconds:g} s")
def test_nothing_that_is_said_contradicts_anything_else(
    analyses: dict[str, TrackAnalysis], options: SliceOptions
) -> None:
    for name, scored in analyses.items():
        result, windows = build_result(scored, options), windows_of(scored, options)
        verdict, leader = result.verdict, result.predicted_genre
        said = f"{name}: {verdict.sentence}"
        assert leader == result.predictions[0].genre == windows.labels[windows.track_scores.argmax()], said
        assert sum(_whole(text) for text in windows.track_percents) == 100, said
        ends = [entry.end for entry in result.timeline]
        assert [entry.start for entry in result.timeline] == [0.0, *ends[:-1]], said
        assert all(entry.colour == result.palette[entry.genre].hex for entry in result.timeline), said
        if verdict.kind == "confident":
            score = percents(windows.track_scores.tolist())[windows.labels.index(leader)]
            assert verdict.sentence == f"{display_name(leader)}, {score}", said
        if not verdict.is_music:
            _names_no_genre(scored, options)
            continue
        assert scores_caption(windows, verdict).startswith(display_name(leader)), said
        assert score_bars(windows, options.top_k).data[0].y[0] == display_name(leader), said
        assert score_table(windows).index(display_name(leader)) > 0, said
        longest = _longest_leader(scored, options)
        if longest not in verdict.genres and verdict.kind != "outside":
            assert "has more, though it leads for less time" in course_caption(result), said


def _names_no_genre(scored: TrackAnalysis, options: SliceOptions) -> None:
    """Check that nothing but the schema's own fields speaks of a genre."""
    result, windows = build_result(scored, options), windows_of(scored, options)
    rows = list(csv.DictReader(io.StringIO(CsvWriter().render(Report(result, windows)).decode("utf-8-sig"))))
    assert not {row["genre"] for row in rows} & set(GENRES)
    assert {float(row[genre]) for row in rows for genre in GENRES} == {0.0}
    assert not {entry.genre for entry in result.timeline} & set(GENRES)
    names = {display_name(genre) for genre in GENRES}
    shown = [
        scores_caption(windows, result.verdict),
        course_caption(result),
        window_table(result, "genre", most_rows=99),
    ]
    shown.append(to_html(result, windows).rpartition("</script>")[2])
    assert not [name for name in names for text in shown if name in text]


def _longest_leader(scored: TrackAnalysis, options: SliceOptions) -> str:
    seconds: dict[str, float] = {}
    for entry in build_result(scored, options).timeline:
        if entry.genre != SILENCE:
            seconds[entry.genre] = seconds.get(entry.genre, 0.0) + entry.end - entry.start
    return max(seconds, key=lambda label: seconds[label])


def _whole(shown: str) -> int:
    """Read a percentage as it is rounded: less than one counts as none."""
    return 0 if shown.startswith("<") else 100 if shown.startswith(">") else int(shown.removesuffix(" %"))

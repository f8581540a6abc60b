import csv
import io
import json
import stat
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest
from matplotlib.image import imread

from genre_app.genres import colour_of
from genre_app.report import Report, sweep_partial, to_json, write_atomically, writer_of
from genre_app.report.html_report import to_html
from genre_app.report.tables import window_table
from genre_app.results.build import build_result, windows_of
from genre_app.results.model_info import Activation
from genre_app.results.schema import ChordShare, ClassificationResult, SliceOptions, TagScore, TrackFacts
from genre_app.results.windows import WindowScores, slice_track
from tests.results import answers
from tests.results.test_build import scored_track

ODD_NAME = 'a & b <script>alert("x")</script> $x^2$ 音楽 ♪.mp3'


@pytest.fixture
def result() -> ClassificationResult:
    return build_result(scored_track(), SliceOptions())


def report(options: SliceOptions | None = None, *, name: str = "song.mp3", duration_s: float = 180.0) -> Report:
    options = options or SliceOptions()
    scored = replace(scored_track(duration_s), name=name)
    return Report(build_result(scored, options), slice_track(scored.track, options))


def standing_alone(options: SliceOptions | None = None) -> Report:
    """Report of a model whose labels do not exclude each other, as Hugging Face has them."""
    scored = scored_track()
    scored = replace(scored, track=replace(scored.track, activation="sigmoid"))
    options = options or SliceOptions()
    return Report(build_result(scored, options), slice_track(scored.track, options))


def colours_in(png: bytes) -> set[str]:
    pixels = (imread(io.BytesIO(png))[:, :, :3] * 255).round().astype(int)
    return {"#{:02x}{:02x}{:02x}".format(*pixel) for pixel in np.unique(pixels.reshape(-1, 3), axis=0)}


class Text(HTMLParser):
    """The words of a page, script and style aside, and which elements it has."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.words: list[str] = []
        self.tags: list[str] = []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)

    def handle_data(self, data: str) -> None:
        if self.tags[-1:] not in (["script"], ["style"]):
            self.words.append(data)


def test_json_is_indented_or_one_line(result: ClassificationResult) -> None:
    assert to_json(result).startswith('{\n  "')
    assert "\n" not in to_json(result, indent=None)
    assert json.loads(to_json(result)) == json.loads(to_json(result, indent=None)) == result.model_dump(mode="json")


def test_json_keeps_the_order_of_the_schema(result: ClassificationResult) -> None:
    assert list(json.loads(to_json(result))) == list(ClassificationResult.model_fields)


def test_a_file_is_written_whole_and_replaced(tmp_path: Path) -> None:
    path = tmp_path / "result.json"
    for text in ("first, and longer", "sécond ♪"):
        write_atomically(path, text)
        assert path.read_text(encoding="utf-8") == text
    write_atomically(path, b"\x00\xff")
    assert path.read_bytes() == b"\x00\xff"
    assert list(tmp_path.iterdir()) == [path]
    assert stat.S_IMODE(path.stat().st_mode) == 0o644


def test_a_failed_write_leaves_the_old_file_and_no_rest(tmp_path: Path) -> None:
    path = tmp_path / "result.json"
    path.write_text("old")
    with pytest.raises(UnicodeEncodeError):
        write_atomically(path, "new \ud800")
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_missing_folder_is_an_os_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        write_atomically(tmp_path / "missing" / "result.json", "text")


def test_only_what_a_killed_run_left_is_swept_away(tmp_path: Path) -> None:
    (tmp_path / "deep").mkdir()
    names = [
        ".genre-app-x1.part.json",
        "deep/.genre-app-y2.part",
        ".other.part",
        "song.part",
        ".genre-app-journal.jsonl",
    ]
    for name in names:
        (tmp_path / name).write_text("x")
    sweep_partial(tmp_path)
    assert [name for name in names if (tmp_path / name).exists()] == names[2:]


def test_the_json_report_is_the_result() -> None:
    made = report()
    assert ClassificationResult.model_validate_json(writer_of("json").render(made)) == made.result


def test_json_brings_nothing_to_a_terminal_that_it_obeys() -> None:
    made = report(name="Größe \x7f\x9b31m\u2028\x85\u202egnp\U000e0001 音.mp3")
    text = to_json(made.result)
    assert "Größe " in text
    assert not set(text) & set("\x7f\x9b\u2028\x85\u202e\U000e0001")
    assert ClassificationResult.model_validate_json(text) == made.result


def test_the_csv_holds_the_scores_of_every_genre_in_every_window() -> None:
    made = report(SliceOptions(window_seconds=10, overlap=0.5, top_k=2))
    rows = list(csv.DictReader(io.StringIO(writer_of("csv").render(made).decode("utf-8-sig"))))
    assert [float(row["start_s"]) for row in rows] == [chunk.start for chunk in made.result.chunk_predictions]
    assert [row["genre"] for row in rows] == [chunk.top_genre for chunk in made.result.chunk_predictions]
    scores = np.array([[float(row[label]) for label in made.windows.labels] for row in rows])
    np.testing.assert_allclose(scores, made.windows.window_scores, atol=1e-6)
    assert {(row["is_silent"], row["styles"]) for row in rows} == {("false", "")}


def hand_made(*sections: answers.Section) -> Report:
    scored, options = answers.analysis_of(*sections), SliceOptions(window_seconds=10, overlap=0.0)
    return Report(build_result(scored, options), slice_track(scored.track, options))


def test_the_csv_keeps_its_columns_and_says_silence_and_styles_in_the_last_two() -> None:
    made = hand_made(*answers.THEN_SILENCE)
    lines = writer_of("csv").render(made).decode("utf-8-sig").splitlines()
    labels = ",".join(made.windows.labels)
    assert lines[0] == f"window,start_s,end_s,genre,confidence,{labels},is_silent,styles"
    assert lines[1].endswith(",false,disco|funk")
    assert lines[-1] == f"11,110.0,120.0,silence,0.0,{','.join(['0.000000'] * 10)},true,"


def test_the_picture_is_1200_pixels_wide_and_in_the_palette_s_colours() -> None:
    made = report(SliceOptions(top_k=3))
    png = writer_of("png").render(made)
    assert imread(io.BytesIO(png)).shape[1] == 1200
    assert {colour_of(prediction.genre) for prediction in made.result.predictions} <= colours_in(png)


@pytest.mark.parametrize("duration_s", [0.5, 7000.0])
def test_a_picture_of_any_length_and_any_name(duration_s: float) -> None:
    made = report(SliceOptions(window_seconds=3, overlap=0.9, top_k=10), name=ODD_NAME * 9, duration_s=duration_s)
    assert imread(io.BytesIO(writer_of("png").render(made))).shape[1] == 1200


def test_the_page_says_in_words_and_tables_what_the_charts_show() -> None:
    made = report(name=ODD_NAME)
    facts = TrackFacts(tempo_bpm=120.4, key="A minor", chords=(ChordShare(chord="Am", share=0.5),))
    result = made.result.model_copy(update={"facts": facts})
    page = Text(to_html(result, made.windows))
    text = " ".join(" ".join(page.words).split())
    assert result.verdict.sentence in text
    assert ODD_NAME in text
    for words in ("It was damaged.", "120 beats a minute", "A minor", "Am (50 %)", "0:00 to 0:30", "The lead changes "):
        assert words in text
    assert (page.tags.count("h1"), page.tags.count("h2"), page.tags.count("table")) == (1, 3, 2)
    assert page.tags.count("tr") == 2 + len(made.windows.labels) + result.metadata.num_chunks


def test_the_page_holds_its_script_once_and_asks_for_no_other_file() -> None:
    page = writer_of("html").render(report()).decode()
    assert page.count("plotly.js v") == 1
    assert "<link" not in page
    assert " src=" not in page.replace("o.src=", "")[: page.index("plotly.js v")]
    assert 4e6 < len(page) < 6e6


def test_a_page_of_very_many_windows_says_where_the_rest_is() -> None:
    page = to_html(*_parts(report(SliceOptions(window_seconds=1, overlap=0.9))))
    assert "more windows are in the CSV" in page


def test_scores_that_stand_alone_are_drawn_as_lines_and_said_to_be_such() -> None:
    alone, together = standing_alone(), report()
    assert imread(io.BytesIO(writer_of("png").render(alone))).shape[1] == 1200
    pages = [to_html(*_parts(made)) for made in (alone, together)]
    assert ["stackgroup" in page.split("Plotly.newPlot(")[-1] for page in pages] == [False, True]
    assert ["do not add up to 100 %" in page for page in pages] == [True, False]
    assert ["Together the scores make 100 %" in page for page in pages] == [False, True]


def test_a_picture_and_a_page_of_a_hundred_labels() -> None:
    made = standing_alone()
    labels, scores = tuple(f"style {i}" for i in range(100)), np.linspace(0, 1, 100)
    windows = replace(made.windows, labels=labels, track_scores=scores)
    windows = replace(windows, window_scores=np.tile(scores, (len(windows.plan.starts_s), 1)))
    assert imread(io.BytesIO(writer_of("png").render(Report(made.result, windows)))).shape[:2] == (840, 1200)
    assert "As a table: all 100 scores" in to_html(made.result, windows)


def test_tags_are_shown_where_they_are_likely_and_as_text() -> None:
    made = report()
    tags = [TagScore(tag="guitar", score=0.8), TagScore(tag="<b>drum & bass</b>", score=0.4)]
    tags.append(TagScore(tag="flute", score=0.02))
    text = " ".join(Text(to_html(made.result.model_copy(update={"tags": tags}), made.windows)).words)
    assert "Also heard" in text
    assert "Guitar" in text
    assert "<b>drum & bass</b>" in text
    assert "Flute" not in text
    assert "Also heard" not in to_html(made.result, made.windows)


def test_a_table_counts_the_rows_that_it_leaves_out_and_distinguishes_close_windows() -> None:
    made = report(SliceOptions(window_seconds=3, overlap=0.9))
    table = Text(window_table(made.result, "genre", most_rows=200))
    text = " ".join(" ".join(table.words).split())
    assert table.tags.count("tr") == 201
    assert f"{made.result.metadata.num_chunks - 200} more windows are in the CSV" in text
    assert "0:00.3 to 0:03.3" in text
    assert "0:03 to 0:06" in text


@pytest.mark.parametrize(
    ("scores", "activation", "kind", "words"),
    [
        (answers.TAGS, "sigmoid", "Tag", ["It sounds like: rock, guitar", "How the tags change", "do not add up"]),
        (answers.MOODS, "softmax", "Label", ["Not sure: happy or sad", "How the label changes", "make 100 %"]),
    ],
)
def test_a_page_about_other_labels_speaks_of_no_genre(
    scores: dict[str, float], activation: Activation, kind: str, words: list[str]
) -> None:
    scored, options = answers.answer_of_labels(scores, activation=activation), SliceOptions()
    page = Text(to_html(build_result(scored, options), windows_of(scored, options)))
    text = " ".join(" ".join(page.words).split()).partition("Written by")[0]
    for said in (*words, f"{kind} Score", f"Leading {kind.lower()} Score"):
        assert said in text
    assert "genre" not in text.lower()


@pytest.mark.parametrize(
    ("sections", "words"),
    [
        (
            answers.CONFIDENT,
            ["Disco, 98 %", "Disco is strongest at 0:00: upbeat, strings.", "Styles Funk 75 %", "Upbeat 82 %"],
        ),
        (answers.MIXED, ["The parts of the track", "Reggae 0:30 to 1:00 "]),
        (answers.SPEECH_BETWEEN, ["Speech 0:30 to 1:00", "Speech from 0:30 to 1:00."]),
        (answers.OUTSIDE, ["Styles Ambient & new age 82 % Electronic 75 %", "None of the ten genres fits"]),
        (
            answers.NOT_MUSIC,
            ["This does not sound like music: speech", "Speech from beginning to end."],
        ),
        (answers.NO_SOUND, ["There is no sound in this file", "There is no sound from beginning to end."]),
        (answers.THEN_SILENCE, ["No sound from 1:00 to the end.", "1:00 to 1:10 No sound"]),
    ],
)
def test_page_and_picture_of_every_kind_of_verdict(sections: tuple[answers.Section, ...], words: list[str]) -> None:
    made = hand_made(*sections)
    text = " ".join(" ".join(Text(to_html(made.result, made.windows)).words).split())
    for said in words:
        assert said in text
    assert imread(io.BytesIO(writer_of("png").render(made))).shape[:2] == (840, 1200)


def _parts(made: Report) -> tuple[ClassificationResult, WindowScores]:
    return made.result, made.windows

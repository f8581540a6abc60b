"""Figures of a model on a manifest."""

import csv
import json
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from genre_app.evaluate import accuracy
from genre_app.evaluate.accuracy import Answer, ManifestError, main, read_manifest, summarise
from genre_app.inference.classifier import GenreClassifier
from genre_app.settings import Settings
from tests.fakes import LABELS, RATE_HZ, FakeBackend
from tests.sounds import tone, write_wav


def manifest(folder: Path, rows: list[tuple[str, str]], header: tuple[str, str] = ("path", "genre")) -> Path:
    path = folder / "manifest.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([header, *rows])
    return path


@pytest.fixture
def fake_model(monkeypatch: pytest.MonkeyPatch) -> None:
    def classifier(settings: Settings) -> GenreClassifier:
        return GenreClassifier(settings, backend=FakeBackend())

    monkeypatch.setattr(accuracy, "GenreClassifier", classifier)


def test_genres_are_read_in_any_spelling(tmp_path: Path) -> None:
    path = manifest(tmp_path, [("a.wav", "Hip-Hop"), ("sub/b.wav", "hip hop"), ("/c.wav", "ROCK")])
    examples = read_manifest(path, ("hiphop", "rock"))
    assert [example.genre for example in examples] == ["hiphop", "hiphop", "rock"]
    assert [example.path for example in examples] == [tmp_path / "a.wav", tmp_path / "sub/b.wav", Path("/c.wav")]


@pytest.mark.parametrize(
    ("rows", "header", "said"),
    [
        ([], ("path", "genre"), "rows"),
        ([("a.wav", "rock")], ("file", "genre"), "columns path and genre"),
        ([("a.wav", "rock"), ("b.wav", "polka")], ("path", "genre"), "Line 3"),
        ([("", "rock")], ("path", "genre"), "Line 2"),
    ],
)
def test_an_unusable_manifest_is_explained(
    tmp_path: Path, rows: list[tuple[str, str]], header: tuple[str, str], said: str
) -> None:
    with pytest.raises(ManifestError, match=said):
        read_manifest(manifest(tmp_path, rows, header), ("rock",))


def test_a_missing_manifest_is_explained(tmp_path: Path) -> None:
    with pytest.raises(ManifestError, match="cannot be read"):
        read_manifest(tmp_path / "none.csv", ("rock",))


def test_the_summary_of_answers_counted_by_hand() -> None:
    answers = [
        Answer("1", "blues", "blues", 0.8, "confident", 10, (0.8, 0.1, 0.1)),
        Answer("2", "blues", "jazz", 0.6, "uncertain", 10, (0.3, 0.6, 0.1)),
        Answer("3", "jazz", "jazz", 0.9, "confident", 10, (0.05, 0.9, 0.05)),
        Answer("4", "metal", "jazz", 0.7, "confident", 10, (0.1, 0.7, 0.2)),
        Answer("5", "metal", "metal", 0.5, "not_music", 10, (0.25, 0.25, 0.5)),
        Answer("6", "metal", error="broken"),
    ]
    report = summarise(answers, LABELS, seconds=2.0)
    assert (report["n"], report["n_failed"], report["accuracy"]) == (5, 1, 0.6)
    assert report["accuracy_interval"] == pytest.approx([0.2307, 0.8824], abs=1e-3)
    assert report["recall"] == {"blues": 0.5, "jazz": 1.0, "metal": 0.5}
    assert report["confusion"] == [[1, 1, 0], [0, 1, 0], [0, 1, 1]]
    assert report["confident_share"] == 0.6
    assert report["confident_accuracy"] == pytest.approx(2 / 3)
    assert report["not_music_share"] == 0.2
    assert report["x_realtime"] == 25.0
    assert report["ece"] == pytest.approx((0.2 + 0.6 + 0.1 + 0.7 + 0.5) / 5)
    assert [row["error"] for row in report["files"]] == [None] * 5 + ["broken"]


def test_nothing_but_failures_is_still_a_report() -> None:
    report = summarise([Answer("1", "blues", error="broken")], LABELS, seconds=1.0)
    assert (report["n"], report["accuracy"], report["ece"]) == (0, None, None)
    json.dumps(report)


@pytest.mark.usefixtures("fake_model")
def test_the_command_measures_a_folder(tmp_path: Path) -> None:
    write_wav(tmp_path / "loud.wav", tone(3, RATE_HZ, amplitude=0.9), RATE_HZ)
    write_wav(tmp_path / "quiet.wav", tone(3, RATE_HZ, amplitude=0.05), RATE_HZ)
    path = manifest(tmp_path, [("loud.wav", "Metal"), ("quiet.wav", "blues")])
    report_file, plots = tmp_path / "report.json", tmp_path / "plots"
    run = CliRunner().invoke(main, [str(path), "--json", str(report_file), "--output-dir", str(plots)])
    assert run.exit_code == 0, run.output
    report = json.loads(report_file.read_text())
    assert (report["n"], report["accuracy"], report["model"]) == (2, 1.0, "fake")
    assert np.trace(report["confusion"]) == 2
    assert "100 %" in run.stdout
    for name in ("confusion.png", "reliability.png"):
        assert (plots / name).read_bytes().startswith(b"\x89PNG")


@pytest.mark.usefixtures("fake_model")
def test_a_file_that_fails_is_counted_and_said(tmp_path: Path) -> None:
    write_wav(tmp_path / "loud.wav", tone(3, RATE_HZ, amplitude=0.9), RATE_HZ)
    path = manifest(tmp_path, [("loud.wav", "metal"), ("missing.wav", "blues")])
    run = CliRunner().invoke(main, [str(path)])
    assert run.exit_code == 1
    assert "1 failed" in run.stdout
    assert "missing.wav" in run.stderr


def test_wrong_usage_is_status_2(tmp_path: Path) -> None:
    run = CliRunner().invoke(main, [str(tmp_path / "none.csv"), "--model", "none"])
    assert run.exit_code == 2
    assert "Traceback" not in run.output

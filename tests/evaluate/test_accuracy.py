"""The command that measures a model on a manifest."""

import csv
import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from genre_app.evaluate import accuracy
from genre_app.evaluate.accuracy import main
from genre_app.inference.classifier import GenreClassifier
from genre_app.settings import Settings
from tests.fakes import RATE_HZ, FakeBackend
from tests.sounds import tone, write_wav


def manifest(folder: Path, rows: Sequence[tuple[str, ...]], header: tuple[str, ...] = ("path", "genre")) -> Path:
    path = folder / "manifest.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([header, *rows])
    return path


@pytest.fixture(autouse=True)
def fake_model(monkeypatch: pytest.MonkeyPatch) -> None:
    def classifier(settings: Settings) -> GenreClassifier:
        return GenreClassifier(settings, backend=FakeBackend())

    monkeypatch.setattr(accuracy, "GenreClassifier", classifier)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write_wav(tmp_path / "loud.wav", tone(3, RATE_HZ, amplitude=0.9), RATE_HZ)
    write_wav(tmp_path / "quiet.wav", tone(3, RATE_HZ, amplitude=0.05), RATE_HZ)
    write_wav(tmp_path / "silent.wav", np.zeros(RATE_HZ, np.float32), RATE_HZ)
    return tmp_path


def test_the_command_measures_a_folder(folder: Path) -> None:
    path = manifest(folder, [("loud.wav", "Metal"), ("quiet.wav", "blues")])
    report_file, plots = folder / "report.json", folder / "plots"
    run = CliRunner().invoke(main, [str(path), "--json", str(report_file), "--output-dir", str(plots)])
    assert run.exit_code == 0, run.output
    report = json.loads(report_file.read_text())
    assert (report["n"], report["accuracy"], report["model"]) == (2, 1.0, "fake")
    assert np.trace(report["confusion"]) == 2
    assert "100 %" in run.stdout
    assert "other sounds" not in run.stdout
    for name in ("confusion.png", "reliability.png"):
        assert (plots / name).read_bytes().startswith(b"\x89PNG")


def test_other_sounds_and_styles_stand_beside_genres(folder: Path) -> None:
    rows = [("loud.wav", "metal", "", ""), ("quiet.wav", "", "", "Drone; noise"), ("silent.wav", "", "silence", "")]
    path = manifest(folder, rows, ("path", "genre", "sound", "styles"))
    report_file, plots = folder / "report.json", folder / "plots"
    run = CliRunner().invoke(main, [str(path), "--json", str(report_file), "--output-dir", str(plots)])
    assert run.exit_code == 0, run.output
    report = json.loads(report_file.read_text())
    assert (report["n_analysed"], report["n"], report["accuracy"]) == (3, 1, 1.0)
    assert report["music_refused"]["all"] == pytest.approx(
        {"count": 0, "value": 0, "low": 0, "high": 0.66, "n": 2}, abs=0.01
    )
    assert report["other_sounds"]["verdicts"]["not_music"] == 1
    assert report["other_sounds"]["named"]["value"] == 1.0
    assert report["styles"]["unknown_styles"] == ["Drone", "noise"]
    for line in ("accuracy            100 %", "other sounds        0 %", "not styles of it  Drone, noise"):
        assert line in run.stdout
    assert (plots / "reliability.png").is_file()


def test_a_manifest_without_genres_gives_no_plots(folder: Path) -> None:
    path = manifest(folder, [("silent.wav", "", "silence")], ("path", "genre", "sound"))
    run = CliRunner().invoke(main, [str(path), "--output-dir", str(folder / "plots")])
    assert run.exit_code == 0, run.output
    assert "accuracy" not in run.stdout
    assert not (folder / "plots").exists()


def test_a_file_that_fails_is_counted_and_said(folder: Path) -> None:
    path = manifest(folder, [("loud.wav", "metal"), ("missing.wav", "blues")])
    run = CliRunner().invoke(main, [str(path)])
    assert run.exit_code == 1
    assert "1 failed" in run.stdout
    assert "missing.wav" in run.stderr


def test_a_wrong_manifest_is_a_sentence_and_status_2(folder: Path) -> None:
    path = manifest(folder, [("loud.wav", "metal", ""), ("quiet.wav", "blues", "a dog")], ("path", "genre", "sound"))
    run = CliRunner().invoke(main, [str(path)])
    assert run.exit_code == 2
    assert "Line 3 of manifest.csv has a sound beside a genre" in run.stderr
    assert "Traceback" not in run.output


def test_wrong_usage_is_status_2(tmp_path: Path) -> None:
    run = CliRunner().invoke(main, [str(tmp_path / "none.csv"), "--model", "none"])
    assert run.exit_code == 2
    assert "Traceback" not in run.output

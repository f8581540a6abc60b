"""How many answers change with the variants of a folder's recordings."""

import json
from pathlib import Path, PurePosixPath

import numpy as np
import pytest
from click.testing import CliRunner

from genre_app.collection.tracks import Track
from genre_app.evaluate import robustness
from genre_app.evaluate.robustness import Outcome, describe, main, summarise, try_variants
from genre_app.evaluate.variants import VARIANTS, Variant
from genre_app.inference.classifier import GenreClassifier
from genre_app.settings import Settings
from tests.fakes import RATE_HZ, FakeBackend
from tests.sounds import noise, tone, write_wav


@pytest.fixture
def fake_model(monkeypatch: pytest.MonkeyPatch) -> None:
    def classifier(settings: Settings) -> GenreClassifier:
        return GenreClassifier(settings, backend=FakeBackend())

    monkeypatch.setattr(robustness, "GenreClassifier", classifier)


def outcomes() -> list[Outcome]:
    """Three recordings, the last of them no music, in two variants."""
    return [
        Outcome("a", "quiet", ("rock", "rock"), ("confident", "confident"), 0.1),
        Outcome("b", "quiet", ("jazz", "blues"), ("confident", "not_music"), 0.5),
        Outcome("c", "quiet", ("jazz", "blues"), ("not_music", "not_music"), 0.9),
        Outcome("a", "excerpt", skipped="too short"),
        Outcome("b", "excerpt", ("jazz", "jazz"), ("confident", "uncertain"), 0.2),
        Outcome("c", "excerpt", error="broken"),
        Outcome("d", "original", error="no audio"),
    ]


def test_changed_answers_counted_by_hand() -> None:
    report = summarise(outcomes())
    assert report["n_failed"] == 2
    assert report["variants"]["quiet"] == {
        "n": 3,
        "n_music": 2,
        "n_genre_changed": 1,
        "n_verdict_changed": 1,
        "median_moved": pytest.approx(0.3),
        "changed": ["b: jazz -> blues, confident -> not music"],
        "skipped": [],
    }
    assert report["variants"]["excerpt"] == {
        "n": 1,
        "n_music": 1,
        "n_genre_changed": 0,
        "n_verdict_changed": 1,
        "median_moved": 0.2,
        "changed": ["b: confident -> uncertain"],
        "skipped": ["a: too short"],
    }
    assert list(report["variants"]) == ["quiet", "excerpt"]
    json.dumps(report)


def test_the_report_names_counts_changes_and_what_was_left_out() -> None:
    lines = describe(summarise(outcomes())).splitlines()
    assert lines[1].split() == ["quiet", "1", "of", "2", "1", "of", "3", "0.300"]
    assert lines[2] == "    b: jazz -> blues, confident -> not music"
    assert lines[-1] == "    a: too short (left out)"


def test_without_music_no_score_moves() -> None:
    report = summarise([Outcome("c", "quiet", ("jazz", "blues"), ("not_music", "confident"), 0.9)])
    assert report["variants"]["quiet"]["median_moved"] is None
    assert report["variants"]["quiet"]["n_verdict_changed"] == 1
    assert describe(report).splitlines()[1].endswith("-")


@pytest.mark.usefixtures("fake_model")
def test_a_folder_is_tried_in_every_variant(tmp_path: Path) -> None:
    folder, report_file = tmp_path / "music", tmp_path / "report.json"
    (folder / "sub").mkdir(parents=True)
    write_wav(folder / "loud.wav", tone(11, RATE_HZ, amplitude=0.9), RATE_HZ)
    write_wav(folder / "sub" / "short.wav", noise(3, 16_000, amplitude=0.05), 16_000)
    run = CliRunner().invoke(main, [str(folder), "--json", str(report_file)])
    assert run.exit_code == 0, run.output
    report = json.loads(report_file.read_text())
    assert (report["model"], report["n_failed"], len(report["outcomes"])) == ("fake", 0, 2 * len(VARIANTS))
    assert list(report["variants"]) == [variant.name for variant in VARIANTS]
    # The fake model calls what is loud metal, and what is quiet blues.
    quieter = report["variants"]["12 dB less"]
    assert quieter["changed"][0].startswith("loud.wav: metal -> blues")
    assert quieter["n_genre_changed"] == 1
    assert report["variants"]["all channels inverted"]["changed"] == []
    assert report["variants"]["10 s from the middle"]["skipped"] == ["sub/short.wav: shorter than 10 s"]
    assert report["variants"]["8 kHz"]["skipped"] == ["loud.wav: no more than 8 kHz already"]
    assert "2 recordings, model fake" in run.stdout
    assert "sub/short.wav: shorter than 10 s (left out)" in run.stdout


@pytest.mark.usefixtures("fake_model")
def test_a_file_that_fails_is_status_1_and_the_others_are_tried(tmp_path: Path) -> None:
    write_wav(tmp_path / "good.wav", tone(1, RATE_HZ), RATE_HZ)
    (tmp_path / "bad.mp3").write_text("no sound at all")
    run = CliRunner().invoke(main, [str(tmp_path)])
    assert run.exit_code == 1
    assert "bad.mp3, original: " in run.stderr
    assert "0 of 1" in run.stdout


@pytest.mark.usefixtures("fake_model")
def test_a_folder_without_audio_is_wrong_usage(tmp_path: Path) -> None:
    run = CliRunner().invoke(main, [str(tmp_path)])
    assert run.exit_code == 2
    assert "holds no audio files" in run.stderr


def test_an_unknown_model_or_folder_is_wrong_usage(tmp_path: Path) -> None:
    write_wav(tmp_path / "good.wav", tone(1, RATE_HZ), RATE_HZ)
    for arguments in ([str(tmp_path), "--model", "none"], [str(tmp_path / "none")]):
        run = CliRunner().invoke(main, arguments)
        assert run.exit_code == 2
        assert "Traceback" not in run.output


def test_variants_are_removed_and_one_that_fails_costs_itself(tmp_path: Path) -> None:
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    path = write_wav(tmp_path / "a.wav", tone(1, RATE_HZ), RATE_HZ)
    before = path.read_bytes()

    def no_room(*_: object) -> None:
        raise OSError(28, "No space left on device")

    def cut_off(_: object, to: Path) -> None:
        to.write_bytes(b"RIFF")

    broken = (Variant("full", no_room), Variant("cut off", cut_off), VARIANTS[3])
    with GenreClassifier(Settings(cache_mb=0), backend=FakeBackend()) as classifier:
        found = list(try_variants(classifier, Track(path, PurePosixPath("a.wav")), scratch, broken))
    assert [one.variant for one in found] == ["full", "cut off", "12 dB less"]
    assert "No space left on device" in (found[0].error or "")
    assert found[1].error
    assert found[2].error is None
    assert list(scratch.iterdir()) == []
    assert path.read_bytes() == before
    assert np.isfinite(found[2].moved)

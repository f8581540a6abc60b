"""``genre similar``: over a folder of music and over a run's output folder, and what is said of bad input."""

import csv
import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner, Result

from genre_app.cli.main import main
from genre_app.cli.similar import similar
from genre_app.collection.embedding_file import EMBEDDINGS_NAME
from genre_app.models.registry import LoadedModel
from tests.fakes import RATE_HZ, Array, FakeBackend, logits_and_pitch, loudness_logits
from tests.sounds import tone, write_wav

Run = Callable[..., Result]


@pytest.fixture
def model(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> FakeBackend:
    backend = FakeBackend(answer=logits_and_pitch, n_dimensions=2)
    monkeypatch.setenv("GENRE_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.setattr("genre_app.inference.classifier.load_model", lambda settings: LoadedModel(backend))
    return backend


@pytest.fixture
def run(model: FakeBackend) -> Run:
    return lambda *arguments: CliRunner().invoke(similar, [str(argument) for argument in arguments], prog_name="genre")


def fading(frequency_hz: float, *, amplitude: float = 0.6) -> Array:
    """A tone of six seconds that dies away, the sooner the higher it is: each has a course of its own."""
    course = np.linspace(1, 0.1, 6 * RATE_HZ) ** (frequency_hz / 200)
    return (tone(6, RATE_HZ, amplitude=amplitude, frequency_hz=frequency_hz) * course).astype(np.float32)


@pytest.fixture
def music(tmp_path: Path) -> Path:
    """Tones from low to high, one of them twice and once at half the level."""
    folder = tmp_path / "Music"
    (folder / "high").mkdir(parents=True)
    for name, frequency_hz in (("100", 100), ("300", 300), ("high/1500", 1500), ("high/1900", 1900)):
        write_wav(folder / f"{name}.wav", fading(frequency_hz), RATE_HZ)
    write_wav(folder / "100 again.wav", fading(100, amplitude=0.3), RATE_HZ)
    (folder / "broken.mp3").write_text("not music at all")
    return folder


@pytest.fixture
def results(model: FakeBackend, music: Path, tmp_path: Path) -> Path:
    folder = tmp_path / "results"
    CliRunner().invoke(main, [str(music), "--output-dir", str(folder), "--no-facts"], prog_name="genre")
    return folder


def listed(outcome: Result) -> list[tuple[str, bool]]:
    assert outcome.exit_code == 0, outcome.output
    return [(one["track"], one["is_same_recording"]) for one in json.loads(outcome.stdout)["similar"]]


ALIKE = [("100 again.wav", True), ("300.wav", False), ("high/1500.wav", False), ("high/1900.wav", False)]


def test_a_folder_of_music_is_scored_and_what_fails_is_named(run: Run, music: Path) -> None:
    outcome = run(music / "100.wav", music, "--json")
    assert listed(outcome) == ALIKE
    assert "broken.mp3" in outcome.stderr
    first, *_, last = json.loads(outcome.stdout)["similar"]
    assert (first["similarity"], first["distance"]) == (100, 0.0)
    assert last["distance"] == pytest.approx(1 - np.cos(np.pi * 3600 / RATE_HZ), abs=0.01)


def test_a_run_s_track_is_found_by_its_name_without_a_model(
    run: Run, model: FakeBackend, music: Path, results: Path
) -> None:
    n_before = model.n_patches
    assert listed(run("100.wav", results, "--json")) == ALIKE
    assert model.n_patches == n_before
    assert listed(run("high/1900.wav", results, "--json", "-n", "1")) == [("high/1500.wav", False)]


def test_a_file_from_elsewhere_is_compared_with_a_run(run: Run, music: Path, results: Path, tmp_path: Path) -> None:
    elsewhere = write_wav(tmp_path / "new.wav", fading(310), RATE_HZ)
    outcome = run(elsewhere, results, "-n", "2")
    lines = outcome.stdout.splitlines()
    assert lines[0] == f"Sounds most like {elsewhere}; a similarity of 100 is the same sound:"
    assert lines[1].split()[:3] == ["100", "0:06", "300.wav"]
    assert len(lines) == 3
    assert ("100 again.wav", False) in listed(run(elsewhere, results, "--json"))


def test_the_track_itself_and_its_copies_are_no_neighbours(run: Run, music: Path, results: Path) -> None:
    outcome = run(music / "high" / "1900.wav", results)
    assert "1900.wav" not in "".join(outcome.stdout.splitlines()[1:])
    assert listed(run(music / "100.wav", results, "--json")) == ALIKE
    shutil.copy(music / "100.wav", music / "a copy.wav")
    CliRunner().invoke(main, [str(music), "--output-dir", str(results), "--no-facts", "--resume"], prog_name="genre")
    for track in (music / "100.wav", "100.wav"):
        outcome = run(track, results)
        assert outcome.stdout.splitlines()[-1] == "Left out, as the very same sound: a copy.wav"
        assert listed(run(track, results, "--json")) == ALIKE
    assert json.loads(run(music / "a copy.wav", results, "--json").stdout)["copies"] == ["100.wav"]
    assert json.loads(run(music / "a copy.wav", music, "--json").stdout)["copies"] == ["100.wav"]


def test_a_track_of_another_name_is_suggested(run: Run, results: Path) -> None:
    assert refused(run("high/190.wav", results)).endswith('Did you mean "high/1900.wav" or "high/1500.wav"?')
    assert refused(run("elsewhere/1500.WAV", results)).endswith('Did you mean "high/1500.wav"?')
    assert refused(run("x" * 300, results)).endswith("has no track of this name.")
    outcome = run("broken.mp3", results)
    assert outcome.exit_code == 1
    assert outcome.stderr.startswith("error: The track broken.mp3 cannot be compared. The file broken.mp3")


def test_a_name_with_control_characters_is_asked_for_as_it_is_or_as_it_is_printed(
    run: Run, music: Path, results: Path
) -> None:
    write_wav(music / "a\nb\x1b.wav", fading(200), RATE_HZ)
    arguments = [str(music), "--output-dir", str(results), "--no-facts", "--resume"]
    CliRunner().invoke(main, arguments, prog_name="genre")
    printed = "a\N{REPLACEMENT CHARACTER}b\N{REPLACEMENT CHARACTER}.wav"
    for name in ("a\nb\x1b.wav", printed):
        assert listed(run(name, results, "--json"))[0] == ("300.wav", False)
    write_wav(music / "a\tb\x1b.wav", fading(700), RATE_HZ)
    CliRunner().invoke(main, arguments, prog_name="genre")
    assert refused(run("a\nb\x1b.wav", results)).endswith(f'ask for one of "{printed}" or "{printed}-2".')


def test_a_run_names_copies_and_draws_the_map(results: Path) -> None:
    overview = (results / "overview.html").read_text()
    assert "Here more than once" in overview
    with (results / "summary.csv").open(newline="", encoding="utf-8-sig") as table:
        copies = {row["track"]: row["same_recording_as"] for row in csv.DictReader(table)}
    assert (copies["100.wav"], copies["100 again.wav"], copies["300.wav"]) == ("100 again.wav", "100.wav", "")
    data = json.loads(overview.split('id="map-data">')[1].split("</script>")[0])
    assert data["names"] == ["100 again.wav", "100.wav", "300.wav", "high/1500.wav", "high/1900.wav"]
    assert data["neighbours"][1][:2] == [0, 2]
    assert [data["endings"][link] for link in data["links"]] == [".json"] * 5


def test_resuming_keeps_what_tracks_sound_like(model: FakeBackend, run: Run, music: Path, results: Path) -> None:
    write_wav(music / "200.wav", fading(200), RATE_HZ)
    arguments = [str(music), "--output-dir", str(results), "--no-facts", "--resume"]
    outcome = CliRunner().invoke(main, arguments, prog_name="genre")
    assert "100 again.wav = 100.wav" in outcome.stderr
    assert listed(run("100.wav", results, "--json"))[1] == ("200.wav", False)


def test_a_track_whose_embedding_is_lost_is_done_again(
    model: FakeBackend, run: Run, music: Path, results: Path
) -> None:
    write_wav(music / "silent.wav", np.zeros(3 * RATE_HZ, np.float32), RATE_HZ)
    arguments = [str(music), "--output-dir", str(results), "--no-facts", "--resume"]
    CliRunner().invoke(main, arguments, prog_name="genre")
    assert "6 of them finished before" in CliRunner().invoke(main, arguments, prog_name="genre").stderr
    (results / EMBEDDINGS_NAME).unlink()
    assert "finished before" not in CliRunner().invoke(main, arguments, prog_name="genre").stderr
    assert listed(run("100.wav", results, "--json")) == ALIKE


def test_a_track_that_fails_now_is_like_nothing(run: Run, music: Path, results: Path) -> None:
    (music / "300.wav").write_bytes(b"not music any more")
    CliRunner().invoke(main, [str(music), "--output-dir", str(results), "--no-facts", "--resume"], prog_name="genre")
    assert "300.wav" not in dict(listed(run("100.wav", results, "--json")))
    data = json.loads((results / "overview.html").read_text().split('id="map-data">')[1].split("</script>")[0])
    assert "300.wav" not in data["names"]


def test_a_track_that_is_gone_is_like_nothing(run: Run, music: Path, results: Path) -> None:
    (music / "300.wav").unlink()
    CliRunner().invoke(main, [str(music), "--output-dir", str(results), "--no-facts", "--resume"], prog_name="genre")
    assert "300.wav" not in dict(listed(run("100.wav", results, "--json")))
    assert "has no track of this name" in refused(run("300.wav", results))
    (results / "summary.csv").unlink()
    assert "300.wav" in dict(listed(run("100.wav", results, "--json")))


def refused(outcome: Result) -> str:
    assert outcome.exit_code == 2
    return outcome.stderr.splitlines()[-1]


def test_what_is_not_there_is_said(run: Run, music: Path, results: Path) -> None:
    assert refused(run("gone.wav", music)) == "Error: There is no file gone.wav."
    assert "has no track of this name" in refused(run("gone.wav", results))
    assert "does not exist" in refused(run(music / "100.wav", music / "nowhere"))
    outcome = run(music / "broken.mp3", music)
    assert (outcome.exit_code, outcome.stdout) == (1, "")
    assert outcome.stderr.startswith("error: The file broken.mp3")


def test_a_run_of_another_model_is_not_compared(run: Run, model: FakeBackend, music: Path, results: Path) -> None:
    model.info = replace(model.info, revision="2")
    assert "another release of the model fake" in refused(run(music / "100.wav", results))


def test_a_model_without_an_embedding_says_so(run: Run, model: FakeBackend, music: Path, results: Path) -> None:
    model.info = replace(model.info, n_dimensions=0)
    assert "The model fake cannot say what tracks sound like" in refused(run(music / "100.wav", music))
    model_without = FakeBackend()
    model.info, model._answer = model_without.info, loudness_logits
    CliRunner().invoke(main, [str(music), "--output-dir", str(results), "--no-facts"], prog_name="genre")
    assert not (results / EMBEDDINGS_NAME).exists()
    assert "did not keep what its tracks sound like" in refused(run(music / "100.wav", results))


def test_silence_is_like_nothing(run: Run, music: Path, tmp_path: Path) -> None:
    silent = write_wav(tmp_path / "silent.wav", np.zeros(3 * RATE_HZ, np.float32), RATE_HZ)
    outcome = run(silent, music)
    assert (outcome.exit_code, outcome.stderr) == (
        1,
        "error: There is no sound in this track, so nothing sounds like it.\n",
    )

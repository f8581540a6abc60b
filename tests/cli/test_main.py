import json
import os
import pty
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from genre_app import __version__
from genre_app.cli.main import main
from genre_app.cli.models import as_text
from genre_app.models.registry import LoadedModel
from genre_app.results.schema import ClassificationResult
from genre_app.settings import Settings
from tests.fakes import RATE_HZ, FakeBackend
from tests.paths import ROOT, SHARED
from tests.sounds import tone, write_wav

Run = Callable[..., Result]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, backend: FakeBackend) -> Run:
    """Run the command line in this process, around a model whose answers are known."""
    monkeypatch.setenv("GENRE_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.setattr("genre_app.inference.classifier.load_model", lambda settings: LoadedModel(backend))
    return lambda *arguments: CliRunner().invoke(main, [str(argument) for argument in arguments], prog_name="genre")


@pytest.fixture
def loud(tmp_path: Path) -> Path:
    return write_wav(tmp_path / "loud.wav", tone(12.0, RATE_HZ, amplitude=0.9), RATE_HZ)


@pytest.fixture
def quiet(tmp_path: Path) -> Path:
    return write_wav(tmp_path / "quiet.wav", tone(5.0, RATE_HZ, amplitude=0.01), RATE_HZ)


@pytest.fixture
def broken(tmp_path: Path) -> Path:
    path = tmp_path / "broken.mp3"
    path.write_text("not music at all " * 100)
    return path


def results_in(output: str) -> list[ClassificationResult]:
    """Parse standard output, every line of which has to be a whole result."""
    return [ClassificationResult.model_validate_json(line) for line in output.splitlines()]


def genres_in(folder: Path) -> dict[str, str]:
    return {file.name: json.loads(file.read_text())["predicted_genre"] for file in folder.glob("*.json")}


def test_results_are_json_lines_in_the_order_of_the_tracks(run: Run, loud: Path, quiet: Path) -> None:
    outcome = run(loud, quiet)
    assert outcome.exit_code == 0
    results = results_in(outcome.stdout)
    assert [(result.metadata.track_name, result.predicted_genre) for result in results] == [
        ("loud.wav", "metal"),
        ("quiet.wav", "blues"),
    ]
    assert "loud.wav: Metal, " in outcome.stderr
    assert "quiet.wav: Blues, " in outcome.stderr


def in_a_terminal(tmp_path: Path, *arguments: object) -> str:
    """Run the command line in a terminal without colours, and return what it shows."""
    ours, theirs = pty.openpty()
    program = [sys.executable, "-m", "tests.cli.fake_cli", "100", tmp_path / "gate", *arguments]
    environment = {"GENRE_CACHE_DIR": str(tmp_path / "cache"), "TERM": "dumb", "COLUMNS": "60"}
    with subprocess.Popen(
        [str(part) for part in program], cwd=ROOT, env=os.environ | environment, stdout=theirs, stderr=theirs
    ):
        os.close(theirs)
        shown = b""
        with suppress(OSError):  # how the end of a terminal reads
            while True:
                shown += os.read(ours, 65536)
    os.close(ours)
    return shown.decode().replace("\r\n", "\n")


def test_a_terminal_shows_the_answer_for_people(loud: Path, tmp_path: Path) -> None:
    shown = in_a_terminal(tmp_path, loud)
    assert "loud.wav  0:12\n" in shown
    assert shown.count("Metal, ") == 1, "standard error does not repeat it"
    assert "0:00" in shown
    assert "{" not in shown


def test_a_terminal_shows_json_where_that_is_asked_for(loud: Path, tmp_path: Path) -> None:
    shown = in_a_terminal(tmp_path, loud, "--json", "--quiet")
    assert ClassificationResult.model_validate_json(shown).predicted_genre == "metal"
    assert '\n  "predicted_genre": "metal"' in shown


def test_json_may_be_asked_for_where_it_comes_anyway(run: Run, loud: Path) -> None:
    assert len(results_in(run(loud, "--json").stdout)) == 1


def test_options_reach_the_result(run: Run, loud: Path) -> None:
    outcome = run(loud, "--window-seconds", 2, "--overlap", 0.5, "--top-k", 2, "--max-chunks", 3)
    (result,) = results_in(outcome.stdout)
    assert (result.metadata.window_seconds, result.metadata.overlap, result.metadata.top_k) == (2.0, 0.5, 2)
    assert (result.metadata.num_chunks, result.metadata.num_chunks_total) == (3, 11)
    assert len(result.predictions) == 2


def test_defaults_are_those_of_the_page(run: Run, loud: Path) -> None:
    (result,) = results_in(run(loud).stdout)
    assert (result.metadata.window_seconds, result.metadata.overlap, result.metadata.top_k) == (30.0, 0.25, 5)


def test_device_and_model_reach_the_settings(
    run: Run, loud: Path, backend: FakeBackend, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[Settings] = []

    def load(settings: Settings) -> LoadedModel:
        seen.append(settings)
        return LoadedModel(backend)

    monkeypatch.setattr("genre_app.inference.classifier.load_model", load)
    monkeypatch.setenv("GENRE_DEVICE", "cuda")
    run(loud)
    run(loud, "--device", "cpu", "--model", "musicnn")
    assert [(settings.device, settings.model) for settings in seen] == [("cuda", "auto"), ("cpu", "musicnn")]


def test_a_broken_track_among_good_ones_is_said_and_passed_over(
    run: Run, loud: Path, broken: Path, quiet: Path
) -> None:
    outcome = run(loud, broken, loud.with_name("missing.wav"), quiet)
    assert outcome.exit_code == 1
    assert [result.metadata.track_name for result in results_in(outcome.stdout)] == ["loud.wav", "quiet.wav"]
    errors = [line for line in outcome.stderr.splitlines() if line.startswith("error: ")]
    assert len(errors) == 2
    assert any("broken.mp3" in error for error in errors)
    assert any("missing.wav" in error for error in errors)
    assert "Traceback" not in outcome.output


def test_each_track_has_a_file_of_its_own(run: Run, loud: Path, quiet: Path, tmp_path: Path) -> None:
    folder = tmp_path / "deep" / "results"
    outcome = run(loud, quiet, "--output-dir", folder)
    assert (outcome.exit_code, outcome.stdout) == (0, "")
    assert genres_in(folder) == {"loud.wav.json": "metal", "quiet.wav.json": "blues"}


def test_equal_names_from_different_folders_do_not_collide(run: Run, loud: Path, quiet: Path, tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    tracks = [loud.rename(tmp_path / "a" / "song.wav"), quiet.rename(tmp_path / "b" / "Song.wav")]
    folder = tmp_path / "results"
    assert run(*tracks, "--output-dir", folder).exit_code == 0
    assert genres_in(folder) == {"song.wav.json": "metal", "Song.wav-2.json": "blues"}


def test_a_track_named_twice_has_two_results_of_one_scoring(run: Run, loud: Path, backend: FakeBackend) -> None:
    outcome = run(loud, loud)
    assert [result.metadata.track_name for result in results_in(outcome.stdout)] == ["loud.wav"] * 2
    assert backend.n_patches == 12


def test_a_result_that_cannot_be_written_is_said_and_the_next_track_follows(
    run: Run, loud: Path, quiet: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "results"
    (folder / "loud.wav.json").mkdir(parents=True)
    outcome = run(loud, quiet, "--output-dir", folder)
    assert outcome.exit_code == 1
    assert "loud.wav.json cannot be written" in outcome.stderr
    assert (folder / "quiet.wav.json").is_file()


@pytest.mark.parametrize(
    "arguments",
    [
        (),
        ("x.mp3", "--window-seconds", "0.5"),
        ("x.mp3", "--window-seconds", "nan"),
        ("x.mp3", "--overlap", "0.95"),
        ("x.mp3", "--top-k", "0"),
        ("x.mp3", "--max-chunks", "0"),
        ("x.mp3", "--device", "tpu"),
        ("x.mp3", "--surprise"),
        ("x.mp3", "--output-dir", __file__),
        ("x.mp3", "--formats", "json,pdf"),
        ("x.mp3", "--formats", "html"),
        ("x.mp3", "--resume"),
        ("x.mp3", "--playlists"),
        ("x.mp3", "--vocabulary", "missing.toml"),
        ("x.mp3", "--vocabulary", os.devnull),
        ("x.mp3", "--write-tags"),
        ("x.mp3", "--dry-run"),
        ("x.mp3", "--output-dir", "results", "--in-place"),
        ("x.mp3", "--write-tags", "--dry-run", "--tag-fields", "genre,year"),
        ("x.mp3", "--write-tags", "--dry-run", "--tag-separator", " "),
        ("x.mp3", "--write-tags", "--dry-run", "--existing", "burn"),
        ("x.mp3", "--jobs", "0"),
        ("x.mp3", "--smoothing", "61"),
        ("x.mp3", "--json", "--output-dir", "results"),
    ],
)
def test_wrong_usage_ends_with_two_and_touches_nothing(
    run: Run, backend: FakeBackend, arguments: tuple[str, ...]
) -> None:
    outcome = run(*arguments)
    assert (outcome.exit_code, outcome.stdout) == (2, "")
    assert "Usage: " in outcome.stderr
    assert backend.batches == []


def test_an_unknown_model_is_wrong_usage(loud: Path) -> None:
    outcome = CliRunner().invoke(main, [str(loud), "--model", "whisper"])
    assert outcome.exit_code == 2
    assert "no model called 'whisper'" in outcome.stderr


def test_a_wrong_environment_variable_is_wrong_usage(run: Run, loud: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GENRE_CACHE_MB", "plenty")
    outcome = run(loud)
    assert outcome.exit_code == 2
    assert "GENRE_CACHE_MB" in outcome.stderr


def test_an_output_folder_that_cannot_be_made_is_wrong_usage(run: Run, loud: Path) -> None:
    outcome = run(loud, "--output-dir", loud / "results")
    assert outcome.exit_code == 2
    assert "cannot be made" in outcome.stderr


def test_the_version_is_told(run: Run) -> None:
    assert __version__ in run("--version").stdout


@pytest.mark.shared
def test_the_real_program_names_a_real_track(shared_audio: Callable[[str], Path], broken: Path) -> None:
    command: list[Any] = [sys.executable, "-W", "error", "-m", "genre_app"]
    tracks = [shared_audio("trumpet_loop.jazz.flac"), broken]
    root = ROOT
    process = subprocess.run([*command, *tracks], cwd=root, capture_output=True, text=True, check=False)
    assert process.returncode == 1, process.stderr
    (result,) = results_in(process.stdout)
    assert (result.predicted_genre, result.metadata.model_name) == ("jazz", "standard")
    assert "trumpet_loop.jazz.flac: " in process.stderr
    assert "broken.mp3" in process.stderr
    assert SHARED.name not in process.stdout, "a result names the file and not its folder"


def test_models_are_listed_without_loading_one(run: Run) -> None:
    outcome = run("--list-models")
    assert outcome.exit_code == 0
    assert outcome.stdout == f"{as_text('genre', Settings())}\n"


def test_the_help_groups_every_option_and_shows_examples(run: Run) -> None:
    text = run("--help").stdout
    assert [option for parameter in main.params for option in parameter.opts if f"{option} " not in text] == ["paths"]
    for heading in ("What you get:", "Long runs:", "How a track is cut:", "Who answers:", "Examples:"):
        assert heading in text
    assert "<=x" not in text
    assert "PATH...\n  -" not in text
    assert "  genre models\n" in text
    assert "{" not in text


def test_a_quiet_run_says_nothing_but_errors(run: Run, loud: Path, broken: Path) -> None:
    outcome = run(loud, broken, "--quiet")
    assert len(results_in(outcome.stdout)) == 1
    assert [line.split(":")[0] for line in outcome.stderr.splitlines()] == ["error"]


def test_smoothing_reaches_the_result(run: Run, loud: Path) -> None:
    (result,) = results_in(run(loud, "--smoothing", 5).stdout)
    assert result.metadata.smoothing_seconds == 5


def test_facts_are_found_unless_they_are_not_wanted(run: Run, loud: Path) -> None:
    (without,), (with_facts,) = results_in(run(loud, "--no-facts").stdout), results_in(run(loud).stdout)
    assert without.facts is None
    assert with_facts.facts is not None
    assert with_facts.facts.analysed_seconds == pytest.approx(12, abs=0.1)


def test_moods_are_found_where_they_are_wanted(run: Run, loud: Path) -> None:
    (without,), (with_moods,) = results_in(run(loud).stdout), results_in(run(loud, "--moods").stdout)
    assert without.tags == []
    assert [tag.tag for tag in with_moods.tags] == ["metal", "jazz", "blues"]


def test_a_model_that_is_not_here_comes_with_the_command_that_gets_it(
    loud: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path / "hub"))
    program = CliRunner().invoke(main, [str(loud), "--model", "maest"], prog_name="python -m genre_app")
    assert program.exit_code == 2
    assert "maest is not on this machine" in program.stderr
    assert "python -m genre_app models download maest" in program.stderr


@pytest.mark.parametrize("arguments", [("models",), ("models", "download", "maest"), ("--list-models",), ("song.mp3",)])
def test_a_wrong_environment_variable_is_one_sentence_everywhere(arguments: tuple[str, ...]) -> None:
    program = [sys.executable, "-m", "genre_app", *arguments]
    environment = {**os.environ, "GENRE_MAX_MINUTES": "abc"}
    run = subprocess.run(program, env=environment, capture_output=True, text=True, check=False)
    assert run.returncode == 2
    assert "GENRE_MAX_MINUTES cannot be 'abc'" in run.stderr
    assert "Traceback" not in run.stderr


def test_moods_on_a_device_that_is_not_here_are_wrong_usage(
    loud: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GENRE_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.setattr("torch.cuda.is_available", lambda: False)
    program = CliRunner().invoke(main, [str(loud), "--model", "features", "--device", "cuda", "--moods"])
    assert program.exit_code == 2
    assert isinstance(program.exception, SystemExit)

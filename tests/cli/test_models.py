import json
import os
import pty
import signal
import subprocess
import sys
import termios
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from genre_app.cli.models import models
from genre_app.models.catalogue import catalogue
from tests.models.hub.fake_hub import FILES, FakeHub
from tests.paths import ROOT

ID = "somebody/tiny-genres"
MAEST = "mtg-upf/discogs-maest-30s-pw-129e"

Run = Callable[..., Result]


@pytest.fixture
def hub(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeHub]:
    with FakeHub() as hub:
        for name, value in hub.environment(tmp_path).items():
            monkeypatch.setenv(name, value)
        hub.add_model(ID, FILES)
        hub.add_model(MAEST, FILES)
        yield hub


@pytest.fixture
def run(hub: FakeHub) -> Run:
    return lambda *arguments: CliRunner().invoke(models, arguments, prog_name="genre models")


def first_words(text: str) -> list[str]:
    return [part.split(":")[0] for part in text.split("\n\n")]


def test_the_list_names_every_model_and_what_is_here(run: Run, hub: FakeHub) -> None:
    text = run().stdout
    names = [entry.name for entry in catalogue()]
    assert first_words(text)[:-1] == ["auto", *names]
    assert "musicnn: embedded, 3.2 MB" in text
    assert "maest: not downloaded, 347.4 MB" in text
    assert "storylinez/audio-genre-classifier: not downloaded, size unknown" in text
    assert "Accuracy: 81.3 %" in text
    assert "Licence:  CC BY-NC-SA 4.0: not for commercial use" in text
    assert text.endswith("  genre models download owner/name\n")
    assert hub.requests == [], "a list needs no request"


def test_the_list_fits_a_terminal(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    assert max(len(line) for line in run().stdout.splitlines()) <= 80


def test_the_list_for_programs_says_the_same(run: Run) -> None:
    run("download", ID)
    run("download", "maest")
    answer = json.loads(run("--json").stdout)
    assert [entry["name"] for entry in answer["models"]] == [entry.name for entry in catalogue()]
    assert {entry["availability"] for entry in answer["models"]} == {"embedded", "downloaded", "not downloaded"}
    assert answer["also_downloaded"] == [ID]
    assert f"Also downloaded: {ID}" in run().stdout


def test_without_downloads_nothing_is_asked_for(run: Run, hub: FakeHub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GENRE_ALLOW_DOWNLOADS", "false")
    outcome = run("download", ID)
    assert outcome.exit_code == 2
    assert "Nothing is downloaded where GENRE_ALLOW_DOWNLOADS is false." in outcome.stderr
    assert hub.requests == []


def test_a_download_by_the_hub_s_name(run: Run) -> None:
    outcome = run("download", ID)
    assert (outcome.exit_code, outcome.stderr) == (0, "")
    assert outcome.stdout == f"{ID} is here: use it with --model {ID}\n"


def test_a_download_by_the_catalogue_s_name_says_the_licence(run: Run) -> None:
    outcome = run("download", "maest")
    assert outcome.exit_code == 0
    assert outcome.stderr == "Licence: CC BY-NC-SA 4.0: not for commercial use\n"
    assert "maest is here: use it with --model maest" in outcome.stdout
    assert "maest: downloaded" in run().stdout


def test_an_embedded_model_needs_no_download(run: Run, hub: FakeHub) -> None:
    outcome = run("download", "musicnn")
    assert outcome.exit_code == 0
    assert "nothing to download" in outcome.stdout
    assert hub.requests == []


def test_a_failed_download_is_one_sentence_and_goes_on_later(run: Run, hub: FakeHub) -> None:
    hub.fail_with(breaks_off_after=100_000)
    outcome = run("download", ID)
    assert (outcome.exit_code, outcome.stdout) == (1, "")
    assert outcome.stderr == (
        f"error: The download of {ID} broke off: try again, and it goes on from where it stopped.\n"
    )
    hub.recover()
    assert run("download", ID).exit_code == 0
    assert hub.fetched("model.safetensors") == [0, 100_000]


@pytest.mark.parametrize("arguments", [("download",), ("download", "a/b/c"), ("fetch",), ("--json", "download", ID)])
def test_wrong_usage_is_status_2(run: Run, arguments: tuple[str, ...]) -> None:
    assert run(*arguments).exit_code == 2


def command(*arguments: str) -> list[str]:
    return [sys.executable, "-W", "error", "-m", "genre_app", *arguments]


def test_the_program_knows_the_word_models(hub: FakeHub) -> None:
    process = subprocess.run(command("models", "download", ID), cwd=ROOT, capture_output=True, text=True, check=False)
    assert (process.returncode, process.stderr) == (0, "")
    listed = subprocess.run(command("models"), cwd=ROOT, capture_output=True, text=True, check=True)
    assert f"Also downloaded: {ID}" in listed.stdout
    help_text = subprocess.run(command("--help"), cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert "./models" in help_text
    assert "python -m genre_app models" in help_text


def test_a_folder_called_models_is_reached_by_its_path(tmp_path: Path) -> None:
    (tmp_path / "models").mkdir()
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    process = subprocess.run(
        command("./models", "--overlap", "7"),
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert process.returncode == 2
    assert "Usage: python -m genre_app [OPTIONS] PATH" in process.stderr


def test_a_terminal_gets_a_bar(hub: FakeHub) -> None:
    hub.fail_with(trickles=True)
    ours, theirs = pty.openpty()
    termios.tcsetwinsize(theirs, (24, 80))
    with subprocess.Popen(
        command("models", "download", ID), cwd=ROOT, stderr=theirs, stdout=subprocess.PIPE
    ) as process:
        os.close(theirs)
        shown = b""
        deadline_s = time.monotonic() + 30
        while b"kB/s" not in shown and time.monotonic() < deadline_s:
            shown += os.read(ours, 1024)
        process.kill()
    os.close(ours)
    assert b"/307k [" in shown, shown


def test_ctrl_c_stops_and_says_how_to_go_on(hub: FakeHub, tmp_path: Path) -> None:
    hub.fail_with(trickles=True)
    arguments = command("models", "download", ID)
    with subprocess.Popen(arguments, cwd=ROOT, stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        deadline_s = time.monotonic() + 30
        while not list(tmp_path.glob("hub/models--*/blobs/*.incomplete")) and time.monotonic() < deadline_s:
            time.sleep(0.02)
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=30)
    assert (process.returncode, said) == (130, "Stopped: the same command goes on from here.\n")

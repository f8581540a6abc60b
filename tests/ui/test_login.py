"""A page with a login."""

import os
import re
import subprocess
import sys
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest
from gradio_client import Client, handle_file
from pydantic import ValidationError

from genre_app import Settings
from genre_app.settings import wrong_setting
from tests.paths import ROOT
from tests.serving import Server, serve

_NAME: Final = "ana"
#: A password may hold colons.
_PASSWORD: Final = "se:cret ☂"


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory, scored_examples: Path) -> Iterator[Server]:
    with serve(tmp_path_factory.mktemp("guarded"), cache=scored_examples, GENRE_LOGIN=f"{_NAME}:{_PASSWORD}") as server:
        yield server


def status_of(address: str, data: bytes | None = None) -> int:
    try:
        with urllib.request.urlopen(address, data, timeout=10) as answer:
            status: int = answer.status
            return status
    except urllib.error.HTTPError as error:
        error.close()
        return error.code


@pytest.mark.parametrize(
    "path", ["/config", "/gradio_api/info", "/gradio_api/file=README.md", "/gradio_api/queue/data?session_hash=x"]
)
def test_a_stranger_reads_nothing(guarded: Server, path: str) -> None:
    assert status_of(guarded.address + path) == 401


@pytest.mark.parametrize("path", ["/gradio_api/upload", "/gradio_api/call/classify", "/gradio_api/queue/join"])
def test_a_stranger_sends_nothing(guarded: Server, path: str) -> None:
    assert status_of(guarded.address + path, b"{}") in {401, 422}
    request = urllib.request.Request(
        guarded.address + path,
        b'{"data": [], "session_hash": "x", "fn_index": 0}',
        {"Content-Type": "application/json"},
    )
    with pytest.raises(urllib.error.HTTPError, match="401"):
        urllib.request.urlopen(request, timeout=10)


def test_a_stranger_is_asked_for_a_name(guarded: Server) -> None:
    with urllib.request.urlopen(guarded.address, timeout=10) as page:
        text = page.read().decode()
    assert re.search(r'"auth_required": ?true', text)
    assert "Track" not in text


@pytest.mark.parametrize("password", ["wrong", "se", ""])
def test_a_wrong_password_does_not_open(guarded: Server, password: str) -> None:
    sent = urllib.parse.urlencode({"username": _NAME, "password": password}).encode()
    assert status_of(f"{guarded.address}/login", sent) in {400, 422}
    with pytest.raises(ValueError, match="Could not login"):
        Client(guarded.address, verbose=False, auth=(_NAME, password))


def test_a_program_with_the_password_gets_its_answer(guarded: Server, short_track: Path, tmp_path: Path) -> None:
    client = Client(guarded.address, verbose=False, auth=(_NAME, _PASSWORD), download_files=tmp_path)
    try:
        answer = client.predict(handle_file(str(short_track)), facts=False, api_name="/classify")
    finally:
        client.close()
    assert answer["metadata"]["model_name"] == "musicnn"


def test_the_password_is_not_in_the_log(guarded: Server) -> None:
    assert _PASSWORD not in guarded.log.read_text()


@pytest.mark.parametrize("login", ["secret", "ana:", ":secret", ":"])
def test_a_login_of_another_form_is_one_sentence_that_does_not_repeat_it(login: str) -> None:
    with pytest.raises(ValidationError) as caught:
        Settings(login=login)
    sentence = wrong_setting(caught.value)
    assert sentence.startswith("The environment variable GENRE_LOGIN must be a name and a password with a colon")
    assert f" {login} " not in sentence


def test_other_wrong_settings_are_one_sentence() -> None:
    with pytest.raises(ValidationError) as caught:
        Settings(threads=0)
    assert wrong_setting(caught.value) == (
        "The environment variable GENRE_THREADS cannot be 0: input should be greater than or equal to 1."
    )


@pytest.mark.parametrize(
    ("variable", "value", "says"),
    [("GENRE_LOGIN", "hunter2", "GENRE_LOGIN must be"), ("GENRE_MODEL", "no such model", "no model called")],
)
def test_the_app_says_so_at_its_start_and_ends(variable: str, value: str, says: str) -> None:
    environment = {**os.environ, variable: value}
    run = subprocess.run(
        [sys.executable, "app.py"],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert run.returncode == 1
    assert says in run.stderr
    assert len(run.stderr.splitlines()) == 1
    assert "hunter2" not in run.stdout + run.stderr


def test_no_login_without_the_setting() -> None:
    assert Settings().credentials is None
    assert Settings(login="ana:se:cret").credentials == ("ana", "se:cret")
    assert "se:cret" not in repr(Settings(login="ana:se:cret"))

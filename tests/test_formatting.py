import io
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from genre_app.formatting import clock, escape_what_cannot_be_encoded, percent, printable, roughly, short_name
from tests.paths import ROOT


@pytest.mark.parametrize(
    ("score", "text"),
    [
        (0.0, "0 %"),
        (0.0001, "< 1 %"),
        (0.00499, "< 1 %"),
        (0.0051, "1 %"),
        (0.874, "87 %"),
        (0.876, "88 %"),
        (0.9949, "99 %"),
        (0.9951, "> 99 %"),
        (0.999999, "> 99 %"),
        (1.0, "100 %"),
    ],
)
def test_a_percentage_claims_neither_certainty_nor_impossibility(score: float, text: str) -> None:
    assert percent(score) == text


@pytest.mark.parametrize(
    ("duration_s", "text"),
    [
        (0.0, "a few seconds"),
        (12.0, "about 10 seconds"),
        (94.0, "about 90 seconds"),
        (95.0, "about 2 minutes"),
        (1200.0, "about 20 minutes"),
        (7300.0, "about 2 hours"),
    ],
)
def test_an_estimate_is_round(duration_s: float, text: str) -> None:
    assert roughly(duration_s) == text


@pytest.mark.parametrize(
    ("time_s", "text"),
    [
        (0, "0:00"),
        (59.9, "0:59"),
        (61, "1:01"),
        (600, "10:00"),
        (3599, "59:59"),
        (3600, "1:00:00"),
        (7325.5, "2:02:05"),
    ],
)
def test_a_time_is_minutes_and_seconds_and_hours_where_there_are_any(time_s: float, text: str) -> None:
    assert clock(time_s) == text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Für Elise, 01.mp3", "Für Elise, 01.mp3"),
        ("two\nlines\tand\0more", "two_lines_and_more"),
        ("a paragraph\u2029and a line\u2028end", "a paragraph_and a line_end"),
        ("gnp\u202e3pm.exe", "gnp_3pm.exe"),
        ("K\udcf6ln \ud800", "K_ln _"),
        ("wide\u3000and\u00a0hard spaces", "wide\u3000and\u00a0hard spaces"),
        ("👩\u200d🎤", "👩\u200d🎤"),
        ("", ""),
    ],
)
def test_characters_that_cannot_be_shown_are_replaced(text: str, shown: str) -> None:
    assert printable(text, replacement="_") == shown
    assert printable(text, replacement="") == shown.replace("_", "")
    printable(text).encode()


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("/music/song.mp3", "song.mp3"),
        (Path("album") / "song.mp3", "song.mp3"),
        ("album/", "album"),
        ("a\nb\ud800.mp3", "a?b?.mp3"),
        (f"{'x' * 36}.mp3", f"{'x' * 36}.mp3"),
        (f"{'x' * 37}.mp3", f"{'x' * 30}…xxxxx.mp3"),
    ],
)
def test_a_name_in_a_sentence_is_printable_and_short(path: str | Path, name: str) -> None:
    assert short_name(path) == name


@pytest.mark.parametrize("encoding", ["ascii", "cp1252", "utf-8"])
def test_a_name_that_the_terminal_has_no_code_for_is_no_error(monkeypatch: pytest.MonkeyPatch, encoding: str) -> None:
    terminal = io.TextIOWrapper(io.BytesIO(), encoding=encoding)
    monkeypatch.setattr(sys, "stdout", terminal)
    escape_what_cannot_be_encoded()
    print("Дождь 🎧.mp3", file=terminal, flush=True)
    assert b".mp3" in terminal.buffer.getvalue()


def test_json_is_json_for_such_a_terminal_too() -> None:
    command = [sys.executable, "-m", "genre_app", "models", "--json"]
    environment = {**os.environ, "PYTHONIOENCODING": "ascii"}
    shown = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, check=True).stdout
    assert "Alonso-Jiménez" in str(json.loads(shown.decode("ascii")))

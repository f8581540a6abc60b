"""Processes that compile librosa's functions take turns."""

import tempfile
from pathlib import Path

import numpy as np
import pytest
from filelock import FileLock, Timeout
from numba import config

from genre_app.models.features import compilation, extraction
from genre_app.models.features.compilation import _NAME, alone_on_this_machine


def test_no_other_process_compiles_meanwhile(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(config, "CACHE_DIR", str(tmp_path))
    with alone_on_this_machine(), pytest.raises(Timeout):
        FileLock(tmp_path / _NAME).acquire(timeout=0)
    with FileLock(tmp_path / _NAME, timeout=0):
        pass


def test_where_nothing_can_be_locked_it_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(config, "CACHE_DIR", str(tmp_path / "missing" / "folder"))
    with alone_on_this_machine():
        pass


def test_who_waits_too_long_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(config, "CACHE_DIR", str(tmp_path))
    monkeypatch.setattr("genre_app.models.features.compilation._LONGEST_S", 0.1)
    with FileLock(tmp_path / _NAME), alone_on_this_machine():
        pass


def test_only_the_first_extraction_takes_its_turn(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(config, "CACHE_DIR", str(tmp_path))
    monkeypatch.setattr(extraction, "_is_compiled", False)
    monkeypatch.setattr(extraction, "_extract", lambda audio: audio)
    extraction.extract_features(np.ones(9, np.float32))
    assert (tmp_path / _NAME).exists()
    with FileLock(tmp_path / _NAME):
        extraction.extract_features(np.ones(9, np.float32))


def test_silence_leaves_something_to_compile(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(config, "CACHE_DIR", str(tmp_path))
    monkeypatch.setattr(extraction, "_is_compiled", False)
    monkeypatch.setattr(extraction, "_extract", lambda audio: audio)
    extraction.extract_features(np.zeros(9, np.float32))
    assert not extraction._is_compiled


def test_without_any_place_numba_gets_a_temporary_one(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    nowhere = tmp_path / "file"
    nowhere.touch()
    monkeypatch.setattr(config, "CACHE_DIR", "")
    monkeypatch.setattr(compilation, "_places", lambda: (nowhere / "a", nowhere / "b"))
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    with compilation.alone_on_this_machine():
        place = Path(config.CACHE_DIR)
    assert place.parent == tmp_path


def test_a_place_that_is_there_is_left_alone(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(config, "CACHE_DIR", str(tmp_path))
    with compilation.alone_on_this_machine():
        assert str(tmp_path) == config.CACHE_DIR

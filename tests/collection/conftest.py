"""What the tests of runs share."""

from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from genre_app.cli.main import main
from genre_app.models.registry import LoadedModel
from tests.fakes import RATE_HZ, FakeBackend
from tests.sounds import tone, write_wav


@pytest.fixture
def music(tmp_path: Path) -> Path:
    """Twelve tracks of 3 seconds, each with a sound of its own."""
    for index in range(12):
        folder = tmp_path / "music" / f"CD {index % 2}"
        folder.mkdir(parents=True, exist_ok=True)
        write_wav(folder / f"{index}.wav", tone(3, RATE_HZ, amplitude=0.3 + 0.05 * index), RATE_HZ)
    return tmp_path / "music"


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, backend: FakeBackend) -> Callable[..., Result]:
    monkeypatch.setenv("GENRE_CACHE_MB", "0")  # so that repeated work is counted
    monkeypatch.setattr("genre_app.inference.classifier.load_model", lambda settings: LoadedModel(backend))
    return lambda *arguments: CliRunner().invoke(main, [str(argument) for argument in arguments])

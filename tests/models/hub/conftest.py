from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.models.hub.fake_hub import FILES, ID, NOT_WANTED, FakeHub


@pytest.fixture
def hub(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeHub]:
    with FakeHub() as hub:
        for name, value in hub.environment(tmp_path).items():
            monkeypatch.setenv(name, value)
        hub.add_model(ID, FILES | NOT_WANTED)
        yield hub


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Wait for one second instead of eight."""
    monkeypatch.setattr("genre_app.models.hub.remote.ANSWER_S", 1.0)

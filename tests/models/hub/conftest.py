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
    """Wait for three seconds instead of eight: a busy machine needs one for what does come."""
    monkeypatch.setattr("genre_app.models.hub.remote.ANSWER_S", 3.0)

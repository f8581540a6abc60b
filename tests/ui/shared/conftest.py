"""A server with models of transformers, for the tests of several modules."""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

from genre_app.genres import GENRES
from tests.models import tiny_models
from tests.models.hub.fake_hub import FakeHub
from tests.serving import Server, serve

#: Name of the app's own model.
OWN_MODEL: Final = "my-wav2vec2"
#: Part of its path, which nobody may read.
SECRET_PLACE: Final = "secret-place"


@pytest.fixture(scope="package")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """A tiny wav2vec2 of random weights that names the ten genres."""
    folder = tiny_models.waveform_model(tmp_path_factory.mktemp("model"), GENRES)
    return {file.name: file.read_bytes() for file in folder.iterdir()}


@pytest.fixture(scope="package")
def hub() -> Iterator[FakeHub]:
    with FakeHub() as hub:
        yield hub


@pytest.fixture(scope="package")
def server_with_own_model(
    hub: FakeHub, files: dict[str, bytes], tmp_path_factory: pytest.TempPathFactory, scored_examples: Path
) -> Iterator[Server]:
    """The app with the tiny model in a folder as its default, its own fake hub, and nothing downloaded."""
    folder = tmp_path_factory.mktemp("server")
    model = folder / SECRET_PLACE / OWN_MODEL
    model.mkdir(parents=True)
    for name, content in files.items():
        (model / name).write_bytes(content)
    with serve(
        folder, cache=scored_examples, GENRE_MODEL=str(model), GENRE_DEVICE="cpu", **hub.environment(folder / "hub")
    ) as running:
        yield running

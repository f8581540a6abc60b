"""A small page behind the gate, and a listener."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.ui.gate.small_page import Listener, small_page


@pytest.fixture(scope="package", autouse=True)
def gradio_files(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    folder = tmp_path_factory.mktemp("gradio")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GRADIO_TEMP_DIR", str(folder))
        patch.setenv("GRADIO_ANALYTICS_CACHE_FREQUENCY", "1000000")  # as the app: no statistics, which warn
        yield folder


@pytest.fixture(scope="package")
def address(gradio_files: Path) -> Iterator[str]:
    with small_page() as running:
        yield running


@pytest.fixture
def listener(monkeypatch: pytest.MonkeyPatch) -> Iterator[Listener]:
    """A server that Gradio would fetch from: its protection of the local network does not count here."""
    import safehttpx
    from gradio import processing_utils

    async def trusted(host: str) -> str:
        return "127.0.0.1"

    monkeypatch.setattr(safehttpx, "async_validate_url", trusted)
    monkeypatch.setattr(processing_utils, "PUBLIC_HOSTNAME_WHITELIST", ["127.0.0.1"])
    listener = Listener()
    yield listener
    listener.close()

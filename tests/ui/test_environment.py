"""What the page sets up on the machine that it runs on."""

import os
import tempfile
import urllib.request
from pathlib import Path

import pytest

from genre_app import Settings
from genre_app.errors import OutputError
from genre_app.ui.environment import prepared_environment
from genre_app.ui.listening import Place

_HERE = Place("127.0.0.1", 7860)


@pytest.fixture(autouse=True)
def own_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A copy of the environment, which may be changed."""
    own = {name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")}
    own.pop("GRADIO_TEMP_DIR", None)
    monkeypatch.setattr(os, "environ", own)
    monkeypatch.setattr(urllib.request.os, "environ", own)  # type: ignore[attr-defined]
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))


def test_everything_temporary_is_in_one_private_folder_that_goes_away(tmp_path: Path) -> None:
    with prepared_environment(Settings(), _HERE):
        (folder,) = tmp_path.glob("*/")
        assert folder.stat().st_mode & 0o777 == 0o700
        assert os.environ["GRADIO_TEMP_DIR"] == str(folder / "uploads")
        assert os.environ["TMPDIR"] == tempfile.gettempdir() == str(folder)
        (folder / "uploads" / "song.wav").touch()
    assert list(tmp_path.iterdir()) == []
    assert tempfile.gettempdir() == str(tmp_path)


@pytest.mark.parametrize("chosen", ["chosen", "new/and/deeper"])
def test_a_folder_for_uploads_may_be_chosen(tmp_path: Path, chosen: str) -> None:
    os.environ["GRADIO_TEMP_DIR"] = str(tmp_path / chosen)
    with prepared_environment(Settings(), _HERE):
        (folder,) = (tmp_path / chosen).glob("*/")
        assert os.environ["GRADIO_TEMP_DIR"] == str(folder / "uploads")
    assert list((tmp_path / chosen).iterdir()) == []


def test_a_folder_for_uploads_that_cannot_be_used_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    os.environ["GRADIO_TEMP_DIR"] = str(tmp_path / "file")
    with pytest.raises(OutputError, match=r"no place for uploads .*GRADIO_TEMP_DIR=/some/folder"), \
            prepared_environment(Settings(), _HERE):  # fmt: skip
        pass
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_no_place_for_temporary_files_is_a_sentence(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "missing"))
    with pytest.raises(OutputError, match=r"no place for uploads .*TMPDIR="), \
            prepared_environment(Settings(), _HERE):  # fmt: skip
        pass


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ({}, None),
        ({"http_proxy": "http://p:1"}, "localhost,127.0.0.1,::1,genre.lan"),
        ({"HTTPS_PROXY": "http://p:1", "no_proxy": "a.b,localhost"}, "a.b,localhost,127.0.0.1,::1,genre.lan"),
        ({"ALL_PROXY": "http://p:1", "NO_PROXY": "*"}, "*"),
    ],
)
def test_the_app_reaches_itself_without_the_proxy(before: dict[str, str], after: str | None) -> None:
    os.environ |= before
    with prepared_environment(Settings(), Place("genre.lan", 7860)):
        assert urllib.request.getproxies().get("no") == after
        if after:
            assert urllib.request.proxy_bypass("127.0.0.1:7860")


def test_nothing_is_counted_and_without_downloads_nobody_is_told() -> None:
    os.environ["GRADIO_ANALYTICS_ENABLED"] = "True"
    with prepared_environment(Settings(), _HERE):
        assert os.environ["GRADIO_ANALYTICS_MAX_EVENTS"] == "1"
        assert os.environ["GRADIO_ANALYTICS_ENABLED"] == "True"
        assert "HF_HUB_OFFLINE" not in os.environ
    with prepared_environment(Settings(allow_downloads=False), _HERE):
        assert os.environ["GRADIO_ANALYTICS_ENABLED"] == "False"
        assert os.environ["HF_HUB_OFFLINE"] == "1"


@pytest.mark.skipif(os.name != "posix", reason="Windows counts otherwise")
def test_many_files_may_be_open(tmp_path: Path) -> None:
    import resource

    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (256, before[1]))
    try:
        with prepared_environment(Settings(), _HERE):
            soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        assert soft == (8192 if hard == resource.RLIM_INFINITY else min(hard, 8192))
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, before)

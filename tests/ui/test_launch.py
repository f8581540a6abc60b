"""Start and end of the server, and limits of uploads, on a machine that makes it difficult."""

import json
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import httpx
import pytest
from gradio_client import Client, handle_file

from genre_app.ui import launch
from tests.serving import Server, serve
from tests.ui.gate.small_page import Listener
from tests.ui.watched_app import OUTSIDE

_BOUNDARY: Final = "--------boundary"
#: With a margin for a busy machine; the app's own limit is 5 s.
_ENDS_WITHIN_S: Final = 9.0


def post(server: Server, path: str, body: bytes, kind: str) -> Any:
    """Send something as a program does; the status of the answer, and the answer."""
    request = urllib.request.Request(f"{server.address}/gradio_api/{path}", body, {"Content-Type": kind})
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        error.close()
        return error.code, None


def upload(server: Server, content: bytes) -> Any:
    head = f'--{_BOUNDARY}\r\nContent-Disposition: form-data; name="files"; filename="a.wav"\r\n\r\n'.encode()
    body = head + content + f"\r\n--{_BOUNDARY}--\r\n".encode()
    return post(server, "upload", body, f"multipart/form-data; boundary={_BOUNDARY}")


def left_in(folder: Path) -> list[Path]:
    return [file for file in folder.rglob("*") if file.is_file()]


@pytest.fixture
def proxy() -> Any:
    listener = Listener()
    yield listener
    listener.close()


def test_it_works_where_much_is_in_its_way_and_ends_in_the_middle_of_its_work(
    short_track: Path, long_track: Callable[[int], Path], tmp_path: Path, scored_examples: Path, proxy: Listener
) -> None:
    (tmp_path / "gradio").write_text("Gradio's folder for uploads, as another user's: it cannot be used.")
    with serve(
        tmp_path,
        program="tests/ui/watched_app.py",
        cache=scored_examples,
        GENRE_ALLOW_DOWNLOADS="false",
        GENRE_MAX_FILE_MB="5",
        GENRE_THREADS="1",
        GRADIO_ANALYTICS_ENABLED="True",
        GRADIO_SHARE="True",
        GRADIO_TEMP_DIR="",
        PYTHONIOENCODING="ascii",
        http_proxy=proxy.address,
        https_proxy=proxy.address,
    ) as server:
        (folder,) = tmp_path.glob("genre-app-*/uploads")
        assert folder.parent.stat().st_mode & 0o777 == 0o700
        client = Client(server.address, verbose=False, download_files=tmp_path / "client")
        client.predict(handle_file(str(short_track)), facts=False, api_name="/classify")
        assert client.predict(api_name="/models")
        client.close()
        assert upload(server, bytes(5_400_000))[0] == 413
        status, (path,) = upload(server, long_track(600).read_bytes())
        assert status == 200
        assert len(left_in(folder)) >= 2

        data = [{"path": path, "meta": {"_type": "gradio.FileData"}}, 30, 0.25, 5, 0, "features", False]
        _, asked = post(server, "call/classify", json.dumps({"data": data}).encode(), "application/json")
        answer = f"{server.address}/gradio_api/call/classify/{asked['event_id']}"
        with httpx.stream("GET", answer, timeout=_ENDS_WITHIN_S):
            time.sleep(1)  # the model is loaded, or computes
            began = time.monotonic()
            server.process.terminate()
            server.process.wait(_ENDS_WITHIN_S)
            assert time.monotonic() - began < _ENDS_WITHIN_S
        assert not folder.parent.exists()
    log = server.log.read_text()
    assert "Traceback" not in log
    assert OUTSIDE not in log
    assert "share" not in log
    assert "launch(" not in log
    assert proxy.asked_for == []


def test_a_vocabulary_with_mistakes_is_said_before_anything_is_loaded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    words = tmp_path / "words.toml"
    words.write_text('[names]\nmetl = "M"\nrok = "R"')
    monkeypatch.setenv("GENRE_VOCABULARY", str(words))
    monkeypatch.setattr("signal.signal", lambda *_: None)
    with pytest.raises(SystemExit, match=r"cannot be used:\n.*names\.metl: .*\n.*names\.rok: "):
        launch.serve()

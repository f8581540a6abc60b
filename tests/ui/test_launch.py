"""Start and end of the server, and limits of uploads."""

import urllib.error
import urllib.request
from pathlib import Path
from typing import Final

from gradio_client import Client, handle_file

from tests.serving import Server, serve

_BOUNDARY: Final = "--------boundary"


def upload(server: Server, n_bytes: int) -> int:
    """Send a file as the page does, and return the answer's status."""
    head = f'--{_BOUNDARY}\r\nContent-Disposition: form-data; name="files"; filename="a.wav"\r\n\r\n'.encode()
    request = urllib.request.Request(
        f"{server.address}/gradio_api/upload",
        head + bytes(n_bytes) + f"\r\n--{_BOUNDARY}--\r\n".encode(),
        {"Content-Type": f"multipart/form-data; boundary={_BOUNDARY}"},
    )
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            status: int = answer.status
            return status
    except urllib.error.HTTPError as error:
        error.close()
        return error.code


def left_in(folder: Path) -> list[Path]:
    return [file for file in folder.rglob("*") if file.is_file()]


def test_uploads_are_limited_and_gone_when_the_server_is_stopped(
    short_track: Path, tmp_path: Path, scored_examples: Path
) -> None:
    uploads = tmp_path / "gradio"
    with serve(tmp_path, cache=scored_examples, GENRE_MAX_FILE_MB="1") as server:
        client = Client(server.address, verbose=False, download_files=tmp_path / "client")
        client.predict(handle_file(str(short_track)), facts=False, api_name="/classify")
        client.close()
        assert upload(server, 1000) == 200
        assert upload(server, 2_000_000) == 413
        assert short_track.name in [file.name for file in left_in(uploads)]
    assert left_in(uploads) == []
    assert "Traceback" not in server.log.read_text()

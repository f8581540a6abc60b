"""Single files: resumed after an interruption, verified, and cancelled at any time."""

import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from genre_app.errors import CancelledError, DamagedDownloadError, DownloadInterruptedError
from genre_app.models.hub import DownloadProgress, download, find_local
from tests.models.hub.fake_hub import FILES, ID, NOT_WANTED, SIZE, WEIGHTS, FakeHub
from tests.paths import ROOT


def blobs(home: Path) -> set[int]:
    """Sizes of the files in the cache."""
    return {file.stat().st_size for file in home.glob("hub/models--*/blobs/*")}


def test_an_interrupted_download_resumes(hub: FakeHub) -> None:
    hub.fail_with(breaks_off_after=200_000)
    with pytest.raises(DownloadInterruptedError, match="try again, and it goes on from where it stopped"):
        download(ID)
    assert find_local(ID) is None
    hub.recover()
    updates: list[DownloadProgress] = []
    folder = download(ID, on_progress=updates.append)
    assert (folder / WEIGHTS).read_bytes() == FILES[WEIGHTS]
    assert hub.fetched(WEIGHTS) == [0, 200_000]
    assert updates[-1].done_bytes == updates[-1].total_bytes


def test_a_server_without_ranges_sends_the_whole_file_again(hub: FakeHub) -> None:
    hub.fail_with(breaks_off_after=200_000)
    with pytest.raises(DownloadInterruptedError):
        download(ID)
    hub.fail_with(ignores_ranges=True)
    updates: list[DownloadProgress] = []
    folder = download(ID, on_progress=updates.append)
    assert (folder / WEIGHTS).read_bytes() == FILES[WEIGHTS]
    assert updates[-1].done_bytes == updates[-1].total_bytes


def test_weights_come_from_the_hub_s_storage_which_never_sees_the_token(hub: FakeHub) -> None:
    with FakeHub() as storage:
        hub.storage = storage.address
        storage.add_model(ID, FILES | NOT_WANTED)
        storage.fail_with(breaks_off_after=200_000)
        with pytest.raises(DownloadInterruptedError):
            download(ID)
        storage.recover()
        assert (download(ID) / WEIGHTS).read_bytes() == FILES[WEIGHTS]
    assert storage.fetched(WEIGHTS) == [0, 200_000]
    assert {request.token for request in storage.requests} == {None}
    assert {request.token for request in hub.requests} == {"Bearer hf_test"}


def test_a_cancelled_download_stops_and_keeps_its_bytes(hub: FakeHub) -> None:
    cancel = threading.Event()

    def stop_in_the_weights(progress: DownloadProgress) -> None:
        if progress.done_bytes > 1000:
            cancel.set()

    with pytest.raises(CancelledError):
        download(ID, on_progress=stop_in_the_weights, cancel=cancel)
    assert find_local(ID) is None
    download(ID)
    assert 0 < hub.fetched(WEIGHTS)[1] < SIZE


def test_a_killed_download_does_not_count_and_resumes(hub: FakeHub, tmp_path: Path) -> None:
    hub.fail_with(stalls_after=200_000)
    code = f"from genre_app.models.hub import download; download({ID!r})"
    with subprocess.Popen([sys.executable, "-c", code], cwd=ROOT) as process:
        deadline_s = time.monotonic() + 30
        while 200_000 not in blobs(tmp_path) and time.monotonic() < deadline_s:
            time.sleep(0.02)
        process.kill()
    assert find_local(ID) is None
    hub.recover()
    assert find_local(ID) is None
    assert download(ID) == find_local(ID)
    assert hub.fetched(WEIGHTS) == [0, 200_000]


@pytest.mark.parametrize("name", FILES)
def test_a_damaged_file_is_refused_and_removed(hub: FakeHub, name: str, tmp_path: Path) -> None:
    hub.fail_with(damages=name)
    with pytest.raises(DamagedDownloadError, match=f"The file {name} of {ID} arrived damaged"):
        download(ID)
    assert find_local(ID) is None
    assert len(FILES[name]) not in blobs(tmp_path)
    hub.recover()
    assert (download(ID) / name).read_bytes() == FILES[name]

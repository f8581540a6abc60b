"""Downloads of whole models."""

import pytest

from genre_app.errors import DownloadBusyError, HubUnreachableError, ModelNotFoundError
from genre_app.models.hub import DownloadProgress, download, find_all_local, find_local
from tests.models.hub.fake_hub import FILES, ID, FakeHub


def test_a_download_fetches_the_needed_files_and_nothing_else(hub: FakeHub) -> None:
    folder = download(ID)
    assert {file.name: file.read_bytes() for file in folder.iterdir()} == FILES
    assert hub.names_fetched == FILES.keys()
    assert find_local(ID) == folder
    assert find_all_local() == (ID,)


def test_progress_ends_with_all_bytes(hub: FakeHub) -> None:
    updates: list[DownloadProgress] = []
    download(ID, on_progress=updates.append)
    total = sum(len(content) for content in FILES.values())
    assert updates[-1] == DownloadProgress(total, total)
    counts = [progress.done_bytes for progress in updates]
    assert counts == sorted(counts)


def test_a_second_download_requests_the_list_of_files_only(hub: FakeHub) -> None:
    folder = download(ID)
    hub.requests.clear()
    assert download(ID) == folder
    assert [request.path for request in hub.requests] == [f"/api/models/{ID}/revision/main"]


def test_a_new_commit_is_fetched_where_it_differs(hub: FakeHub) -> None:
    old = download(ID)
    hub.requests.clear()
    hub.add_model(ID, FILES | {"preprocessor_config.json": b"{}"})
    new = download(ID)
    assert new != old
    assert hub.names_fetched == {"preprocessor_config.json"}
    assert (find_local(ID), find_local(ID, old.name)) == (new, old)


def test_a_commit_that_is_in_the_cache_needs_no_request(hub: FakeHub) -> None:
    folder = download(ID)
    hub.requests.clear()
    assert download(ID, revision=folder.name) == folder
    assert hub.requests == []


@pytest.mark.parametrize("name", ["../../etc", "a/b/c", "", "a--b/c", "-x", "owner/na me", "./models/x"])
def test_an_invalid_name_reaches_neither_network_nor_disk(hub: FakeHub, name: str) -> None:
    with pytest.raises(ModelNotFoundError, match="look like owner/name"):
        download(name)
    assert find_local(name) is None
    assert hub.requests == []


@pytest.mark.parametrize("variable", ["HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE"])
def test_offline_uses_the_cache_and_sends_no_request(
    hub: FakeHub, variable: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("HF_HUB_OFFLINE")
    monkeypatch.setenv(variable, "1")
    with pytest.raises(HubUnreachableError, match="forbids"):
        download(ID)
    assert hub.requests == []
    monkeypatch.setenv(variable, "0")
    folder = download(ID)
    monkeypatch.setenv(variable, "1")
    hub.requests.clear()
    assert download(ID) == folder
    assert hub.requests == []


def test_two_downloads_of_a_model_do_not_mix(hub: FakeHub) -> None:
    second: list[Exception] = []

    def try_a_second(progress: DownloadProgress) -> None:
        if not second:
            try:
                download(ID)
            except DownloadBusyError as error:
                second.append(error)

    download(ID, on_progress=try_a_second)
    assert "is being downloaded already" in str(second[0])
    assert download(ID) == find_local(ID)

"""Failures of network, hub and disk: one sentence each."""

import errno
import shutil
import socket
from pathlib import Path

import pytest

from genre_app.errors import (
    HubUnreachableError,
    ModelForbiddenError,
    ModelNotFoundError,
    ModelStorageError,
    ModelUnavailableError,
)
from genre_app.models.hub import download
from tests.models.hub.fake_hub import ID, WEIGHTS, FakeHub


@pytest.mark.parametrize(
    ("status", "code", "kind", "says"),
    [
        (404, "RepoNotFound", ModelNotFoundError, "check the spelling"),
        (404, "RevisionNotFound", ModelNotFoundError, "no such revision"),
        (401, "RepoNotFound", ModelForbiddenError, "check the spelling or, if it is private, set HF_TOKEN"),
        (403, "GatedRepo", ModelForbiddenError, "accepted its terms"),
        (503, "", HubUnreachableError, "answers with error 503"),
        (429, "", HubUnreachableError, "answers with error 429"),
    ],
)
def test_a_refusal_is_one_sentence(
    hub: FakeHub, status: int, code: str, kind: type[ModelUnavailableError], says: str
) -> None:
    hub.fail_with(status=status, code=code)
    with pytest.raises(kind, match=says) as caught:
        download(ID)
    assert "\n" not in str(caught.value)
    assert caught.value.__cause__ is not None
    assert len(hub.requests) == 1, "it is not tried again and again"


def test_an_unknown_name_is_not_found(hub: FakeHub) -> None:
    with pytest.raises(ModelNotFoundError, match="knows no model called 'someone/tiny-genre'"):
        download("someone/tiny-genre")


def test_a_refused_connection_fails_at_once(hub: FakeHub, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        monkeypatch.setenv("HF_ENDPOINT", f"http://127.0.0.1:{free.getsockname()[1]}")
        monkeypatch.setattr("genre_app.models.hub.remote.ANSWER_S", 3600.0)
        monkeypatch.setattr("time.sleep", lambda _: pytest.fail("it is tried again"))
        with pytest.raises(HubUnreachableError, match="check the network"):
            download(ID)


def test_a_login_page_is_not_taken_for_a_hub(hub: FakeHub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tests.models.hub.fake_hub.json.dumps", lambda _answer: "<html>Please log in</html>")
    with pytest.raises(HubUnreachableError, match="Something other than the model hub answers"):
        download(ID)


@pytest.mark.parametrize("address", ["no-scheme", "http://", "http://[::1"])
def test_an_invalid_address_is_unreachable(hub: FakeHub, address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_ENDPOINT", address)
    with pytest.raises(HubUnreachableError):
        download(ID)


def test_a_full_disk_is_noticed_before_the_weights(hub: FakeHub, monkeypatch: pytest.MonkeyPatch) -> None:
    usage = shutil.disk_usage("/")
    monkeypatch.setattr("shutil.disk_usage", lambda _: usage._replace(free=1_000))
    with pytest.raises(ModelStorageError, match="There is no room for"):
        download(ID)
    assert WEIGHTS not in hub.names_fetched


def test_a_disk_that_fills_up_is_one_sentence(hub: FakeHub, monkeypatch: pytest.MonkeyPatch) -> None:
    def replace(_source: Path, _target: Path) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Path, "replace", replace)
    with pytest.raises(ModelStorageError, match=r"No space left on device\. Make room"):
        download(ID)


def test_a_folder_that_cannot_be_made_is_one_sentence(
    hub: FakeHub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path / "file" / "hub"))
    with pytest.raises(ModelStorageError, match="set HF_HOME to a folder that can be written"):
        download(ID)

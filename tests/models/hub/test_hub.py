import errno
import json
import os
import shutil
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import huggingface_hub
import pytest

from genre_app.errors import (
    CancelledError,
    DamagedDownloadError,
    DownloadBusyError,
    DownloadInterruptedError,
    HubUnreachableError,
    ModelForbiddenError,
    ModelNotFoundError,
    ModelStorageError,
    ModelUnavailableError,
    UnsuitableModelError,
)
from genre_app.models.hub import DownloadProgress, download, find_all_local, find_local
from genre_app.models.hub.remote import answered
from tests.models.hub.fake_hub import FILES, NOT_WANTED, FakeHub
from tests.paths import ROOT

ID = "somebody/tiny-genres"
WEIGHTS = "model.safetensors"
SIZE = len(FILES[WEIGHTS])


@pytest.fixture
def hub(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeHub]:
    with FakeHub() as hub:
        for name, value in hub.environment(tmp_path).items():
            monkeypatch.setenv(name, value)
        hub.add_model(ID, FILES | NOT_WANTED)
        yield hub


def blobs(home: Path) -> set[int]:
    """Sizes of what lies in the cache."""
    return {file.stat().st_size for file in home.glob("hub/models--*/blobs/*")}


def test_a_download_brings_what_is_needed_and_nothing_else(hub: FakeHub) -> None:
    folder = download(ID)
    assert {file.name: file.read_bytes() for file in folder.iterdir()} == FILES
    assert hub.names_fetched == FILES.keys()
    assert find_local(ID) == folder
    assert find_all_local() == (ID,)


def test_a_download_lies_where_other_programs_look(hub: FakeHub, tmp_path: Path) -> None:
    folder = download(ID)
    cache = tmp_path / "hub"
    for name in FILES:
        assert huggingface_hub.try_to_load_from_cache(ID, name, cache_dir=cache) == str(folder / name)
    local = huggingface_hub.snapshot_download(ID, cache_dir=cache, local_files_only=True)
    assert Path(local) == folder
    (repository,) = huggingface_hub.scan_cache_dir(cache).repos
    assert (repository.repo_id, repository.nb_files) == (ID, len(FILES))


def test_the_user_s_token_is_sent(hub: FakeHub) -> None:
    download(ID)
    assert {request.token for request in hub.requests} == {"Bearer hf_test"}


def test_progress_ends_with_all_bytes(hub: FakeHub) -> None:
    told: list[DownloadProgress] = []
    download(ID, on_progress=told.append)
    total = sum(len(content) for content in FILES.values())
    assert told[-1] == DownloadProgress(total, total)
    counts = [progress.done_bytes for progress in told]
    assert counts == sorted(counts)


def test_a_second_download_asks_what_is_new_and_fetches_nothing(hub: FakeHub) -> None:
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


def test_a_pinned_commit_that_is_here_asks_nobody(hub: FakeHub) -> None:
    folder = download(ID)
    hub.requests.clear()
    assert download(ID, revision=folder.name) == folder
    assert hub.requests == []


def test_a_broken_download_goes_on_where_it_stopped(hub: FakeHub) -> None:
    hub.fail_with(breaks_off_after=200_000)
    with pytest.raises(DownloadInterruptedError, match="try again, and it goes on from where it stopped"):
        download(ID)
    assert find_local(ID) is None
    hub.recover()
    told: list[DownloadProgress] = []
    folder = download(ID, on_progress=told.append)
    assert (folder / WEIGHTS).read_bytes() == FILES[WEIGHTS]
    assert hub.fetched(WEIGHTS) == [0, 200_000]
    assert told[-1].done_bytes == told[-1].total_bytes


def test_a_server_that_cannot_go_on_sends_all_of_it_again(hub: FakeHub) -> None:
    hub.fail_with(breaks_off_after=200_000)
    with pytest.raises(DownloadInterruptedError):
        download(ID)
    hub.fail_with(ignores_ranges=True)
    told: list[DownloadProgress] = []
    folder = download(ID, on_progress=told.append)
    assert (folder / WEIGHTS).read_bytes() == FILES[WEIGHTS]
    assert told[-1].done_bytes == told[-1].total_bytes


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


def test_a_cancelled_download_stops_and_keeps_what_came(hub: FakeHub) -> None:
    cancel = threading.Event()

    def stop_in_the_weights(progress: DownloadProgress) -> None:
        if progress.done_bytes > 1000:
            cancel.set()

    with pytest.raises(CancelledError):
        download(ID, on_progress=stop_in_the_weights, cancel=cancel)
    assert find_local(ID) is None
    download(ID)
    assert 0 < hub.fetched(WEIGHTS)[1] < SIZE


def test_a_killed_download_does_not_count_and_goes_on(hub: FakeHub, tmp_path: Path) -> None:
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
    with pytest.raises(ModelNotFoundError, match="knows no model called 'somebody/tiny-genre'"):
        download("somebody/tiny-genre")


@pytest.mark.parametrize("name", ["../../etc", "a/b/c", "", "a--b/c", "-x", "owner/na me", "./models/x"])
def test_what_cannot_be_a_name_reaches_neither_network_nor_disk(hub: FakeHub, name: str) -> None:
    with pytest.raises(ModelNotFoundError, match="look like owner/name"):
        download(name)
    assert find_local(name) is None
    assert hub.requests == []


def test_a_revision_cannot_leave_the_cache(hub: FakeHub) -> None:
    download(ID)
    assert find_local(ID, "../refs/main") is None
    with pytest.raises(ModelNotFoundError, match="no name of a revision"):
        download(ID, revision="../x")


def test_a_refused_connection_fails_at_once(hub: FakeHub, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        monkeypatch.setenv("HF_ENDPOINT", f"http://127.0.0.1:{free.getsockname()[1]}")
        monkeypatch.setattr("genre_app.models.hub.remote.ANSWER_S", 3600.0)
        monkeypatch.setattr("time.sleep", lambda _: pytest.fail("it is tried again"))
        with pytest.raises(HubUnreachableError, match="check the network"):
            download(ID)


def test_a_hub_that_hangs_is_asked_once_and_given_up_within_ten_seconds(
    hub: FakeHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    waited_s = 0.0

    def look_at_the_clock() -> float:
        """Let a second pass with each look, from when the hub was asked."""
        nonlocal waited_s
        waited_s += bool(hub.requests)
        return waited_s

    monkeypatch.setattr("genre_app.models.hub.remote.time", SimpleNamespace(monotonic=look_at_the_clock))
    hub.fail_with(hangs=True)
    with pytest.raises(HubUnreachableError, match="check the network"):
        download(ID)
    assert len(hub.requests) == 1
    assert 5 < waited_s < 10


def test_a_hub_that_stalls_in_the_middle_is_given_up(hub: FakeHub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("genre_app.models.hub.remote.ANSWER_S", 4.0)  # a busy machine needs some for what does come
    hub.fail_with(stalls_after=100_000)
    with pytest.raises(DownloadInterruptedError, match="goes on from where it stopped"):
        download(ID)
    hub.recover()
    download(ID)
    assert hub.fetched(WEIGHTS) == [0, 100_000]


def test_a_name_look_up_that_hangs_is_given_up(hub: FakeHub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("genre_app.models.hub.remote.ANSWER_S", 0.3)
    never = threading.Event()
    monkeypatch.setattr("socket.getaddrinfo", lambda *_, **__: never.wait(10))
    with pytest.raises(HubUnreachableError, match="check the network"):
        download(ID)
    never.set()


def test_a_hanging_hub_can_be_cancelled(hub: FakeHub) -> None:
    hub.fail_with(hangs=True)
    cancel = threading.Event()
    cancel.set()
    with pytest.raises(CancelledError):
        download(ID, cancel=cancel)


def test_a_login_page_is_no_hub(hub: FakeHub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tests.models.hub.fake_hub.json.dumps", lambda _answer: "<html>Please log in</html>")
    with pytest.raises(HubUnreachableError, match="Something other than the model hub answers"):
        download(ID)


@pytest.mark.parametrize("address", ["no-scheme", "http://", "http://[::1"])
def test_an_address_that_is_none_is_unreachable(hub: FakeHub, address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_ENDPOINT", address)
    with pytest.raises(HubUnreachableError):
        download(ID)


@pytest.mark.parametrize("variable", ["HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE"])
def test_offline_uses_what_is_here_and_asks_nobody(
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


@pytest.mark.parametrize(
    ("files", "says"),
    [
        ({name: FILES[name] for name in FILES if name != "config.json"}, "it has no file config.json"),
        ({name: FILES[name] for name in FILES if name != "preprocessor_config.json"}, "no file preprocessor_config"),
        ({name: FILES[name] for name in FILES if name != WEIGHTS} | NOT_WANTED, "no weights in the safetensors format"),
        (FILES | {"config.json": b'{"architectures": ["LlamaForCausalLM"]}'}, "sorts sounds into classes"),
        (FILES | {"config.json": b"[]"}, "config.json cannot be read"),
        (FILES | {"config.json": b"{"}, "config.json cannot be read"),
        ({}, "it has no file config.json"),
    ],
)
def test_what_is_no_audio_classifier_is_refused_before_its_weights_are_fetched(
    hub: FakeHub, files: dict[str, bytes], says: str
) -> None:
    hub.add_model("somebody/else", files)
    with pytest.raises(UnsuitableModelError, match=says):
        download("somebody/else")
    assert WEIGHTS not in hub.names_fetched


def test_split_weights_count_only_when_all_are_here(hub: FakeHub, tmp_path: Path) -> None:
    names = ("model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors")
    index = json.dumps({"weight_map": {"a": names[0], "b": names[1]}}).encode()
    described = {name: FILES[name] for name in FILES if name != WEIGHTS}
    weights = {name: name.encode() for name in names}
    hub.add_model(ID, described | weights | {"model.safetensors.index.json": index})
    folder = download(ID)
    assert {file.name for file in folder.iterdir()} == {*described, *weights, "model.safetensors.index.json"}
    assert find_local(ID) == folder
    (folder / names[1]).unlink()
    assert find_local(ID) is None


def test_an_index_cannot_name_files_outside(hub: FakeHub, tmp_path: Path) -> None:
    described = {name: FILES[name] for name in FILES if name != WEIGHTS}
    index = json.dumps({"weight_map": {"a": "../../../stray.safetensors"}}).encode()
    hub.add_model(ID, described | {"model.safetensors.index.json": index, "../../../stray.safetensors": b"x"})
    with pytest.raises(UnsuitableModelError, match=r"index\.json cannot be read"):
        download(ID)
    assert list(tmp_path.rglob("stray*")) == []


def test_a_pickle_is_taken_only_from_the_one_known_model_at_the_pinned_commit(
    hub: FakeHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    maest = "mtg-upf/discogs-maest-30s-pw-129e"
    files = {name: FILES[name] for name in FILES if name != WEIGHTS} | {"pytorch_model.bin": b"a pickle"}
    commit = hub.add_model(maest, files)
    with pytest.raises(UnsuitableModelError, match="safetensors"):
        download(maest)
    monkeypatch.setenv("GENRE_MAEST_REVISION", commit)
    assert (download(maest) / "pytorch_model.bin").read_bytes() == b"a pickle"
    assert find_local(maest) == find_local(maest, commit)
    other = hub.add_model(ID, files)
    monkeypatch.setenv("GENRE_MAEST_REVISION", other)
    with pytest.raises(UnsuitableModelError, match="safetensors"):
        download(ID)
    monkeypatch.setenv("GENRE_MAEST_REVISION", "0" * 40)
    assert find_local(maest) is None


def test_absent_and_partial_models_are_not_found(hub: FakeHub, tmp_path: Path) -> None:
    assert find_local(ID) is None
    folder = download(ID)
    for name in FILES:
        (folder / name).rename(tmp_path / name)
        assert find_local(ID) is None
        (tmp_path / name).rename(folder / name)
    assert find_local(ID) == folder
    shutil.rmtree(folder.parents[1] / "blobs")
    assert find_local(ID) is None


def test_a_download_replaces_links_whose_files_are_gone(hub: FakeHub) -> None:
    folder = download(ID)
    shutil.rmtree(folder.parents[1] / "blobs")
    assert download(ID) == folder
    assert find_local(ID) == folder


def test_where_links_cannot_be_made_files_are_copied(hub: FakeHub, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_args: object) -> None:
        raise OSError(errno.EPERM, "a privilege is not held")

    monkeypatch.setattr(Path, "symlink_to", refuse)
    folder = download(ID)
    assert {file.name: file.read_bytes() for file in folder.iterdir()} == FILES
    assert not any(file.is_symlink() for file in folder.iterdir())


def test_looking_for_a_model_reads_no_weights_and_asks_nobody(hub: FakeHub) -> None:
    weights = (download(ID) / WEIGHTS).resolve()
    hub.requests.clear()
    os.truncate(weights, 2**42)  # nothing but a size; to read it would take longer than a test may
    assert find_local(ID)
    assert hub.requests == []


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


@pytest.mark.parametrize(
    ("variables", "place"),
    [
        ({"HF_HUB_CACHE": "{home}/a"}, "a"),
        ({"HUGGINGFACE_HUB_CACHE": "{home}/b"}, "b"),
        ({"HF_HOME": "{home}/c"}, "c/hub"),
        ({"XDG_CACHE_HOME": "{home}/d"}, "d/huggingface/hub"),
        ({"HF_HOME": "~/e"}, "e/hub"),
        ({}, ".cache/huggingface/hub"),
    ],
)
def test_the_cache_is_where_huggingface_hub_has_it(variables: dict[str, str], place: str, tmp_path: Path) -> None:
    code = (
        "from genre_app.models.hub.cache import cache_dir; import sys; ours = cache_dir();"
        "assert 'huggingface_hub' not in sys.modules;"
        "from huggingface_hub.constants import HF_HUB_CACHE; print(ours); print(HF_HUB_CACHE)"
    )
    given = {name: value.format(home=tmp_path) for name, value in variables.items()}
    run = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env={"HOME": str(tmp_path), "PATH": "", **given},
        capture_output=True,
        text=True,
        check=True,
    )
    assert run.stdout.split() == [str(tmp_path / place)] * 2


def test_an_answer_that_nobody_waits_for_any_more_is_put_away() -> None:
    cancel, may_answer, put_away = threading.Event(), threading.Event(), threading.Event()
    discarded: list[str] = []

    def question() -> str:
        assert may_answer.wait(10)
        return "a connection"

    def discard(answer: str) -> None:
        discarded.append(answer)
        put_away.set()

    cancel.set()
    with pytest.raises(CancelledError):
        answered(question, cancel, discard=discard)
    may_answer.set()
    assert put_away.wait(10)
    assert discarded == ["a connection"]

"""Models on this machine: found where huggingface_hub keeps them, and only when complete."""

import errno
import os
import shutil
import subprocess
import sys
from pathlib import Path

import huggingface_hub
import pytest

from genre_app.errors import ModelNotFoundError
from genre_app.models.hub import download, find_local
from tests.models.hub.fake_hub import FILES, ID, WEIGHTS, FakeHub
from tests.paths import ROOT


def test_a_download_lies_where_other_programs_look(hub: FakeHub, tmp_path: Path) -> None:
    folder = download(ID)
    cache = tmp_path / "hub"
    for name in FILES:
        assert huggingface_hub.try_to_load_from_cache(ID, name, cache_dir=cache) == str(folder / name)
    local = huggingface_hub.snapshot_download(ID, cache_dir=cache, local_files_only=True)
    assert Path(local) == folder
    (repository,) = huggingface_hub.scan_cache_dir(cache).repos
    assert (repository.repo_id, repository.nb_files) == (ID, len(FILES))


def test_a_revision_cannot_leave_the_cache(hub: FakeHub) -> None:
    download(ID)
    assert find_local(ID, "../refs/main") is None
    with pytest.raises(ModelNotFoundError, match="no name of a revision"):
        download(ID, revision="../x")


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


def test_finding_a_model_reads_no_weights_and_sends_no_request(hub: FakeHub) -> None:
    weights = (download(ID) / WEIGHTS).resolve()
    hub.requests.clear()
    os.truncate(weights, 2**42)  # nothing but a size; to read it would take longer than a test may
    assert find_local(ID)
    assert hub.requests == []


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
def test_the_cache_folder_is_that_of_huggingface_hub(variables: dict[str, str], place: str, tmp_path: Path) -> None:
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
